//! The columns and the size of a delivery, set beside what is declared and what came before.

use std::collections::HashSet;

use data::declare::{Contract, Item, Resource};
use kernel::{Text, nearest};

use super::shape::{Column, Form, Shape};
use super::{Difference, Kind, holds};
use crate::names::{match_items, match_positions};

/// Values a column must have before its form is judged: a few odd ones prove nothing.
const FEWEST_VALUES: u64 = 20;
/// Contents this much alike make a column the renamed one; the name alone must be near otherwise.
const ALIKE: f64 = 0.5;
/// Below this many rows of difference no size is out of band.
const FEWEST_ROWS: u64 = 100;

/// What differs in columns, forms of values, and form of the file. `before` is the delivery before, if there was one.
pub fn columns(resource: &Resource, before: Option<&Shape>, now: &Shape) -> Vec<Difference> {
    let Some(before) = before else { return Vec::new() };
    let contract = &resource.contract;
    let (old, new) = (Bound::of(resource, before), Bound::of(resource, now));
    let mut found = Vec::new();
    let gone: Vec<&Column> = before.columns.iter().filter(|column| now.column(&column.name).is_none()).collect();
    let mut added: Vec<&Column> = now.columns.iter().filter(|column| before.column(&column.name).is_none()).collect();
    for column in gone {
        let item = old.item(&column.name);
        if item.is_some_and(|item| new.has(item)) {
            // It comes under another name that the declaration knows.
            let known = item.and_then(|item| new.column(item, now));
            added.retain(|column| known.is_none_or(|known| known.name != column.name));
            continue;
        }
        let free = |candidate: &&&Column| !new.is_item(&candidate.name);
        let other = item.and_then(|item| successor(item, column, added.iter().filter(free).copied()));
        match (item, other) {
            (Some(item), Some(other)) => {
                found.push(renamed(contract, item, column, other));
                added.retain(|column| column.name != other.name);
            }
            (item, _) => found.push(gone_column(contract, item, column)),
        }
    }
    found.extend(added.into_iter().filter(|column| !new.is_item(&column.name)).map(|column| added_column(contract, column)));
    found.extend(resource.items.iter().filter_map(|item| retyped(contract, item, old.column(item, before)?, new.column(item, now)?)));
    found.extend(form(contract, before, now));
    found
}

/// Which column each item is read from.
struct Bound<'a> {
    pairs: Vec<(&'a Item, String)>,
}

impl<'a> Bound<'a> {
    fn of(resource: &'a Resource, shape: &Shape) -> Bound<'a> {
        let fields: Vec<String> = shape.columns.iter().map(|column| column.name.clone()).collect();
        let places = match resource.collect.header {
            Some(0) => match_positions(&resource.items, &fields),
            _ => match_items(&resource.items, &fields),
        };
        let found = resource.items.iter().zip(places);
        Bound { pairs: found.filter_map(|(item, place)| Some((item, fields.get(place?)?.clone()))).collect() }
    }

    fn item(&self, column: &str) -> Option<&'a Item> {
        self.pairs.iter().find(|(_, name)| name == column).map(|(item, _)| *item)
    }

    fn is_item(&self, column: &str) -> bool {
        self.item(column).is_some()
    }

    fn has(&self, item: &Item) -> bool {
        self.pairs.iter().any(|(bound, _)| bound.name == item.name)
    }

    fn column<'s>(&self, item: &Item, shape: &'s Shape) -> Option<&'s Column> {
        let (_, name) = self.pairs.iter().find(|(bound, _)| bound.name == item.name)?;
        shape.column(name)
    }
}

/// The new column that is most likely the old one under another name.
fn successor<'a>(item: &Item, old: &Column, candidates: impl Iterator<Item = &'a Column>) -> Option<&'a Column> {
    let candidates: Vec<&Column> = candidates.collect();
    let alike = candidates.iter().map(|column| (old.likeness(column), *column)).filter(|(likeness, _)| *likeness >= ALIKE);
    if let Some((_, column)) = alike.max_by(|a, b| a.0.total_cmp(&b.0)) {
        return Some(column);
    }
    let names: HashSet<&str> = candidates.iter().filter(|column| column.whole() == old.whole()).map(|column| column.name.as_str()).collect();
    let near = [old.name.as_str(), &item.name, &item.title].iter().find_map(|name| nearest(name, names.iter().copied()))?;
    candidates.into_iter().find(|column| column.name == near)
}

fn added_column(contract: &Contract, column: &Column) -> Difference {
    Difference {
        kind: Kind::Added,
        about: column.name.clone(),
        from: String::new(),
        to: column.name.clone(),
        before: Vec::new(),
        now: described(column),
        count: column.filled,
        extent: 0.0,
        message: Text::new(
            format!("来源新增了列「{}」，没有声明为信息项：只保留在贴源层。", column.name),
            format!("The source has a new column “{}” that no item names: it stays in the raw layer only.", column.name),
        ),
        holds: holds(contract, Kind::Added),
    }
}

/// A column that nobody declared is told, and holds nothing.
fn gone_column(contract: &Contract, item: Option<&Item>, column: &Column) -> Difference {
    let message = match item {
        Some(item) => Text::new(
            format!("信息项「{}」的列「{}」不见了：接收后这一项将全部为空。", item.title, column.name),
            format!("The column “{}” of the item “{}” is gone: if accepted, the item will be null in all rows.", column.name, item.name),
        ),
        None => Text::new(
            format!("没有声明为信息项的列「{}」不见了。", column.name),
            format!("The column “{}”, which no item names, is gone.", column.name),
        ),
    };
    Difference {
        kind: Kind::Gone,
        about: item.map_or_else(|| column.name.clone(), |item| item.name.clone()),
        from: column.name.clone(),
        to: String::new(),
        before: described(column),
        now: Vec::new(),
        count: column.filled,
        extent: 0.0,
        message,
        holds: item.is_some() && holds(contract, Kind::Gone),
    }
}

fn renamed(contract: &Contract, item: &Item, old: &Column, new: &Column) -> Difference {
    let alike = (old.likeness(new) * 100.0).round();
    Difference {
        kind: Kind::Renamed,
        about: item.name.clone(),
        from: old.name.clone(),
        to: new.name.clone(),
        before: described(old),
        now: described(new),
        count: new.filled,
        extent: 0.0,
        message: Text::new(
            format!("信息项「{}」的列「{}」不见了，新列「{}」与它相像（内容相同的占 {alike}%）：可能改了名。", item.title, old.name, new.name),
            format!("The column “{}” of the item “{}” is gone and “{}” looks like it ({alike}% of the contents agree): it may have been renamed.", old.name, item.name, new.name),
        ),
        holds: holds(contract, Kind::Renamed),
    }
}

fn retyped(contract: &Contract, item: &Item, old: &Column, new: &Column) -> Option<Difference> {
    if old.filled < FEWEST_VALUES || new.filled < FEWEST_VALUES {
        return None;
    }
    let (was, is) = (old.whole(), new.whole());
    let outside = new.share_outside(was);
    let zeros = old.share_of(Form::Digits) - new.share_of(Form::Digits);
    let (share, message) = if was != Form::Text && outside > 0.0 {
        let percent = percent(outside);
        let message = Text::new(
            format!("「{}」以前都是{}，现在有 {percent} 不是。", item.title, form_zh(was)),
            format!("“{}” held nothing but {} before; now {percent} of the values are something else.", item.name, form_en(was)),
        );
        (outside, message)
    } else if new.share_of(Form::Digits) == 0.0 && zeros > contract.max_share && matches!(is, Form::Integer | Form::Number) {
        let percent = percent(zeros);
        let message = Text::new(
            format!("「{}」以前有 {percent} 以 0 开头，现在一个也没有：前面的零可能丢了。", item.title),
            format!("{percent} of “{}” began with 0 before, now none does: leading zeros may have been lost.", item.name),
        );
        (zeros, message)
    } else {
        return None;
    };
    Some(Difference {
        kind: Kind::Retyped,
        about: item.name.clone(),
        from: old.name.clone(),
        to: new.name.clone(),
        before: described(old),
        now: odd_first(old, new),
        count: (share * new.filled as f64).round() as u64,
        extent: share,
        message,
        holds: share > contract.max_share && holds(contract, Kind::Retyped),
    })
}

/// Encoding, delimiter, header line.
fn form(contract: &Contract, before: &Shape, now: &Shape) -> Vec<Difference> {
    let changed = now.form.iter().filter_map(|(what, new)| {
        let old = before.form.get(what).filter(|old| *old != new)?;
        Some((what, old, new))
    });
    let told = changed.map(|(what, old, new)| Difference {
        kind: Kind::Form,
        about: what.clone(),
        from: String::new(),
        to: String::new(),
        before: vec![old.clone()],
        now: vec![new.clone()],
        count: 0,
        extent: 0.0,
        message: Text::new(
            format!("文件的{}变了：以前是 {old}，现在是 {new}。", form_word(what)),
            format!("The {what} of the file has changed: it was {old}, now it is {new}."),
        ),
        holds: holds(contract, Kind::Form),
    });
    told.collect()
}

/// Whether `now` (rows or, where those are unknown, bytes) is out of band. `recent` are earlier deliveries, in the same unit.
pub fn volume(contract: &Contract, now: u64, recent: &[u64], rows: bool) -> Option<Difference> {
    let mut sorted = recent.to_vec();
    sorted.sort_unstable();
    // That there were rows at all is enough to find none odd.
    let known = sorted.len() >= 3 || (now == 0 && !sorted.is_empty());
    let usual = known.then(|| sorted.get(sorted.len() / 2).copied()).flatten();
    let room = 1.0 - contract.max_change;
    let least = contract.min_rows.filter(|_| rows).or_else(|| usual.map(|usual| (usual as f64 * room).floor() as u64));
    let most = contract.max_rows.filter(|_| rows).or_else(|| usual.filter(|_| room > 0.0).map(|usual| (usual as f64 / room).ceil() as u64));
    let declared = (now < contract.min_rows.unwrap_or(0) || now > contract.max_rows.unwrap_or(u64::MAX)) && rows;
    let out = (now == 0 && usual.is_some()) || least.is_some_and(|least| now < least) || most.is_some_and(|most| now > most);
    let small = rows && usual.is_some_and(|usual| usual.abs_diff(now) < FEWEST_ROWS) && now > 0;
    if !out || (small && !declared) {
        return None;
    }
    let usual = usual.or(least).or(most).unwrap_or(0);
    let (unit_zh, unit_en) = if rows { ("行", "rows") } else { ("字节", "bytes") };
    let band = |end: Option<u64>| end.map_or_else(|| "…".to_owned(), |end| end.to_string());
    let (from, to) = (band(least), band(most));
    Some(Difference {
        kind: Kind::Volume,
        about: String::new(),
        from: String::new(),
        to: String::new(),
        before: vec![format!("{from} – {to} {unit_zh} / {unit_en}")],
        now: vec![format!("{now} {unit_zh} / {unit_en}")],
        count: now,
        extent: usual.max(now) as f64 / usual.min(now).max(1) as f64,
        message: Text::new(
            format!("这次有 {now} {unit_zh}，超出了 {from} 到 {to} {unit_zh}的常态（近期中位数 {usual}）。"),
            format!("There are {now} {unit_en}, out of the usual {from} to {to} (recent median {usual})."),
        ),
        holds: holds(contract, Kind::Volume),
    })
}

/// Whether a whole delivery that lacks `missing` of `current` rows takes away more than the contract allows.
pub fn removal(contract: &Contract, missing: u64, current: u64) -> Option<Difference> {
    let share = missing as f64 / current.max(1) as f64;
    if missing == 0 || share <= contract.max_removed {
        return None;
    }
    let (percent, most) = (percent(share), percent(contract.max_removed));
    Some(Difference {
        kind: Kind::Removed,
        about: String::new(),
        from: String::new(),
        to: String::new(),
        before: vec![format!("{current} 行 / rows")],
        now: vec![format!("−{missing} 行 / rows")],
        count: missing,
        extent: share,
        message: Text::new(
            format!("这次交付缺少现有 {current} 行中的 {missing} 行（{percent}），超过一次可移除的 {most}：一行也没有移除。"),
            format!("This delivery lacks {missing} of the {current} rows ({percent}), more than the {most} that one may remove: none was removed."),
        ),
        holds: true,
    })
}

/// A column for people: its name, its form, and examples.
fn described(column: &Column) -> Vec<String> {
    let head = format!("{}（{} / {}）", column.name, form_zh(column.whole()), form_en(column.whole()));
    std::iter::once(head).chain(column.examples.iter().cloned()).collect()
}

/// The same, with the values that were not there before in front.
fn odd_first(old: &Column, new: &Column) -> Vec<String> {
    let mut shown = described(new);
    if let Some((_, examples)) = shown.split_first_mut() {
        examples.sort_by_key(|example| old.examples.contains(example));
    }
    shown
}

pub(super) fn percent(share: f64) -> String {
    let value = share * 100.0;
    if value > 0.0 && value < 0.1 { "<0.1%".to_owned() } else { format!("{value:.1}%").replace(".0%", "%") }
}

fn form_zh(form: Form) -> &'static str {
    match form {
        Form::Integer => "整数",
        Form::Number => "数字",
        Form::Digits => "数字编号",
        Form::Date => "日期",
        Form::Datetime => "日期时间",
        Form::Text => "文字",
    }
}

fn form_en(form: Form) -> &'static str {
    match form {
        Form::Integer => "whole numbers",
        Form::Number => "numbers",
        Form::Digits => "digits",
        Form::Date => "dates",
        Form::Datetime => "dates and times",
        Form::Text => "text",
    }
}

fn form_word(what: &str) -> &str {
    match what {
        "encoding" => "编码",
        "delimiter" => "分隔符",
        "header" => "表头",
        other => other,
    }
}
