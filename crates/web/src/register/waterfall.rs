//! The evidence about a pair as a waterfall: from the prior, piece by piece, to the sum that the threshold is held against.

use desk::register::{Evidence, PairView};

use super::Head;
use crate::frame::Frame;
use crate::html::Html;

/// More than this is drawn as this: beyond it nothing changes any more.
const BITS_MAX: f64 = 60.0;
const WIDTH: f64 = 1000.0;

/// One bar with its words.
pub(crate) struct Bar {
    pub title: String,
    /// What was compared, and how it was found.
    pub why: String,
    pub figure: String,
    pub svg: Html,
}

pub(crate) fn draw(f: &Frame, head: &Head, pair: &PairView) -> Vec<Bar> {
    let prior = whole(pair.prior_bits);
    let sum = pair.evidence.iter().fold(prior, |sum, piece| sum + whole(piece.bits));
    let scale = Scale::over(prior, pair);
    let mut bars = vec![Bar { title: f.t("pair-prior"), why: f.t("pair-prior-is"), figure: signed(f, prior), svg: scale.bar("sum", 0.0, prior) }];
    let mut at = prior;
    for piece in &pair.evidence {
        let bits = whole(piece.bits);
        let class = if bits < 0.0 { "against" } else { "for" };
        bars.push(Bar { title: f.text(&piece.title).to_owned(), why: why(f, head, piece), figure: signed(f, bits), svg: scale.bar(class, at, at + bits) });
        at += bits;
    }
    let cut = signed(f, whole(pair.threshold_bits));
    bars.push(Bar { title: f.t("pair-sum"), why: f.t1("pair-sum-is", &("bits", cut)), figure: signed(f, sum), svg: scale.bar("sum", 0.0, sum) });
    bars
}

fn why(f: &Frame, head: &Head, piece: &Evidence) -> String {
    let field = head.place(&piece.field);
    let said = |value: &Option<String>| head.said(f, field, value.as_deref()).unwrap_or_else(|| f.t("null"));
    let mut why = format!("{} | {} · {}", said(&piece.left), said(&piece.right), f.text(&piece.level));
    if piece.frequency_bits.abs() >= 0.05 {
        why.push_str(" · ");
        why.push_str(&f.t1("pair-rarity", &("bits", signed(f, whole(piece.frequency_bits)))));
    }
    why
}

/// Bits that can be drawn and told.
pub(crate) fn whole(bits: f64) -> f64 {
    if bits.is_nan() { 0.0 } else { bits.clamp(-BITS_MAX, BITS_MAX) }
}

fn signed(f: &Frame, bits: f64) -> String {
    let sign = if bits < -0.049 { "−" } else if bits > 0.049 { "+" } else { "" };
    f.t1("pair-bits", &("n", format!("{sign}{:.1}", bits.abs())))
}

/// From bits to the width of the drawing.
struct Scale {
    from: f64,
    per: f64,
    cut: f64,
}

impl Scale {
    fn over(prior: f64, pair: &PairView) -> Scale {
        let cut = whole(pair.threshold_bits);
        let (mut low, mut high, mut at) = (prior.min(0.0).min(cut), prior.max(0.0).max(cut), prior);
        for piece in &pair.evidence {
            at += whole(piece.bits);
            low = low.min(at);
            high = high.max(at);
        }
        let room = (high - low).max(1.0) * 0.03;
        Scale { from: low - room, per: WIDTH / ((high - low).max(1.0) + 2.0 * room), cut }
    }

    fn x(&self, bits: f64) -> f64 {
        (bits - self.from) * self.per
    }

    fn bar(&self, class: &str, from: f64, to: f64) -> Html {
        let (left, right) = (self.x(from.min(to)), self.x(from.max(to)));
        Html(format!(
            "<svg viewBox=\"0 0 1000 24\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"{class}\" x=\"{left:.1}\" y=\"5\" width=\"{:.1}\" height=\"14\"/>\
             <path class=\"zero\" d=\"M{zero:.1} 0V24\"/><path class=\"cut\" d=\"M{cut:.1} 0V24\"/></svg>",
            (right - left).max(2.0),
            zero = self.x(0.0),
            cut = self.x(self.cut),
        ))
    }
}
