//! What a spreadsheet program may have done to values: told as decisions, never repaired in silence.

use super::super::decide::decision;
use super::sheet::{Kind, Sheet};
use crate::source::Decision;

/// Places named in one warning.
const PLACES: usize = 5;

/// One column of a table, as far as doubts need it.
#[derive(Default)]
struct Column {
    numbers: Vec<usize>,
    dates: Vec<usize>,
    /// Texts that are ranges such as `6-10`.
    ranges: usize,
    texts: usize,
    errors: Vec<usize>,
    /// Whole numbers beyond the fifteen digits that a cell keeps.
    long: Vec<usize>,
}

/// Looks at the cells of a table, from its first record on.
pub(super) fn look(sheet: &Sheet, cells: std::ops::Range<usize>, columns: (u32, u32), names: &[String], about: &str) -> Vec<Decision> {
    let mut all: Vec<Column> = Vec::new();
    all.resize_with(names.len(), Column::default);
    for at in cells {
        let place = sheet.column(at).checked_sub(columns.0).map(|c| c as usize);
        let Some(column) = place.and_then(|c| all.get_mut(c)) else { continue };
        match sheet.kind(at) {
            Kind::Number => {
                column.numbers.push(at);
                let digits = sheet.text(at).trim_start_matches('-');
                if digits.len() > 15 && digits.bytes().all(|b| b.is_ascii_digit()) {
                    column.long.push(at);
                }
            }
            Kind::Date => column.dates.push(at),
            Kind::Error => column.errors.push(at),
            Kind::Text => {
                column.texts += 1;
                column.ranges += usize::from(is_range(sheet.text(at)));
            }
        }
    }
    let each = all.iter().zip(names).flat_map(|(column, name)| column.doubts(sheet, name, about));
    each.collect()
}

impl Column {
    fn doubts(&self, sheet: &Sheet, name: &str, about: &str) -> Vec<Decision> {
        let mut told = Vec::new();
        let mut tell = |what: &str, places: &[usize], zh: String, en: String| {
            let shown: Vec<String> = places.iter().take(PLACES).map(|at| shown(sheet, *at)).collect();
            let more = if places.len() > PLACES { "…" } else { "" };
            let list = format!("{}{more}", shown.join("、"));
            told.push(decision(what, about, format!("{name} × {}", places.len()), format!("{zh}：{list}"), format!("{en}: {list}")));
        };
        if !self.errors.is_empty() {
            tell(
                "cell_errors",
                &self.errors,
                format!("列“{name}”有公式错误，按显示的文字保留"),
                format!("column `{name}` has formula errors; kept as the text shown"),
            );
        }
        let (dates, numbers) = (self.dates.len(), self.numbers.len());
        if dates > 0 && self.ranges > 0 {
            tell(
                "dates_from_ranges",
                &self.dates,
                format!("列“{name}”多为“6-10”这样的区间，其中的日期很可能是 Excel 把“1-5”之类自动改成的；未作改动，请让部门核对"),
                format!("column `{name}` holds ranges such as `6-10`; the dates in it are most likely ranges like `1-5` that Excel turned into dates. Left as they are: ask the department"),
            );
        } else if dates > 0 && numbers >= dates * 4 {
            tell(
                "dates_among_numbers",
                &self.dates,
                format!("列“{name}”是数字，个别单元格却是日期格式，可能是格式设错；按日期保留，请核对"),
                format!("column `{name}` holds numbers, but some cells are formatted as dates, perhaps by mistake; kept as dates, please check"),
            );
        } else if numbers > 0 && dates >= numbers * 4 {
            tell(
                "numbers_among_dates",
                &self.numbers,
                format!("列“{name}”是日期，个别单元格却只有数字（日期序号，从 1900 年起的天数）；按数字保留，请核对"),
                format!("column `{name}` holds dates, but some cells are bare numbers (days since 1900); kept as numbers, please check"),
            );
        } else if dates == 0 && numbers > 0 && self.texts == 0 && is_dated(name) && self.numbers.iter().all(|at| is_serial(sheet.text(*at))) {
            tell(
                "date_serials",
                &self.numbers,
                format!("列“{name}”像是日期，但只有日期序号（从 1900 年起的天数）；按数字保留，请让部门设成日期格式"),
                format!("column `{name}` seems to be dates, but holds only day numbers since 1900; kept as numbers: ask for cells formatted as dates"),
            );
        }
        if !self.long.is_empty() {
            tell(
                "lost_digits",
                &self.long,
                format!("列“{name}”有超过 15 位的数字，Excel 只保留前 15 位，末尾可能已变成 0；请让部门把这一列设为文本后重新导出"),
                format!("column `{name}` has numbers of more than 15 digits, of which Excel keeps 15: the last ones may have become 0. Ask for the column as text"),
            );
        }
        told
    }
}

/// `C5 = 2025-01-05`
fn shown(sheet: &Sheet, at: usize) -> String {
    let row = sheet.row(at).unwrap_or(0) + 1;
    let text: String = sheet.text(at).chars().take(40).collect();
    format!("{}{row} = {text}", letters(sheet.column(at)))
}

/// 0 → A, 26 → AA.
fn letters(column: u32) -> String {
    let mut out = Vec::new();
    let mut left = column + 1;
    while left > 0 {
        left -= 1;
        out.push(char::from(b'A' + u8::try_from(left % 26).unwrap_or(0)));
        left /= 26;
    }
    out.iter().rev().collect()
}

/// Two short numbers with a dash between, perhaps with a unit behind: `6-10`, `11～15岁`.
fn is_range(text: &str) -> bool {
    let text = text.trim();
    let Some(at) = text.find(['-', '~', '～', '—', '–', '至', '到']) else { return false };
    let (low, rest) = text.split_at(at);
    let high: String = rest.chars().skip(1).take_while(char::is_ascii_digit).collect();
    let short = |digits: &str| (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    short(low.trim()) && short(&high)
}

fn is_dated(name: &str) -> bool {
    let lower = name.to_lowercase();
    ["日期", "时间", "出生", "年月"].iter().any(|word| lower.contains(word)) || lower.split('_').any(|part| part == "date")
}

/// Days from about 1920 to 2120.
fn is_serial(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(|n| (7_000.0..80_000.0).contains(&n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_columns_are_told() {
        assert!(is_range("6-10") && is_range(" 11～15岁 "));
        assert!(["61-", "2025-01", "2025-01-05", "0574-87654321", "甲"].iter().all(|text| !is_range(text)));
        assert_eq!((letters(0), letters(25), letters(26), letters(701)), ("A".into(), "Z".into(), "AA".into(), "ZZ".into()));
    }
}
