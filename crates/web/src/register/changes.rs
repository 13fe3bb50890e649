//! Changes of entities as sentences, with the way back where there is one.

use desk::register::{Change, ChangeKind};

use crate::frame::Frame;
use crate::html::{Html, escape};
use crate::link;

/// Records of a change that are named.
const NAMED: usize = 5;

/// One change as a line.
pub(crate) struct Line {
    pub when: Html,
    pub sentence: Html,
    pub cause: String,
    /// Records it concerned: source and key.
    pub records: String,
    /// Where it is taken back.
    pub undo: Option<String>,
}

pub(crate) fn lines(f: &Frame, register: &str, changes: &[Change], title: &dyn Fn(&str) -> String) -> Vec<Line> {
    changes.iter().map(|change| line(f, register, change, title)).collect()
}

fn line(f: &Frame, register: &str, change: &Change, title: &dyn Fn(&str) -> String) -> Line {
    let of = |id: &str| format!("<a href=\"{}\"><code>{}</code></a>", escape(&link::entity(register, id)), escape(id));
    let (entity, other) = (of(&change.entity), change.other.as_deref().map(of).unwrap_or_default());
    let sentence = match change.kind {
        ChangeKind::Created => f.t1("change-created", &("entity", entity)),
        ChangeKind::Merged => f.t2("change-merged", &("entity", entity), &("other", other)),
        ChangeKind::Split => f.t2("change-split", &("entity", entity), &("other", other)),
        ChangeKind::Moved => f.t2("change-moved", &("entity", entity), &("other", other)),
        ChangeKind::Ended => f.t1("change-ended", &("entity", entity)),
    };
    let named: Vec<String> = change.records.iter().take(NAMED).map(|(source, key)| format!("{} {key}", title(source))).collect();
    let mut records = named.join(&f.t("comma"));
    if change.records.len() > NAMED {
        records = f.t2("change-records", &("names", records), &("n", change.records.len()));
    }
    Line {
        when: f.when(change.at),
        sentence: Html(sentence),
        cause: if change.cause == "decision" { f.t("change-by-decision") } else { f.t("change-by-collect") },
        records,
        undo: matches!(change.kind, ChangeKind::Merged | ChangeKind::Split).then(|| format!("{}/changes/{}/undo", link::register(register), change.seq)),
    }
}
