//! The charts that are chosen tell something, and nothing is chosen where there is nothing to tell.

use opendata::chart::{CHARTS_MAX, Choice, Facts, Measured, Nature, Step, choose};

fn facts(name: &str, nature: Nature, key: bool, distinct: u64, range: (f64, f64)) -> Facts {
    Facts { name: name.into(), nature, key, filled: 1_000, distinct, least: Some(range.0), greatest: Some(range.1) }
}

#[test]
fn a_panel_is_told_over_time_and_by_place() {
    let columns = [
        facts("district", Nature::Word, true, 10, (0.0, 0.0)),
        facts("month", Nature::Time, true, 100, (17_000.0, 20_000.0)),
        facts("aqi", Nature::Measure, false, 900, (12.0, 310.0)),
        facts("days", Nature::Count, false, 4, (28.0, 31.0)),
    ];
    let chosen = choose(1_000, &columns);
    assert_eq!(chosen[0], Choice::Series { by: "month".into(), step: Step::Month, of: Measured::Mean("aqi".into()) });
    assert_eq!(chosen[1], Choice::Series { by: "month".into(), step: Step::Month, of: Measured::Sum("days".into()) });
    assert_eq!(chosen[2], Choice::Parts { by: "district".into(), of: Measured::Mean("aqi".into()) });
    assert_eq!(chosen[3], Choice::Bins { of: "aqi".into(), low: 0.0, width: 20.0 });
}

#[test]
fn a_list_of_things_is_counted_by_what_they_are() {
    let columns = [
        facts("no", Nature::Word, true, 1_000, (0.0, 0.0)),
        facts("name", Nature::Word, false, 980, (0.0, 0.0)),
        facts("district", Nature::Word, false, 10, (0.0, 0.0)),
        facts("spaces", Nature::Count, false, 300, (3.0, 1_200.0)),
        facts("longitude", Nature::Other, false, 1_000, (121.0, 122.0)),
    ];
    let chosen = choose(1_000, &columns);
    assert_eq!(chosen[0], Choice::Parts { by: "district".into(), of: Measured::Rows });
    assert_eq!(chosen[1], Choice::Parts { by: "district".into(), of: Measured::Sum("spaces".into()) });
    assert_eq!(chosen[2], Choice::Bins { of: "spaces".into(), low: 0.0, width: 100.0 });
    assert!(chosen.len() <= CHARTS_MAX);
    let mut few = [facts("district", Nature::Word, true, 10, (0.0, 0.0)), facts("spaces", Nature::Count, false, 10, (3.0, 1_200.0))];
    few.iter_mut().for_each(|facts| facts.filled = 10);
    assert_eq!(choose(10, &few), [Choice::Parts { by: "district".into(), of: Measured::Sum("spaces".into()) }], "a table of districts is one chart");
    assert!(choose(1, &columns).is_empty(), "one row is no distribution");
    assert!(choose(1_000, &columns[..2]).is_empty(), "names alone tell nothing");
}
