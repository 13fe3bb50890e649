//! The ten districts and their towns, read from the published codes, with rough centres and weights.

use std::sync::LazyLock;

/// Codes of province, city, districts and towns: `code,name,level,parent_code`.
const DIVISIONS: &str = include_str!("reference/divisions.csv");

/// One district: code, name, share of the population, centre (longitude, latitude in degrees), towns.
#[derive(Debug)]
pub struct District {
    pub code: &'static str,
    pub name: &'static str,
    pub name_en: &'static str,
    pub weight: u32,
    pub longitude: f64,
    pub latitude: f64,
    /// Code and name.
    pub towns: Vec<(&'static str, &'static str)>,
}

/// Code, English name, weight, longitude, latitude.
const DISTRICTS: [(&str, &str, u32, f64, f64); 10] = [
    ("330203", "Haishu", 115, 121.45, 29.86),
    ("330205", "Jiangbei", 55, 121.52, 29.94),
    ("330206", "Beilun", 90, 121.84, 29.88),
    ("330211", "Zhenhai", 55, 121.62, 29.99),
    ("330212", "Yinzhou", 175, 121.60, 29.79),
    ("330213", "Fenghua", 60, 121.38, 29.63),
    ("330225", "Xiangshan", 60, 121.82, 29.46),
    ("330226", "Ninghai", 75, 121.43, 29.30),
    ("330281", "Yuyao", 135, 121.13, 29.99),
    ("330282", "Cixi", 180, 121.30, 30.19),
];

/// Every row of the published list: code, name, level, code above.
pub fn divisions() -> impl Iterator<Item = (&'static str, &'static str, &'static str, &'static str)> {
    DIVISIONS.lines().skip(1).filter_map(|line| {
        let mut fields = line.split(',');
        Some((fields.next()?, fields.next()?, fields.next()?, fields.next()?))
    })
}

static ALL: LazyLock<Vec<District>> = LazyLock::new(|| {
    let named = |code: &str| divisions().find(|row| row.0 == code).map_or("", |row| row.1);
    let towns = |code: &str| divisions().filter(|row| row.3 == code).map(|row| (row.0, row.1)).collect();
    DISTRICTS
        .iter()
        .map(|&(code, name_en, weight, longitude, latitude)| District {
            code,
            name: named(code),
            name_en,
            weight,
            longitude,
            latitude,
            towns: towns(code),
        })
        .collect()
});

/// The ten districts, in the order of their codes.
pub fn districts() -> &'static [District] {
    &ALL
}
