//! Any text as an address: no letter or digit is lost, and a division is one of the tree.

use data::address::parse;

/// One input.
pub fn address(text: &str) {
    super::bounded(|| {
        for home in [None, Some("330200")] {
            let a = parse(text, home);
            let parts = [
                &a.province, &a.city, &a.district, &a.zone, &a.town, &a.village, &a.road, &a.number, &a.place, &a.building,
                &a.unit, &a.floor, &a.room, &a.remark,
            ];
            let count = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
            assert_eq!(parts.iter().map(|part| count(part)).sum::<usize>(), count(text), "{a:?}");
            assert!(a.division.is_empty() || data::reference::division(&format!("{:0<6.6}", a.division)).is_some(), "{a:?}");
        }
    })
}
