//! Rules that the values themselves suggest, from the profile of the last collection, each taken over as a change of
//! the declaration that is shown before it is written.

use std::collections::BTreeSet;

use data::City;
use data::declare::{Dimension, Item, Kind, Resource, Rule, RuleSeverity, Shape, WhenNull, write_rule};
use data::standard::Checker;
use kernel::Moment;
use serde::Serialize;
use serde_json::json;

use super::ResourceQuality;
use crate::amend::{self, Draft};
use crate::view::{Account, ColumnProfile, Profile};
use crate::{Answer, Desk, DeskError, internal};

/// Fewer rows say nothing.
const ROWS_LEAST: u64 = 50;
/// Up to so many different values may be a list of codes.
const CODES_MOST: u64 = 12;
/// Counts of different values are exact up to here.
const EXACT: u64 = 10_000;
/// More suggestions for one resource are no help.
const MOST: usize = 40;

/// A rule that could be taken over, and how the declaration would change.
#[derive(Clone, Debug, Serialize)]
pub struct Suggestion {
    pub rule: Rule,
    /// The lines that would stand at the end of the declaration.
    pub text: String,
    /// Names the declaration as it was when this was suggested.
    pub base: String,
}

impl Desk {
    /// Staff: rules that hold for the values as they are, and are not declared yet.
    pub async fn suggested_rules(&self, who: &Account, resource: &str) -> Answer<Vec<Suggestion>> {
        self.may(who, "see.suggestions", &self.resource_object(resource)).await?;
        let city = self.city();
        let declared = city.resources.get(resource).ok_or(DeskError::NotFound)?;
        let kept = self.store().profile(resource).await.map_err(internal)?;
        let profile: Option<Profile> = kept.and_then(|kept| serde_json::from_str(&kept.json).ok());
        let Some(profile) = profile else { return Ok(Vec::new()) };
        let (dir, id) = (self.0.city_dir.clone(), resource.to_owned());
        let base = tokio::task::spawn_blocking(move || amend::base_of(&dir, &id))
            .await
            .map_err(internal)??;
        Ok(base.map(|base| suggest(&city, declared, &profile, &base)).unwrap_or_default())
    }

    /// Staff: how the declaration would change if a suggestion were taken over.
    pub async fn suggested_draft(&self, who: &Account, resource: &str, name: &str) -> Answer<Draft> {
        let suggestion = self
            .suggested_rules(who, resource)
            .await?
            .into_iter()
            .find(|one| one.rule.name == name)
            .ok_or(DeskError::NotFound)?;
        let (dir, resource) = (self.0.city_dir.clone(), resource.to_owned());
        let draft = tokio::task::spawn_blocking(move || amend::rule_draft(&dir, &resource, &suggestion.text))
            .await
            .map_err(internal)??;
        draft.ok_or(DeskError::NotFound)
    }

    /// Staff: takes a suggestion over as it was shown (`base` names the file it was shown for), and measures at once.
    pub async fn adopt_rule(&self, who: &Account, resource: &str, name: &str, base: &str, now: Moment) -> Answer<ResourceQuality> {
        self.may(who, "rule.adopt", &self.resource_object(resource)).await?;
        let draft = self.suggested_draft(who, resource, name).await?;
        if draft.base != base {
            return Err(amend::changed_meanwhile(&draft.path));
        }
        let dir = self.0.city_dir.clone();
        self.log(who, "rule.adopt", &self.resource_object(resource), json!({ "rule": name })).await?;
        tokio::task::spawn_blocking(move || amend::write(&dir, &[draft]))
            .await
            .map_err(internal)??;
        self.reload_city().map_err(|d| internal(format!("{d:?}")))?;
        self.measure_quality(resource, "person").await?;
        self.resource_quality(resource, now).await
    }
}

fn suggest(city: &City, resource: &Resource, profile: &Profile, base: &str) -> Vec<Suggestion> {
    if profile.rows < ROWS_LEAST {
        return Vec::new();
    }
    let asked: BTreeSet<String> = resource.rules.iter().map(data::rule::measure::shown).collect();
    let mut names: BTreeSet<String> = resource.rules.iter().map(|rule| rule.name.clone()).collect();
    let each = resource
        .items
        .iter()
        .filter_map(|item| Some((item, profile.columns.iter().find(|column| column.name == item.name)?)));
    let rules = each.flat_map(|(item, column)| of_item(city, item, column, profile.rows));
    let fresh = rules.filter(|rule| !asked.contains(&data::rule::measure::shown(rule)));
    let suggestion = |rule: Rule| Suggestion {
        text: write_rule(&rule),
        base: base.to_owned(),
        rule,
    };
    fresh
        .filter(|rule| names.insert(rule.name.clone()))
        .take(MOST)
        .map(suggestion)
        .collect()
}

fn of_item(city: &City, item: &Item, column: &ColumnProfile, rows: u64) -> Vec<Rule> {
    let Ok(checker) = Checker::new(city, item) else { return Vec::new() };
    let filled = rows.saturating_sub(column.nulls);
    let mut found = Vec::new();
    // What is required or part of the key cannot be empty: it would not have landed.
    if column.nulls == 0 && !item.required && !item.key {
        found.push(expressed(
            item,
            "filled",
            ("不为空", "is filled"),
            Dimension::Completeness,
            format!("{} is not null", item.name),
        ));
    }
    if column.distinct == filled && filled <= EXACT && filled >= ROWS_LEAST && !item.key && checker.kind().shape() == Shape::Text {
        let rule = blank(item, "unique", ("不重复", "is unique"), Dimension::Uniqueness);
        found.push(Rule {
            unique: vec![item.name.clone()],
            ..rule
        });
    }
    match checker.kind().shape() {
        Shape::Integer | Shape::Number | Shape::Money => found.extend(range(item, column)),
        Shape::Date => found.extend(not_in_future(item, column)),
        Shape::Text if checker.kind() == Kind::Text => found.extend(codes(item, column, filled).or_else(|| form(item, column, filled))),
        _ => {}
    }
    found
}

/// Never negative, or between bounds as round as the numbers.
fn range(item: &Item, column: &ColumnProfile) -> Option<Rule> {
    let number = |text: &Option<String>| {
        text.as_ref()
            .and_then(|text| text.parse::<f64>().ok())
            .filter(|value| value.is_finite())
    };
    let (least, most) = (number(&column.minimum)?, number(&column.maximum)?);
    let asks = match least >= 0.0 {
        true => format!("{0} between 0 and {1}", item.name, round_up(most)),
        false => format!("{0} between -{1} and {2}", item.name, round_up(-least), round_up(most.max(0.0))),
    };
    Some(expressed(item, "range", ("在合理范围内", "is in range"), Dimension::Validity, asks))
}

/// The next number with one digit that is not zero: 8,120 becomes 9,000.
fn round_up(value: f64) -> String {
    if value <= 0.0 {
        return "0".to_owned();
    }
    let unit = 10f64.powf(value.log10().floor());
    let rounded = (value / unit).ceil() * unit;
    if rounded >= 1.0 {
        format!("{rounded:.0}")
    } else {
        format!("{rounded}")
    }
}

fn not_in_future(item: &Item, column: &ColumnProfile) -> Option<Rule> {
    column.maximum.as_ref()?;
    Some(expressed(
        item,
        "past",
        ("不晚于今天", "is not in the future"),
        Dimension::Validity,
        format!("{} <= today()", item.name),
    ))
}

/// A few values make up all there is.
fn codes(item: &Item, column: &ColumnProfile, filled: u64) -> Option<Rule> {
    let all: u64 = column.histogram.iter().map(|(_, rows)| rows).sum();
    let few = !column.binned && (2..=CODES_MOST).contains(&column.distinct) && column.distinct == column.histogram.len() as u64;
    if !few || all != filled || filled < ROWS_LEAST {
        return None;
    }
    let values: Vec<String> = column
        .histogram
        .iter()
        .map(|(value, _)| format!("'{}'", value.replace('\'', "''")))
        .collect();
    Some(expressed(
        item,
        "known",
        ("取值在已知范围内", "is one of the known values"),
        Dimension::Validity,
        format!("{} in ({})", item.name, values.join(", ")),
    ))
}

/// All values seen are digits and capital letters of one form.
fn form(item: &Item, column: &ColumnProfile, filled: u64) -> Option<Rule> {
    let seen: Vec<&str> = column.histogram.iter().map(|(value, _)| value.as_str()).collect();
    if column.binned || seen.len() < 3 || filled < ROWS_LEAST {
        return None;
    }
    let shapes: BTreeSet<String> = seen.iter().map(|value| shape(value)).collect();
    let only = shapes
        .into_iter()
        .next()
        .filter(|shape| seen.iter().all(|value| self::shape(value) == *shape) && !shape.is_empty())?;
    Some(expressed(
        item,
        "form",
        ("格式一致", "has one form"),
        Dimension::Validity,
        format!("regexp_like({}, '^{only}$')", item.name),
    ))
}

/// `AB-0012` as `[A-Z]{2}-[0-9]{4}`; empty for texts of other letters.
fn shape(value: &str) -> String {
    let kind = |c: char| match c {
        '0'..='9' => Some("[0-9]"),
        'A'..='Z' => Some("[A-Z]"),
        'a'..='z' => Some("[a-z]"),
        '-' | '_' | '/' => Some(""),
        _ => None,
    };
    let mut out = String::new();
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        let Some(class) = kind(c) else { return String::new() };
        if class.is_empty() {
            out.push(c);
            continue;
        }
        let mut length = 1;
        while chars.next_if(|next| kind(*next) == Some(class)).is_some() {
            length += 1;
        }
        out.push_str(&format!("{class}{{{length}}}"));
    }
    if value.chars().count() > 40 { String::new() } else { out }
}

fn blank(item: &Item, ending: &str, says: (&str, &str), dimension: Dimension) -> Rule {
    let title_en = if item.title_en.is_empty() { &item.name } else { &item.title_en };
    Rule {
        // Names have at most 63 letters.
        name: format!("{}_{ending}", item.name.chars().take(50).collect::<String>()),
        title: format!("{}{}", item.title, says.0),
        title_en: format!("{title_en} {}", says.1),
        dimension,
        expression: None,
        when_null: WhenNull::Pass,
        unique: Vec::new(),
        references: None,
        fresh: None,
        severity: RuleSeverity::Warning,
        allowed: 0.0,
        days: None,
        holds: false,
    }
}

fn expressed(item: &Item, ending: &str, says: (&str, &str), dimension: Dimension, asks: String) -> Rule {
    Rule {
        expression: Some(asks),
        ..blank(item, ending, says, dimension)
    }
}
