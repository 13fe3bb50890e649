//! Rules on the log of acts: what it is called, how it is signed, who cosigns it.

use super::super::Log;
use super::super::document::{Document, Note};
use super::super::read::Draft;

/// Longest name of a log, in bytes.
const ORIGIN_MAX: usize = 200;

pub(super) fn check(draft: &Draft<'_>, document: &Document<'_>, log: &Log) {
    if log.origin.as_ref().is_some_and(|origin| !is_name(origin)) {
        let note = Note::error("`origin` 不能为空、超过 200 字节，或含有空白、加号", "`origin` is empty, longer than 200 bytes, or has blanks or a plus sign");
        document.put("log.origin", note.help("例如 `city.example/log`", "for instance `city.example/log`"));
    }
    if log.signatures.is_empty() {
        let note = Note::error("`signatures` 是空的", "`signatures` is empty");
        document.put("log.signatures", note.help("写上 `ed25519`、`sm2` 或两者", "write `ed25519`, `sm2`, or both"));
    }
    if log.keep_days < Log::KEEP_DAYS_MIN {
        let note = Note::error("`keep_days` 少于 183", "`keep_days` is less than 183");
        document.put("log.keep_days", note.help("网络日志至少留存六个月", "logs are kept for six months at least, as the law asks"));
    }
    for (n, witness) in log.witness.iter().enumerate() {
        super::connector::written_to(draft, document, "log", &format!("witness.{n}.url"), &witness.url);
        if !is_key(&witness.key) {
            let note = Note::error("`key` 不是验证公钥", "`key` is no verifier key");
            let help = note.help("应为 `sanjiang log witness` 启动时打印的 `名称+哈希+公钥`", "it is the `name+hash+key` that `sanjiang log witness` prints at its start");
            document.put(&format!("log.witness.{n}.key"), help);
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= ORIGIN_MAX && !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

/// Name, eight hexadecimal digits, base64; the key itself is read where it is used.
fn is_key(text: &str) -> bool {
    let mut parts = text.splitn(3, '+');
    let (name, hash, key) = (parts.next(), parts.next(), parts.next());
    name.is_some_and(is_name)
        && hash.is_some_and(|hash| hash.len() == 8 && hash.bytes().all(|digit| digit.is_ascii_hexdigit()))
        && key.is_some_and(|key| key.len() >= 40 && key.bytes().all(|c| c.is_ascii_alphanumeric() || b"+/=".contains(&c)))
}
