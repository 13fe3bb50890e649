//! How models hang together, from left to right: the tables they read, then each model behind what it reads.
//! The table below the drawing says the same in words.

use std::collections::BTreeMap;

use desk::model::{ModelState, ModelView};

use crate::frame::Frame;
use crate::html::{Html, escape};

const WIDTH: usize = 190;
const GAP: usize = 70;
const HEIGHT: usize = 34;
const ROW: usize = 46;
const MARGIN: usize = 8;
/// Halves of a Chinese character that fit into a box.
const FITS: usize = 24;
/// Beyond, a drawing says less than the table.
const MOST: usize = 120;

struct Node {
    title: String,
    class: &'static str,
    depth: usize,
    row: usize,
}

/// The drawing; nothing where there is nothing to draw, or too much.
pub(super) fn draw(f: &Frame, models: &[ModelView], title: &dyn Fn(&str) -> String) -> Html {
    let mut nodes: BTreeMap<String, Node> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    for model in models {
        for read in &model.reads {
            let known = nodes.contains_key(read) || models.iter().any(|other| other.id == *read);
            if !known {
                order.push(read.clone());
                nodes.insert(
                    read.clone(),
                    Node {
                        title: title(read),
                        class: "read",
                        depth: 0,
                        row: 0,
                    },
                );
            }
        }
        // Models come in an order in which what they read is known before.
        let depth = 1 + model
            .reads
            .iter()
            .filter_map(|read| nodes.get(read))
            .map(|node| node.depth)
            .max()
            .unwrap_or(0);
        order.push(model.id.clone());
        nodes.insert(
            model.id.clone(),
            Node {
                title: f.text(&model.title).to_owned(),
                class: class(&model.state),
                depth,
                row: 0,
            },
        );
    }
    if models.is_empty() || nodes.len() > MOST {
        return Html::default();
    }
    let mut heights: BTreeMap<usize, usize> = BTreeMap::new();
    for id in &order {
        if let Some(node) = nodes.get_mut(id) {
            let height = heights.entry(node.depth).or_default();
            node.row = *height;
            *height += 1;
        }
    }
    let tallest = heights.values().copied().max().unwrap_or(1);
    let deepest = heights.keys().copied().max().unwrap_or(0);
    let (width, height) = (2 * MARGIN + deepest * (WIDTH + GAP) + WIDTH, 2 * MARGIN + tallest * ROW);
    // Shorter columns stand in the middle.
    let place = |node: &Node| {
        let own = heights.get(&node.depth).copied().unwrap_or(1);
        (
            MARGIN + node.depth * (WIDTH + GAP),
            MARGIN + node.row * ROW + (tallest - own) * ROW / 2,
        )
    };
    let mut out = format!(
        "<svg class=\"flow\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{}\">",
        escape(&f.t1("models-graph", &("n", models.len())))
    );
    for model in models {
        let Some((x, y)) = nodes.get(&model.id).map(place) else { continue };
        for (from_x, from_y) in model.reads.iter().filter_map(|read| nodes.get(read)).map(place) {
            let (start, end, middle) = (from_x + WIDTH, x, (from_x + WIDTH + x) / 2);
            let (from, to) = (from_y + HEIGHT / 2, y + HEIGHT / 2);
            out.push_str(&format!(
                "<path class=\"edge\" d=\"M{start} {from}C{middle} {from} {middle} {to} {end} {to}\"/>"
            ));
        }
    }
    for node in order.iter().filter_map(|id| nodes.get(id)) {
        let (x, y) = place(node);
        out.push_str(&format!(
            "<g class=\"node {}\"><title>{}</title><rect x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"5\"/><text x=\"{}\" y=\"{}\">{}</text></g>",
            node.class,
            escape(&node.title),
            x + 10,
            y + HEIGHT / 2 + 5,
            escape(&short(&node.title)),
        ));
    }
    out.push_str("</svg>");
    Html(out)
}

fn class(state: &ModelState) -> &'static str {
    match state {
        ModelState::Fresh => "good",
        ModelState::Failed | ModelState::Broken => "wrong",
        ModelState::Blocked(_) | ModelState::Changed => "late",
        ModelState::Running => "calm",
        ModelState::Never | ModelState::Waiting(_) => "none",
    }
}

/// As much of a title as fits into a box.
fn short(title: &str) -> String {
    let (mut out, mut taken) = (String::new(), 0);
    for c in title.chars() {
        taken += data::diagnostic::width(c);
        if taken > FITS {
            out.push('…');
            break;
        }
        out.push(c);
    }
    out
}
