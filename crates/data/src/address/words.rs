//! The words by which parts of an address are known: what names end in, what parts them, what is only a hint.

use super::number;

/// Between parts; never part of one.
pub(super) const SEPARATORS: &str = " -_,.;:/|、。；：，·()[]【】（）\"'~";

/// What a name is, by its last word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    District,
    Town,
    Zone,
    Village,
    Road,
    Place,
}

/// Last words, longer ones first where one ends in another; the fewest and the most characters of the whole name.
const ENDINGS: &[(&str, Kind, usize, usize)] = &[
    ("街道办事处", Kind::Town, 7, 10),
    ("街道", Kind::Town, 3, 6),
    ("镇", Kind::Town, 2, 6),
    ("乡", Kind::Town, 2, 8),
    ("苏木", Kind::Town, 3, 8),
    ("开发区", Kind::Zone, 3, 14),
    ("高新区", Kind::Zone, 3, 8),
    ("经开区", Kind::Zone, 3, 8),
    ("村委会", Kind::Village, 4, 8),
    ("居委会", Kind::Village, 4, 9),
    ("社区", Kind::Village, 3, 8),
    ("新村", Kind::Place, 3, 8),
    ("村", Kind::Village, 2, 7),
    ("大道", Kind::Road, 3, 8),
    ("公路", Kind::Road, 3, 8),
    ("大街", Kind::Road, 3, 7),
    ("国道", Kind::Road, 3, 6),
    ("省道", Kind::Road, 3, 6),
    ("胡同", Kind::Road, 3, 7),
    ("路", Kind::Road, 2, 7),
    ("街", Kind::Road, 2, 6),
    ("巷", Kind::Road, 2, 6),
    ("弄", Kind::Road, 2, 5),
    ("小区", Kind::Place, 3, 12),
    ("花园", Kind::Place, 3, 12),
    ("公寓", Kind::Place, 3, 12),
    ("大厦", Kind::Place, 3, 12),
    ("广场", Kind::Place, 3, 12),
    ("工业区", Kind::Place, 3, 12),
    ("工业园区", Kind::Place, 4, 12),
    ("工业园", Kind::Place, 4, 12),
    ("科技园", Kind::Place, 4, 12),
    ("市场", Kind::Place, 3, 12),
    ("商贸城", Kind::Place, 3, 12),
    ("公司", Kind::Place, 3, 30),
    ("学校", Kind::Place, 3, 16),
    ("大学", Kind::Place, 3, 12),
    ("中学", Kind::Place, 3, 12),
    ("小学", Kind::Place, 3, 12),
    ("医院", Kind::Place, 3, 14),
    ("酒店", Kind::Place, 3, 12),
    ("宾馆", Kind::Place, 3, 12),
    ("区", Kind::District, 3, 4),
    ("县", Kind::District, 2, 4),
];

/// Hints for whoever delivers.
const REMARKS: &[&str] = &[
    "中国", "电联", "收件人", "门卫代收", "代收", "丰巢", "对面", "交叉口", "交汇处", "旁边", "附近", "门口", "路口", "隔壁", "转交", "null", "NULL",
    "市辖区", "其它区", "其他区", "城区", "旁",
];

/// The longest name looked for, in characters.
const LONGEST: usize = 30;

/// Full-width signs made narrow, dashes one dash; blanks that only look like text are dropped.
pub(super) fn narrowed(c: char) -> Option<char> {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0),
        '\u{3000}' | '\u{a0}' | '\t' | '\n' | '\r' => Some(' '),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Some('-'),
        '\u{feff}' | '\u{200b}'..='\u{200f}' => None,
        _ => Some(c),
    }
}

/// How long the hint is that the text begins with.
pub(super) fn remark(text: &str) -> Option<usize> {
    REMARKS.iter().find(|word| text.starts_with(**word)).map(|word| word.chars().count())
}

/// The name that the text begins with, by the first last word that stands in it, and its length.
pub(super) fn named(text: &str) -> Option<(Kind, usize)> {
    for (length, (at, c)) in text.char_indices().enumerate().take(LONGEST) {
        let rest = text.get(at..).unwrap_or("");
        if SEPARATORS.contains(c) {
            return None;
        }
        if length > 0 && number::starts(rest) {
            // `文1路`: a number inside of the road's name.
            return number::in_road(rest).map(|more| (Kind::Road, length + more)).filter(|_| length <= 3);
        }
        let end = at + c.len_utf8();
        let (name, after) = text.split_at_checked(end)?;
        let ending = ENDINGS.iter().find(|(word, _, least, _)| name.ends_with(word) && length + 1 >= *least);
        if let Some((word, kind, _, most)) = ending
            && !goes_on(*kind, word, after)
        {
            return (length < *most).then_some((*kind, length + 1));
        }
    }
    None
}

/// Whether a place is one of many houses, which are numbered among themselves.
pub(super) fn is_estate(place: &str) -> bool {
    ["小区", "花园", "公寓", "新村", "苑", "园", "区", "期", "花苑", "家园", "庭", "府", "湾", "城"].iter().any(|end| place.ends_with(end))
}

/// How far a name without a last word reaches.
pub(super) fn unnamed(text: &str) -> usize {
    let stop = |at: usize, c: char| {
        let rest = text.get(at..).unwrap_or("");
        SEPARATORS.contains(c) || (at > 0 && (number::starts(rest) || remark(rest).is_some()))
    };
    text.char_indices().take_while(|(at, c)| !stop(*at, *c)).count()
}

/// Whether the name is longer than its last word says: `花园路`, `广场东路`, `镇前街`, `街道`, `新村路`.
fn goes_on(kind: Kind, word: &str, after: &str) -> bool {
    let roadish = road_follows(after);
    match (kind, word) {
        (Kind::Road, "街") if after.starts_with('道') => !after.starts_with("道路"),
        (Kind::Road, _) => after.starts_with(['镇', '乡', '村', '桥']) || ["街道", "社区"].iter().any(|next| after.starts_with(next)),
        (Kind::Town, "镇" | "乡") => roadish || after.starts_with(['村', '政', '中', '卫']) && !after.starts_with("中心"),
        (Kind::Village, "村") => roadish || after.starts_with(['镇', '乡', '委']),
        (Kind::District | Kind::Zone, _) => roadish || after.starts_with("政府"),
        (_, _) => roadish || after.starts_with(['村', '镇']),
    }
}

/// `路`, `东路`, `前街`: what makes a road of the name before it.
pub(super) fn road_follows(after: &str) -> bool {
    let mut signs = after.chars();
    let road = |c: Option<char>| matches!(c, Some('路' | '街' | '巷' | '弄' | '道'));
    match signs.next() {
        Some('大') => matches!(signs.next(), Some('道' | '街')),
        Some('公') => signs.next() == Some('路'),
        Some('东' | '西' | '南' | '北' | '中' | '前' | '后' | '一' | '二' | '三' | '四' | '五' | '支' | '横' | '环') => {
            road(signs.next())
        }
        first => road(first) && !after.starts_with("街道"),
    }
}
