//! Figures (指标): numbers declared once, worked out when what they count has changed, kept with their time, and open to
//! question: what they are made from, how fresh and how good that is, and which rows they count.

mod compile;
mod question;
mod refresh;
mod series;
mod view;

pub(crate) use compile::compile;
pub use compile::PlannedFigure;
pub(crate) use question::resources_behind;
pub use question::{FailingRule, FigureRows, Ground, Grounds, PanelQuestion};
pub use series::{Headline, Point, change, number};
pub use view::{Breakdown, FigureDetail, FigureView, Part};
pub(crate) use view::{hidden_text, labels};

/// The name of a cut where values are kept.
pub(crate) fn cut_name(by: &[String]) -> String {
    by.join("+")
}
