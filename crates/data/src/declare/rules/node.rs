//! Rules on neighbours: who they are, by which keys they are known, and what the agreement opens to them.

use std::collections::HashMap;

use jiff::civil::Date;
use kernel::Text;

use super::super::Neighbour;
use super::super::read::{Declared, Draft};
use super::{Note, flawed, titles, unknown};
use crate::share::Channel;
use crate::standard::division;

/// Keys of one neighbour: the one that counts, and the next.
const KEYS_MOST: usize = 2;

pub(super) fn check(draft: &Draft<'_>) {
    let (mut divisions, mut keys) = (HashMap::new(), HashMap::new());
    for (id, declared) in &draft.nodes {
        one(draft, declared);
        let (document, node) = (&declared.document, &declared.value);
        if let Some(other) = divisions.insert(node.division.as_str(), id) {
            document.put("division", Note::error(format!("`{other}` 已使用此代码"), format!("`{other}` has this code already")));
        }
        for (n, key) in node.keys.iter().enumerate() {
            if let Some(other) = keys.insert(key.x.as_str(), id) {
                let note = Note::error(format!("公钥已在 `{other}` 中声明"), format!("the key is declared in `{other}` already"));
                document.put(&format!("key.{n}.x"), note);
            }
        }
    }
}

fn one(draft: &Draft<'_>, declared: &Declared<'_, Neighbour>) {
    let (document, node) = (&declared.document, &declared.value);
    titles(document, "", &node.title, &node.title_en);
    if let Err(flaw) = division::read(&node.division) {
        document.put("division", flawed("division", &flaw.message));
    }
    if draft.info.as_ref().is_some_and(|info| info.value.division == node.division) {
        document.put("division", Note::error("这是本市自己的代码", "this is the city's own code"));
    }
    let url = url::Url::parse(&node.url).ok();
    if !url.is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none() && url.username().is_empty()) {
        let note = Note::error("`url` 不是完整的网址", "`url` is no whole address");
        document.put("url", note.help("如 `https://brain.example.gov.cn`，不带参数和账号", "such as `https://brain.example.gov.cn`, without parameters or account"));
    }
    if node.agreement.trim().is_empty() {
        document.put("agreement", Note::error("`agreement` 是空的", "`agreement` is empty").help("写上协议名称和文号", "write the agreement's name and number"));
    }
    period(declared);
    for (n, department) in node.departments.iter().enumerate().filter(|(_, id)| !draft.departments.contains_key(*id)) {
        let names = draft.departments.keys().map(String::as_str);
        document.put(&format!("departments.{n}"), unknown(&Text::new("部门", "department"), department, names));
    }
    for (n, resource) in node.resources.iter().enumerate().filter(|(_, id)| !draft.resources.contains_key(*id)) {
        let names = draft.resources.keys().map(String::as_str);
        document.put(&format!("resources.{n}"), unknown(&Text::new("信息资源", "resource"), resource, names));
    }
    if node.channels.contains(&Channel::Subscribe) {
        document.put("channels", Note::error("城市之间没有订阅方式", "between cities there is no subscription").help("用 `batch` 取变化", "take changes by `batch`"));
    }
    keys(declared);
}

fn period(declared: &Declared<'_, Neighbour>) {
    let (document, node) = (&declared.document, &declared.value);
    let mut sound = true;
    for (name, day) in [("from", &node.from), ("until", &node.until)] {
        if day.parse::<Date>().map(|read| read.to_string()).ok().as_ref() != Some(day) {
            document.put(name, Note::error(format!("`{name}` 应为日期，如 `2026-01-31`"), format!("`{name}` is a day, such as `2026-01-31`")));
            sound = false;
        }
    }
    if sound && node.until < node.from {
        document.put("until", Note::error("协议在开始之前结束", "the agreement ends before it begins"));
    }
}

fn keys(declared: &Declared<'_, Neighbour>) {
    let (document, node) = (&declared.document, &declared.value);
    if node.keys.is_empty() || node.keys.len() > KEYS_MOST {
        let note = Note::error("应有一个 `[[key]]`，更换密钥期间两个", "there is one `[[key]]`, and while the key changes two");
        document.put("key", note.help("由对方运行 `sanjiang node show` 得到", "the other side prints it with `sanjiang node show`"));
    }
    for (n, key) in node.keys.iter().enumerate() {
        let fits = key.kty == "OKP" && key.crv == "Ed25519" && is_key(&key.x);
        if !fits {
            let note = Note::error("不是 Ed25519 公钥", "this is no Ed25519 key");
            document.put(&format!("key.{n}"), note.help("`kty = \"OKP\"`、`crv = \"Ed25519\"`、`x` 为 43 个 base64url 字符", "`kty = \"OKP\"`, `crv = \"Ed25519\"`, and `x` of 43 base64url letters"));
        }
    }
}

/// 32 bytes in base64url without padding: of the last letter four bits count, the others are nought.
fn is_key(x: &str) -> bool {
    let letters = x.len() == 43 && x.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    letters && x.ends_with(|last: char| "AEIMQUYcgkosw048".contains(last))
}
