//! How good the data are, as one number from 0 to 100.
//!
//! Score of a resource: the mean over its rules of the share of rows that satisfy each, weighted by severity (error 5,
//! warning 2, info 1), times 100. Score of several resources: the mean of theirs, weighted by their rows.

use crate::declare::RuleSeverity;

/// What one rule found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    pub severity: RuleSeverity,
    /// Rows the rule looked at.
    pub checked: u64,
    pub failed: u64,
}

impl Finding {
    /// Share of the rows (0 to 1) that satisfy the rule; all of none.
    pub fn share(&self) -> f64 {
        if self.checked == 0 {
            1.0
        } else {
            1.0 - self.failed.min(self.checked) as f64 / self.checked as f64
        }
    }

    /// Whether no more fail than may.
    pub fn passes(&self, allowed: f64) -> bool {
        self.failed as f64 <= allowed * self.checked as f64
    }
}

/// Score of a resource, 0 to 100; `None` without a rule that was measured.
pub fn of_resource(findings: &[Finding]) -> Option<f64> {
    let weights: f64 = findings.iter().map(|finding| finding.severity.weight()).sum();
    let good: f64 = findings.iter().map(|finding| finding.severity.weight() * finding.share()).sum();
    (weights > 0.0).then(|| 100.0 * good / weights)
}

/// Score of several resources from (score, rows) of each. Empty ones count as one row, so that they are not lost.
pub fn of_several(scores: impl IntoIterator<Item = (f64, u64)>) -> Option<f64> {
    let (sum, rows) = scores.into_iter().fold((0.0, 0.0), |(sum, all), (score, rows)| {
        let rows = rows.max(1) as f64;
        (sum + score * rows, all + rows)
    });
    (rows > 0.0).then(|| sum / rows)
}
