//! Rules on catalogues that are harvested: one place to take it from, and a department that answers for it.

use kernel::Text;

use super::super::Catalogue;
use super::super::read::{Declared, Draft};
use super::{Note, titles, unknown};

pub(super) fn check(draft: &Draft<'_>, declared: &Declared<'_, Catalogue>) {
    let (document, catalogue) = (&declared.document, &declared.value);
    titles(document, "", &catalogue.title, &catalogue.title_en);
    if !draft.departments.contains_key(&catalogue.department) {
        let names = draft.departments.keys().map(String::as_str);
        document.put("department", unknown(&Text::new("部门", "department"), &catalogue.department, names));
    }
    match (&catalogue.url, &catalogue.file) {
        (Some(url), None) => {
            let fits = url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty());
            if !fits {
                let note = Note::error("`url` 不是完整的网址", "`url` is no whole address");
                document.put("url", note.help("如 `https://catalog.example.org`，不带账号", "such as `https://catalog.example.org`, without an account"));
            }
        }
        (None, Some(file)) => {
            let inside = !file.is_empty() && file.split('/').all(|part| !matches!(part, "" | "." | "..")) && !file.contains(['\\', ':']);
            if !inside {
                document.put("file", Note::error("`file` 应在城市目录之内", "`file` lies inside the city's folder"));
            }
        }
        _ => {
            let note = Note::error("应写 `url` 或 `file` 之一", "there is either `url` or `file`");
            document.put("url", note);
        }
    }
    for (name, bounds, value) in [("datasets", 1..=1_000_000, catalogue.datasets), ("largest_mib", 1..=1024, catalogue.largest_mib)] {
        if !bounds.contains(&value) {
            let (least, most) = (bounds.start(), bounds.end());
            document.put(name, Note::error(format!("应为 {least} 到 {most}"), format!("it is from {least} to {most}")));
        }
    }
    super::schedule::check(draft, document, catalogue.schedule.as_ref());
}
