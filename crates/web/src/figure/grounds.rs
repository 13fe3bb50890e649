//! What something that is shown stands on, ready for a page: its sources with freshness and quality, and its lineage.

use desk::figure::{FailingRule, Ground, Grounds};

use crate::frame::Frame;
use crate::html::Html;
use crate::lineage::{Row, row};
use crate::link;

/// Rules named for each source; the rest are counted.
const RULES_MAX: usize = 3;

/// Sources and lineage, ready to be shown.
pub(crate) struct Grounded {
    pub sources: Vec<Source>,
    pub steps: Vec<Row>,
    pub cut: bool,
}

/// A resource behind a figure.
pub(crate) struct Source {
    pub href: String,
    pub title: String,
    pub department: String,
    pub freshness: Html,
    pub collected: Html,
    pub rows: String,
    pub items: String,
    /// Quality, 0 to 100, as it is read; empty where nothing was measured.
    pub score: String,
    pub quality: String,
    /// (address, title, figures, whether it touches the figure) of rules that fail.
    pub failing: Vec<(String, String, String, bool)>,
    pub more: usize,
}

impl Grounded {
    pub(crate) fn new(f: &Frame, grounds: Grounds) -> Grounded {
        Grounded {
            sources: grounds.sources.iter().map(|ground| source(f, ground)).collect(),
            steps: grounds.steps.into_iter().map(|step| row(f, step)).collect(),
            cut: grounds.cut,
        }
    }
}

fn source(f: &Frame, ground: &Ground) -> Source {
    let rule = |rule: &FailingRule| {
        let href = match &rule.defect {
            Some(defect) if f.may("see.defects") => link::defect(defect),
            _ => link::quality_of(&ground.resource),
        };
        (href, f.text(&rule.title).to_owned(), f.percent(rule.failed, rule.checked), rule.touches)
    };
    Source {
        href: link::resource(&ground.resource),
        title: f.text(&ground.title).to_owned(),
        department: f.text(&ground.department_title).to_owned(),
        freshness: f.freshness_badge(ground.freshness),
        collected: f.maybe_when(&ground.last_collected),
        rows: f.int(ground.rows),
        items: ground.items.iter().map(|title| f.text(title)).collect::<Vec<_>>().join(&f.t("comma")),
        score: ground.score.map(|score| format!("{score:.1}")).unwrap_or_default(),
        quality: link::quality_of(&ground.resource),
        failing: ground.failing.iter().take(RULES_MAX).map(rule).collect(),
        more: ground.failing.len().saturating_sub(RULES_MAX),
    }
}
