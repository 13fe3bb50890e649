//! Every address of the site, so that no page spells one itself.

/// Escapes one path segment or query value.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte as char),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

pub fn resource(id: &str) -> String {
    format!("/catalog/{}", encode(id))
}

pub fn system(id: &str) -> String {
    format!("/systems/{}", encode(id))
}

pub fn run(id: &str) -> String {
    format!("/runs/{}", encode(id))
}

/// A table made from a SELECT, by `layer.name`.
pub fn model(id: &str) -> String {
    format!("/models/{}", encode(id))
}

/// Where a column comes from and what hangs on it; the table as `layer.name`.
pub fn lineage(table: &str, column: &str) -> String {
    format!("/lineage/{}/{}", encode(table), encode(column))
}

/// A declared figure (指标).
pub fn figure(id: &str) -> String {
    format!("/figures/{}", encode(id))
}

/// A panel of a board, put to question.
pub fn panel(board: &str, panel: &str) -> String {
    format!("/boards/{}/{}", encode(board), encode(panel))
}

/// A register (基础库).
pub fn register(id: &str) -> String {
    format!("/registers/{}", encode(id))
}

/// An entity of a register.
pub fn entity(register: &str, id: &str) -> String {
    format!("{}/entities/{}", self::register(register), encode(id))
}

/// Two records side by side.
pub fn pair(register: &str, left: &str, right: &str) -> String {
    with(&format!("{}/pair", self::register(register)), &[("left", left), ("right", right)])
}

/// Contradicted values of one field of one source.
pub fn conflicts(register: &str, source: &str, field: &str) -> String {
    with(&format!("{}/conflicts", self::register(register)), &[("source", source), ("field", field)])
}

/// A proposed class and grade of an item.
pub fn grading(resource: &str, item: &str) -> String {
    format!("/grading/{}/{}", encode(resource), encode(item))
}

/// The differences of one delivery.
pub fn drift(id: &str) -> String {
    format!("/drift/{}", encode(id))
}

/// The page of a table that has rules: of a resource, or of a model by `layer.name`.
fn ruled(id: &str) -> String {
    if id.contains('.') { model(id) } else { resource(id) }
}

/// The section on quality of a resource's or model's page.
pub fn quality_of(id: &str) -> String {
    format!("{}#quality", ruled(id))
}

/// Where the rules of a resource are measured.
pub fn measure(id: &str) -> String {
    format!("{}/quality", ruled(id))
}

/// Where suggested rules of a resource are taken over.
pub fn rules(id: &str) -> String {
    format!("{}/rules", resource(id))
}

/// The rows that fail a rule.
pub fn failing(id: &str, rule: &str) -> String {
    format!("{}/quality/{}", ruled(id), encode(rule))
}

/// The form in which one of them is edited, opened from the rows of a rule where one is named.
pub fn edit(id: &str, row: &str, rule: &str) -> String {
    with(&format!("{}/edit/{}", resource(id), encode(row)), &[("rule", rule)])
}

/// An act in the log, by its number.
pub fn act(number: impl std::borrow::Borrow<u64>) -> String {
    format!("/log/acts/{}", number.borrow())
}

/// What the log calls an account.
pub fn account_subject(id: &str) -> String {
    format!("account/{id}")
}

/// An account, for those who see to accounts.
pub fn account(id: &str) -> String {
    format!("/accounts/{}", encode(id))
}

pub fn defect(id: &str) -> String {
    format!("/defects/{}", encode(id))
}

/// A correction that was made.
pub fn correction(id: &str) -> String {
    format!("/correction/{}", encode(id))
}

/// What changed in a resource between two points of its history.
pub fn changes(id: &str, from: &str, to: &str) -> String {
    with(&format!("{}/changes", resource(id)), &[("from", from), ("to", to)])
}

/// The history of one row, by the values of its key.
pub fn row(id: &str, key: &[(String, String)]) -> String {
    let values: Vec<(&str, &str)> = key.iter().map(|(_, value)| ("key", value.as_str())).collect();
    with(&format!("{}/row", resource(id)), &values)
}

/// A table as of a day or a moment.
pub fn as_of(id: &str, at: &str) -> String {
    with(&format!("{}/as-of", resource(id)), &[("at", at)])
}

/// Where a resource's data is asked for.
pub fn ask(resource: &str) -> String {
    format!("/resources/{}/request", encode(resource))
}

/// The same, to renew a grant.
pub fn renewal(resource: &str, grant: &str) -> String {
    with(&ask(resource), &[("renews", grant)])
}

/// A request for data.
pub fn request(id: &str) -> String {
    format!("/requests/{}", encode(id))
}

/// A grant of data.
pub fn node(id: &str) -> String {
    format!("/nodes/{}", encode(id))
}

/// The form in which another city is asked for a resource.
pub fn ask_node(node: &str, resource: &str) -> String {
    format!("/nodes/{}/ask/{}", encode(node), encode(resource))
}

pub fn node_request(id: &str) -> String {
    format!("/node-requests/{}", encode(id))
}

pub fn grant(id: &str) -> String {
    format!("/grants/{}", encode(id))
}

/// The receipt of an answer under a grant, by the number of its leaf.
pub fn receipt(leaf: impl std::borrow::Borrow<u64>) -> String {
    format!("/api/v1/receipts/{}", leaf.borrow())
}

/// An open dataset.
pub fn dataset(id: &str) -> String {
    format!("/open/datasets/{}", encode(id))
}

/// Where a restricted one is applied for.
pub fn apply(id: &str) -> String {
    format!("/open/datasets/{}/apply", encode(id))
}

/// An application for a restricted one.
pub fn access(id: &str) -> String {
    format!("/open/access/{}", encode(id))
}

/// A registered application of open data.
pub fn app(id: &str) -> String {
    format!("/open/applications/{}", encode(id))
}

/// Where something is said of one.
pub fn say_of(id: &str) -> String {
    with("/open/ask", &[("dataset", id)])
}

/// All that was said of one.
pub fn said_of(id: &str) -> String {
    with("/open/requests", &[("dataset", id)])
}

/// The newest version of one as a file, by its form's ending.
pub fn open_file(id: &str, ending: &str) -> String {
    format!("{}/files/{}.{ending}", dataset(id), encode(id))
}

/// An open dataset as a collection of OGC API – Features.
pub fn collection(id: &str) -> String {
    format!("/ogc/collections/{}", encode(id))
}

/// Its features.
pub fn features(id: &str) -> String {
    format!("{}/items", collection(id))
}

/// One of them.
pub fn feature(id: &str, number: u64) -> String {
    format!("{}/{number}", features(id))
}

/// How a dataset came to be open, for those who see to it.
pub fn opening(id: &str) -> String {
    format!("/openings/{}", encode(id))
}

/// The same for whom it was about.
pub fn my_receipt(leaf: impl std::borrow::Borrow<u64>) -> String {
    format!("/api/v1/me/receipts/{}", leaf.borrow())
}

/// A challenge to a reading.
pub fn challenge(id: &str) -> String {
    format!("/challenges/{}", encode(id))
}

pub fn district(code: &str) -> String {
    format!("/districts/{}", encode(code))
}

/// The resources of one department.
pub fn department(id: &str) -> String {
    with("/catalog", &[("department", id)])
}

/// Quarantined rows of one resource, run, or cause.
pub fn quarantine(filter: &[(&str, &str)]) -> String {
    with("/quarantine", filter)
}

/// The SQL console with a statement in it.
pub fn sql(statement: &str) -> String {
    with("/sql", &[("q", statement)])
}

/// A path with query parameters; empty values are left out.
pub fn with(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut out = path.to_owned();
    for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
        out.push(if out.contains('?') { '&' } else { '?' });
        out.push_str(&format!("{}={}", encode(name), encode(value)));
    }
    out
}

/// The pairs of a query string, decoded; at most 64 of them are looked at.
pub fn pairs(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|part| !part.is_empty())
        .take(64)
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decode(name), decode(value))
        })
        .collect()
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = bytes.get(at + 1..at + 3).and_then(|h| std::str::from_utf8(h).ok()).and_then(|h| u8::from_str_radix(h, 16).ok());
        match (byte, hex) {
            (b'%', Some(value)) => {
                out.push(value);
                at += 2;
            }
            (b'+', _) => out.push(b' '),
            _ => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// `next` when it is a path on this site; otherwise the home page. Keeps logins from being used to send people elsewhere.
pub fn local(next: &str) -> &str {
    let safe = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && next.len() <= 2000
        && next.bytes().all(|b| b.is_ascii_graphic());
    if safe { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded_again_and_strangers_are_refused() {
        let link = with("/catalog", &[("q", "空气 质量&+%"), ("page", ""), ("department", "a/b")]);
        let query = link.split_once('?').map(|(_, q)| q).unwrap_or_default();
        assert_eq!(pairs(query), [("q".into(), "空气 质量&+%".into()), ("department".into(), "a/b".into())]);
        assert_eq!(pairs("a=%zz&b=1+2&c"), [("a".into(), "%zz".into()), ("b".into(), "1 2".into()), ("c".into(), String::new())]);
        for bad in ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:1", "", "/a\nb"] {
            assert_eq!(local(bad), "/");
        }
        assert_eq!(local("/quarantine?code=a"), "/quarantine?code=a");
    }
}
