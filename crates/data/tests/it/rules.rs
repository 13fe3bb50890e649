//! Expressions of rules: what is allowed, what each mistake is told as, and the statements that come of them.

use data::City;
use data::declare::RuleSeverity;
use data::rule::measure::{Measure, Told, duration_micros, is_fresh, measures, rows, statements};
use data::rule::score::{self, Finding};
use data::rule::{Columns, FUNCTIONS, Scene, Type, clock, parse};
use jiff::civil::date;
use kernel::{Lang, Moment};
use proptest::prelude::*;

use crate::cities::folder;

fn columns() -> Columns {
    let all = [
        ("id", Type::Text),
        ("amount", Type::Number),
        ("open", Type::Boolean),
        ("born", Type::Date),
        ("seen", Type::Datetime),
    ];
    all.into_iter().map(|(name, kind)| (name.to_owned(), kind)).collect()
}

/// 2026-11-24, 01:30 in Ningbo; still the day before in UTC.
fn scene() -> Scene {
    Scene {
        now: Moment(1_795_455_000_000_000),
        zone: "Asia/Shanghai".to_owned(),
    }
}

/// One line each: the expression, and the SQL of it or the mistake with its place.
#[test]
fn expressions_become_sql_or_a_mistake_with_its_place() {
    let texts = include_str!("expressions.txt").lines().filter(|line| !line.is_empty());
    let each = texts.map(|text| match parse(text, &columns()) {
        Ok(tree) => format!("{text}\n  = {}\n", tree.sql("r", &scene())),
        Err(fault) => {
            let marked: String = text[..fault.span.start]
                .chars()
                .map(|_| ' ')
                .chain(text[fault.span.clone()].chars().map(|_| '^'))
                .collect();
            let near = fault.suggestion.map(|name| format!(" → {name}")).unwrap_or_default();
            let help = fault.help.map(|help| format!(" ({})", help.en)).unwrap_or_default();
            format!("{text}\n{marked}\n  ! {}{near}{help}\n", fault.message.en)
        }
    });
    insta::assert_snapshot!("expressions", each.collect::<Vec<_>>().join("\n"));
}

/// Every mistake in the rules of a city, as a terminal shows it.
#[test]
fn mistakes_in_rules_are_told_with_file_line_and_caret() {
    let (city, diagnostics) = City::read(&folder("rules"));
    assert!(city.is_none());
    let shown = |lang| diagnostics.iter().map(|d| d.render(lang)).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!("rules_zh", shown(Lang::Zh));
    insta::assert_snapshot!("rules_en", shown(Lang::En));
}

#[test]
fn rules_of_a_table_become_one_pass_and_one_statement_for_each_that_compares_rows() {
    let city = City::read(&folder("good")).0.expect("a good city");
    let mut told = String::new();
    for resource in city.resources.values() {
        let measures = measures(&city, resource);
        for statement in statements(&resource.id, 1_000, &measures, &scene()) {
            told += &format!("{}\n", statement.sql);
        }
        for measure in &measures {
            told += &format!(
                "  {:?}\n",
                rows(&resource.id, measure, &["day".to_owned()], Some([7; 16]), &scene(), &|_| 1_000)
            );
        }
    }
    insta::assert_snapshot!("statements", told);
    let count = &city.resources["passenger_count"];
    let ready = measures(&city, count);
    let first = &statements("passenger_count", 1_000, &ready, &scene())[0];
    assert_eq!(first.columns, [Told::Rows, Told::Failed(0), Told::Newest(2)]);
}

#[test]
fn a_table_is_as_fresh_as_the_citys_day_says() {
    let city = City::read(&folder("good")).0.expect("a good city");
    let ready: Vec<Measure> = measures(&city, &city.resources["passenger_count"]);
    let day = |month, day| Moment(i64::from(date(2026, month, day).since(date(1970, 1, 1)).unwrap().get_days()) * 86_400_000_000);
    assert!(is_fresh(&ready[2], day(11, 22), &scene()) && !is_fresh(&ready[2], day(11, 21), &scene()));
    assert_eq!(
        [duration_micros("P2D"), duration_micros("P1W"), duration_micros("PT90M")],
        [Some(172_800_000_000), Some(604_800_000_000), Some(5_400_000_000)]
    );
    assert_eq!(["P1M", "P0D", "-P1D", "2 days", ""].map(duration_micros), [None; 5]);
}

#[test]
fn scores_weigh_by_severity_and_rows() {
    let finding = |severity, checked, failed| Finding { severity, checked, failed };
    let found = [
        finding(RuleSeverity::Error, 100, 10),
        finding(RuleSeverity::Info, 100, 100),
        finding(RuleSeverity::Warning, 0, 0),
    ];
    let score = score::of_resource(&found).unwrap();
    assert!((score - 100.0 * (5.0 * 0.9 + 2.0) / 8.0).abs() < 1e-9, "{score}");
    assert_eq!(score::of_resource(&[]), None);
    assert_eq!(score::of_several([(100.0, 300), (0.0, 100)]), Some(75.0));
    assert!(finding(RuleSeverity::Error, 1000, 10).passes(0.01) && !finding(RuleSeverity::Error, 1000, 11).passes(0.01));
    assert!(!finding(RuleSeverity::Error, 0, 1).passes(0.0));
}

#[test]
fn clocks_count_working_days() {
    // 2026-11-27 is a Friday.
    let calendar = data::workday::Calendar::national();
    assert_eq!(clock::due(&calendar, date(2026, 11, 27), 1), date(2026, 11, 30));
    assert_eq!(clock::due(&calendar, date(2026, 11, 28), 5), date(2026, 12, 4));
    assert_eq!(clock::due(&calendar, date(2026, 11, 27), 0), date(2026, 11, 27));
    // National Day: eight days without work, and a Saturday that is worked before.
    assert_eq!(clock::due(&calendar, date(2025, 9, 27), 3), date(2025, 9, 30));
    assert_eq!(clock::due(&calendar, date(2025, 9, 30), 1), date(2025, 10, 9));
}

proptest! {
    /// Whatever is written, reading ends with a tree or a mistake inside the text; what was read can be read again from
    /// what it was written as, wherever the words are the same.
    #[test]
    fn any_text_is_read_or_refused(words in prop::collection::vec(prop::sample::select(vec![
        "id", "amount", "open", "born", "seen", "and", "or", "not", "=", "<", "(", ")", "1", "0.5", "'x'", "'2026-01-31'", "is null", "in (",
        ",", "between", "+", "/", "length(", "coalesce(", "case when", "then", "end", "like", "today()", "日期", "；", "\"id\"", "--", "'",
    ]), 0..40)) {
        let text = words.join(" ");
        match parse(&text, &columns()) {
            Ok(tree) => prop_assert!(!tree.sql("r", &scene()).is_empty()),
            Err(fault) => {
                prop_assert!(fault.span.start <= fault.span.end && fault.span.end <= text.len(), "{fault:?}");
                prop_assert!(text.get(fault.span.clone()).is_some());
            }
        }
    }
}

/// Nesting is bounded, and a deep comparison costs no more than a long one.
#[test]
fn depth_is_bounded_and_cheap() {
    let deep = format!("{}open = open{}", "(".repeat(40), ") = open".repeat(40));
    let began = std::time::Instant::now();
    let _ = parse(&deep, &columns());
    let long = vec!["amount > 1"; 90].join(" and ");
    assert!(parse(&long, &columns()).is_ok());
    assert!(parse(&format!("{}open{}", "(".repeat(5000), ")".repeat(5000)), &columns()).is_err());
    assert!(parse(&"x".repeat(5000), &columns()).is_err());
    assert!(began.elapsed().as_secs() < 5);
    assert!(FUNCTIONS.windows(2).all(|pair| pair[0].name < pair[1].name), "by name");
}
