//! `/quarantine`, for staff: refused rows by cause, and each row as it was found with what is wrong in it.

pub(crate) mod correction;
pub(crate) mod file;
pub(crate) mod repair;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use desk::corrections::CorrectionView;
use desk::view::{Cause, QuarantineFilter, QuarantineRow, QuarantineView};

use kernel::Text;

use crate::app::App;
use crate::frame::{Answered, Frame, Place, Visit};
use crate::html::{Html, escape};
use crate::link;
use crate::paging::Paging;

/// Refused rows on one page.
const SIZE: u64 = 20;
/// Causes listed before one asks for all of them.
const CAUSES: usize = 20;
/// Corrections listed below them.
const CORRECTIONS: u64 = 10;

pub(crate) fn router() -> Router<App> {
    Router::new().route("/quarantine", get(show)).merge(repair::router()).merge(file::router()).merge(correction::router())
}

async fn show(State(_): State<App>, visit: Visit) -> Response {
    visit.answer(page(&visit).await)
}

/// What the address narrows the list to.
fn filter(visit: &Visit) -> QuarantineFilter {
    QuarantineFilter {
        resource: visit.chosen("resource"),
        system: visit.chosen("system"),
        code: visit.chosen("code"),
        item: visit.chosen("item"),
        run: visit.chosen("run"),
    }
}

async fn page(visit: &Visit) -> Answered<QuarantinePage> {
    let account = visit.staff()?;
    let filter = filter(visit);
    let view = visit.app.desk.quarantine(account, &filter, visit.page(), SIZE).await?;
    let f = visit.frame(Place::Quarantine, |say| say.t("quarantine-title"));
    let all_causes = visit.parameter("causes") == "all";
    let mended = visit.parameter("mended").parse().ok().map(|n| (n, visit.parameter("correction").to_owned()));
    let corrections = visit.app.desk.corrections(account, &filter, 1, CORRECTIONS).await?;
    let names = Names { item: &|resource, name| item_title(visit, resource, name), thing: &|id| thing_title(visit, id) };
    Ok(QuarantinePage { mended, ..QuarantinePage::new(f, filter, view, corrections, &names) }.with_causes(all_causes))
}

/// What an item is called in the reader's language; its name where the declaration has changed since.
fn item_title(visit: &Visit, resource: &str, name: &str) -> String {
    let city = visit.app.desk.city();
    let item = city.resources.get(resource).and_then(|r| r.items.iter().find(|item| item.name == name));
    item.map(|i| visit.say().pair(&i.title, &i.title_en).to_owned()).unwrap_or_else(|| name.to_owned())
}

/// What a resource or a system is called in the reader's language.
fn thing_title(visit: &Visit, id: &str) -> String {
    let city = visit.app.desk.city();
    let resource = city.resources.get(id).map(|r| (&r.title, &r.title_en));
    let titles = resource.or_else(|| city.systems.get(id).map(|s| (&s.title, &s.title_en)));
    titles.map(|(zh, en)| visit.say().pair(zh, en).to_owned()).unwrap_or_else(|| id.to_owned())
}

/// What declared things are called.
pub(crate) struct Names<'a> {
    /// An item, by resource and name.
    pub item: &'a dyn Fn(&str, &str) -> String,
    /// A resource or system, by id.
    pub thing: &'a dyn Fn(&str) -> String,
}

/// A group of refused rows with one reason.
pub(crate) struct CauseRow {
    pub cause: Cause,
    pub href: String,
    /// Where one value is given to all its rows; empty where the row as a whole is wrong.
    pub replace: String,
    pub chosen: bool,
}

/// One refused row.
pub(crate) struct Refused {
    pub row: QuarantineRow,
    /// The record as found, with what is wrong marked.
    pub text: Html,
    /// (item, what was found, what was expected and what to do).
    pub faults: Vec<(String, String, String)>,
    /// The original bytes, sixteen a line.
    pub hex: String,
}

#[derive(Template)]
#[template(path = "quarantine/quarantine.html")]
pub(crate) struct QuarantinePage {
    f: Frame,
    causes: Vec<CauseRow>,
    /// How many there are, and where all of them are listed; empty when they are.
    more_causes: (usize, String),
    rows: Vec<Refused>,
    total: u64,
    /// What the list is narrowed to: (word, value, address without it).
    narrowed: Vec<(String, String, String)>,
    /// The resource it is narrowed to: its rows can be had as a file, and brought back as one.
    resource: String,
    export: String,
    /// How many rows were just corrected, and by which correction.
    mended: Option<(u64, String)>,
    /// Why the reader does not see some values.
    hidden: Option<Text>,
    /// The newest corrections of what the page shows.
    corrections: Vec<CorrectionView>,
    paging: Paging,
}

impl QuarantinePage {
    pub(crate) fn new(f: Frame, filter: QuarantineFilter, view: QuarantineView, corrections: Vec<CorrectionView>, names: &Names) -> QuarantinePage {
        let system = filter.system.clone().unwrap_or_default();
        let run = filter.run.clone().unwrap_or_default();
        let cause = |cause: Cause| CauseRow {
            href: link::quarantine(&[
                ("resource", &cause.resource),
                ("code", &cause.code),
                ("item", &cause.item),
                ("system", &system),
                ("run", &run),
            ]),
            replace: match cause.item.as_str() {
                "" => String::new(),
                item => link::with("/quarantine/replace", &[("resource", &cause.resource), ("code", &cause.code), ("item", item), ("found", "")]),
            },
            chosen: filter.code.as_deref() == Some(&cause.code)
                && filter.item.as_deref().unwrap_or_default() == cause.item
                && filter.resource.as_deref() == Some(&cause.resource),
            cause,
        };
        let rows = &view.rows;
        QuarantinePage {
            more_causes: (view.causes.len(), with_all_causes(&filter)),
            narrowed: narrowed(&f, &filter, &view.causes, names),
            export: export_link(&filter),
            resource: filter.resource.clone().unwrap_or_default(),
            mended: None,
            hidden: view.hidden,
            corrections,
            paging: Paging::new(&f, rows.page, rows.size, rows.total),
            total: rows.total,
            rows: view.rows.entries.into_iter().map(|row| refused(&f, row, names.item)).collect(),
            causes: view.causes.into_iter().map(cause).collect(),
            f,
        }
    }
}

impl QuarantinePage {
    /// The commonest causes only, unless all are asked for.
    fn with_causes(mut self, all: bool) -> QuarantinePage {
        if all || self.causes.len() <= CAUSES {
            self.more_causes.1.clear();
        } else {
            self.causes.truncate(CAUSES);
        }
        self
    }
}

/// The same page with all its causes.
fn with_all_causes(filter: &QuarantineFilter) -> String {
    let part = |value: &Option<String>| value.clone().unwrap_or_default();
    let (resource, system, run) = (part(&filter.resource), part(&filter.system), part(&filter.run));
    link::with("/quarantine", &[("resource", &resource), ("system", &system), ("run", &run), ("causes", "all")])
}

/// The rows that the page shows, as a file.
fn export_link(filter: &QuarantineFilter) -> String {
    let part = |value: &Option<String>| value.clone().unwrap_or_default();
    let (resource, code, item, run) = (part(&filter.resource), part(&filter.code), part(&filter.item), part(&filter.run));
    link::with("/quarantine/export", &[("resource", &resource), ("code", &code), ("item", &item), ("run", &run)])
}

fn narrowed(f: &Frame, filter: &QuarantineFilter, causes: &[Cause], names: &Names) -> Vec<(String, String, String)> {
    let all = [
        ("system", f.t("system"), &filter.system),
        ("resource", f.t("resource"), &filter.resource),
        ("item", f.t("item"), &filter.item),
        ("code", f.t("quarantine-reason"), &filter.code),
        ("run", f.t("run"), &filter.run),
    ];
    let resource = filter.resource.as_deref().unwrap_or_default();
    let chosen = all.iter().filter_map(|(name, word, value)| value.as_deref().map(|value| (*name, word, value)));
    chosen
        .map(|(name, word, value)| {
            let others: Vec<(&str, &str)> =
                all.iter().filter(|(n, ..)| *n != name).filter_map(|(n, _, v)| v.as_deref().map(|v| (*n, v))).collect();
            let shown = match name {
                "item" => (names.item)(resource, value),
                "resource" | "system" => (names.thing)(value),
                "code" => causes.iter().find(|cause| cause.code == value).map_or(value.to_owned(), |cause| f.text(&cause.message).to_owned()),
                _ => value.to_owned(),
            };
            (word.clone(), shown, link::quarantine(&others))
        })
        .collect()
}

fn refused(f: &Frame, row: QuarantineRow, item: &dyn Fn(&str, &str) -> String) -> Refused {
    let fault = |fault: &data::standard::Fault| {
        let name = if fault.item.is_empty() { f.t("quarantine-row") } else { item(&row.resource, &fault.item) };
        (name, fault.found.clone(), f.text(&fault.message).to_owned())
    };
    let found: Vec<&str> = row.faults.iter().map(|fault| fault.found.as_str()).collect();
    Refused { text: pointed(&row.text, &found), faults: row.faults.iter().map(fault).collect(), hex: lines_of_hex(&row.bytes_hex), row }
}

/// The text with every value that is at fault marked.
fn pointed(text: &str, found: &[&str]) -> Html {
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let next = found.iter().filter(|v| !v.trim().is_empty()).filter_map(|v| rest.find(v).map(|at| (at, v.len()))).min_by_key(|(at, n)| (*at, usize::MAX - n));
        let Some((at, length)) = next else { break };
        let (before, from) = rest.split_at(at);
        let (value, after) = from.split_at(length);
        out.push_str(&format!("{}<mark>{}</mark>", escape(before), escape(value)));
        rest = after;
    }
    out.push_str(&escape(rest));
    Html(out)
}

/// Sixteen bytes a line, in pairs of digits.
fn lines_of_hex(hex: &str) -> String {
    let digits: Vec<char> = hex.chars().filter(char::is_ascii_hexdigit).take(8192).collect();
    let pairs: Vec<String> = digits.chunks(2).map(|pair| pair.iter().collect()).collect();
    pairs.chunks(16).map(|line| line.join(" ")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::{lines_of_hex, pointed};

    #[test]
    fn points_at_each_wrong_value_and_escapes_around_it() {
        assert_eq!(pointed("a<b,330,张三", &["330", ""]).0, "a&lt;b,<mark>330</mark>,张三");
        assert_eq!(pointed("1,12,1", &["12", "1"]).0, "<mark>1</mark>,<mark>12</mark>,<mark>1</mark>");
        assert_eq!(lines_of_hex(&"0a".repeat(17)).lines().count(), 2);
    }
}
