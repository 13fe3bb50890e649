//! Which items together name one row.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use data::declare::Item;
use kernel::Text;

use super::sample::Sample;
use crate::read::{PARENT, SECTION};

/// Places of the key's items, and why they are it.
pub(super) struct Key {
    pub places: Vec<usize>,
    pub why: Text,
}

/// Columns that are tried together.
const TRIED: usize = 6;
/// Fewer rows prove nothing about several columns together.
const PROOF: usize = 20;

/// The primary key that the file declares, else an id by name and content, else the few columns that tell rows apart.
pub(super) fn find(sample: &Sample, items: &[Item], declared: &[usize]) -> Option<Key> {
    if !declared.is_empty() && unique(sample, declared) {
        return Some(Key { places: declared.to_vec(), why: Text::new("文件里声明为主键", "the file declares it as the primary key") });
    }
    let single = (0..sample.fields.len()).find(|place| sample.fields.get(*place).is_some_and(|f| names_rows(sample, f)));
    if let Some(place) = single {
        let why = Text::new(
            "是编号，且抽样中每条都有、互不相同；请核定",
            "an id that every record of the sample has, each a different one; please confirm",
        );
        return Some(Key { places: vec![place], why });
    }
    together(sample, items)
}

/// An id by its name, present and different in every record. A running number is none: it changes with each delivery.
fn names_rows(sample: &Sample, field: &str) -> bool {
    let lower = field.to_lowercase();
    let named = lower == "id"
        || lower.ends_with("_id")
        || field.ends_with("Id")
        || field.ends_with("ID")
        || lower.ends_with("code")
        || lower.ends_with("uuid")
        || lower.ends_with("identifier")
        || ["编号", "代码", "标识码", "编码", "号码", "证号", "单号"].iter().any(|end| lower.ends_with(end));
    if !named || field.starts_with("^.") {
        return false;
    }
    let values = sample.values(field);
    let distinct: HashSet<&str> = values.iter().copied().collect();
    values.len() > 1 && values.len() == sample.good() && distinct.len() == values.len() && !distinct.contains("")
}

/// Words in the names of columns that say of what, where or when a row is, rather than how much.
const DIMENSIONS: [&str; 30] = [
    "日期", "时间", "年份", "月份", "年度", "小时", "站", "点", "城市", "区县", "地区", "名称", "编号", "代码", "类别", "指标",
    "date", "day", "hour", "time", "month", "year", "station", "city", "name", "code", "origin", "carrier", "watchpoint", "tailnum",
];

/// Two or three columns that are filled in every record and together never the same.
fn together(sample: &Sample, items: &[Item]) -> Option<Key> {
    if sample.good() < PROOF {
        return None;
    }
    let full = |field: &String| {
        let values = sample.values(field);
        values.len() == sample.good() && values.iter().all(|v| !v.trim().is_empty())
    };
    let dimension = |field: &String, item: &Item| {
        let lower = field.to_lowercase();
        let typed = matches!(item.standard.as_str(), "text" | "date" | "datetime" | "integer" | "division_code");
        let id = lower == "id" || lower.ends_with("_id") || field.ends_with("Id");
        typed && field != SECTION && field != PARENT && (id || DIMENSIONS.iter().any(|word| lower.contains(word)))
    };
    let named = sample.fields.iter().zip(items).enumerate().filter(|(_, (field, item))| dimension(field, item) && full(field));
    let places: Vec<usize> = named.map(|(place, _)| place).take(TRIED).collect();
    let mut tries: Vec<Vec<usize>> = Vec::new();
    for (i, a) in places.iter().enumerate() {
        for (j, b) in places.iter().enumerate().skip(i + 1) {
            tries.push(vec![*a, *b]);
            tries.extend(places.iter().skip(j + 1).map(|c| vec![*a, *b, *c]));
        }
    }
    tries.sort_by_key(Vec::len);
    let places = tries.into_iter().find(|places| unique(sample, places))?;
    let why = Text::new(
        "这几项合起来在抽样中每条都有、互不相同；请核定",
        "every record of the sample has these items, and no two have the same; please confirm",
    );
    Some(Key { places, why })
}

/// Whether no two records have the same values there, and none lacks one.
fn unique(sample: &Sample, places: &[usize]) -> bool {
    let fields: Vec<&String> = places.iter().filter_map(|place| sample.fields.get(*place)).collect();
    let columns: Vec<Vec<&str>> = fields.iter().map(|field| sample.values(field)).collect();
    let rows = sample.good();
    if rows == 0 || columns.iter().any(|c| c.len() != rows) {
        return false;
    }
    let mut seen = HashSet::with_capacity(rows);
    (0..rows).all(|row| {
        let mut hash = DefaultHasher::new();
        for column in &columns {
            column.get(row).hash(&mut hash);
        }
        seen.insert(hash.finish())
    })
}
