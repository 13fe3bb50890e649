//! What the header of a column says: words of Chinese, English and pinyin initials (sfzh, lxdh), each with its weight.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::info::InfoType;
use super::names::is_han;
use crate::standard::snake;

/// The head of a Chinese word is its end: 身份证有效期 is a date. A word that stands elsewhere says less.
const NOT_AT_END: f64 = 0.35;
/// The weight of a word that leaves no doubt.
const SURE: f64 = 8.0;
/// The longest header that is looked at, in characters.
const LONGEST: usize = 100;
/// Ends that make a header a count of what stands before: 患者人数.
#[rustfmt::skip]
const COUNTS: [&str; 17] = [
    "人数", "户数", "件数", "例数", "次数", "数量", "总数", "合计", "人次", "占比", "比例", "比率", "率", "总量", "总计", "平均值",
    "指数",
];
/// What ends so and is no count.
const NO_COUNTS: [&str; 5] = ["参数", "分数", "系数", "基数", "岁数"];
/// What may stand behind a word without making it another.
const TAILS: [&str; 13] = [
    "", "号", "码", "号码", "代码", "名称", "信息", "编码", "描述", "金额", "情况", "内容", "名单",
];
/// Ends that tell something about it, and not it: 身份证有效期, 手机品牌.
#[rustfmt::skip]
const ASIDE: [&str; 10] = [
    "类型", "种类", "有效期", "状态", "品牌", "归属地", "统计", "说明", "签发机关", "来源",
];
const COUNT_TOKENS: [&str; 11] = [
    "count",
    "total",
    "number_of",
    "rate",
    "ratio",
    "percent",
    "avg",
    "mean",
    "sum",
    "cases",
    "persons",
];
const ASIDE_TOKENS: [&str; 7] = ["kind", "type", "status", "expiry", "valid_until", "source", "hash"];

/// Words that a header consists of, with what each speaks for.
pub(super) fn read(name: &str, title: &str) -> Vec<(InfoType, f64)> {
    let mut found: HashMap<InfoType, f64> = HashMap::new();
    for text in [name, title] {
        let text: String = text.chars().take(LONGEST).collect();
        let whole = WHOLE
            .get(without_brackets(&text).to_lowercase().as_str())
            .into_iter()
            .flatten()
            .copied();
        for (info, weight) in chinese(&text).into_iter().chain(latin(&text)).chain(whole) {
            let best = found.entry(info).or_insert(0.0);
            *best = best.max(weight);
        }
    }
    let mut all: Vec<_> = found.into_iter().collect();
    all.sort_by_key(|(info, _)| *info);
    all
}

fn chinese(text: &str) -> Vec<(InfoType, f64)> {
    let text = without_brackets(text);
    if !text.chars().any(is_han) {
        return Vec::new();
    }
    let lower = text.to_lowercase();
    let ends: Vec<usize> = lower.char_indices().map(|(at, _)| at).chain([lower.len()]).collect();
    let mut hits = Vec::new();
    for (n, at) in ends.iter().enumerate() {
        for end in ends.iter().skip(n + 1) {
            hits.extend(
                lower
                    .get(*at..*end)
                    .and_then(|word| WORDS.get(word))
                    .map(|meanings| (*at, *end, meanings)),
            );
        }
    }
    // 营业收入 is not 收入: a word inside a longer one says nothing.
    let longest = |at: usize, end: usize| !hits.iter().any(|(a, e, _)| *a <= at && *e >= end && e - a > end - at);
    let counted =
        COUNTS.iter().any(|word| lower.ends_with(word)) || lower.ends_with('数') && !NO_COUNTS.iter().any(|word| lower.ends_with(word));
    let aside = counted || ASIDE.iter().any(|word| lower.ends_with(word));
    let mut out = Vec::new();
    if counted {
        out.push((InfoType::Statistic, SURE));
    }
    for (at, end, meanings) in hits.iter().filter(|(at, end, _)| longest(*at, *end)) {
        for (info, weight) in *meanings {
            let tail = lower.get(*end..).unwrap_or("");
            let at_end = TAILS.contains(&tail);
            // A short word in the midst of a longer header is mostly part of another word.
            let lone = at_end || end - at > 3 && !aside;
            if lone && !(aside && info.is_of_persons() && !WORDS.contains_key(lower.as_str())) {
                out.push((*info, if at_end { *weight } else { weight * NOT_AT_END }));
            }
        }
    }
    out
}

fn latin(text: &str) -> Vec<(InfoType, f64)> {
    let words = snake(text);
    let parts: Vec<&str> = words.split('_').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() || text.chars().any(is_han) {
        return Vec::new();
    }
    let ends = |list: &[&str]| list.iter().any(|word| words == *word || words.ends_with(&format!("_{word}")));
    let known = WORDS.contains_key(words.as_str());
    let counted = (ends(&COUNT_TOKENS) || words.starts_with("num_") || words.starts_with("number_of_")) && !known;
    let aside = (counted || ends(&ASIDE_TOKENS)) && !known;
    let mut hits: Vec<(usize, usize, &Vec<(InfoType, f64)>)> = Vec::new();
    for from in 0..parts.len() {
        for to in from + 1..=parts.len().min(from + 4) {
            let joined = parts.get(from..to).map(|parts| parts.join("_")).unwrap_or_default();
            hits.extend(WORDS.get(joined.as_str()).map(|meanings| (from, to, meanings)));
        }
    }
    let longest = |from: usize, to: usize| !hits.iter().any(|(f, t, _)| *f <= from && *t >= to && t - f > to - from);
    let mut out = Vec::new();
    if counted {
        out.push((InfoType::Statistic, SURE));
    }
    for (from, to, meanings) in hits.iter().filter(|(from, to, _)| longest(*from, *to)) {
        for (info, weight) in *meanings {
            // `name` and the like of something else (stop_name) are told by the longer word, or not at all.
            let last = *to == parts.len()
                || *to + 1 == parts.len() && matches!(parts.last(), Some(&("no" | "num" | "number" | "code" | "id" | "name" | "text")));
            let whole = *from == 0 && last;
            let weight = match (whole, last) {
                (true, _) => *weight,
                // Behind many words it is something else's: Travel Documents > Lost Passport.
                (false, true) if weight > &6.0 && *from <= 2 => *weight * 0.9,
                _ => weight * NOT_AT_END * 0.5,
            };
            if !(aside && info.is_of_persons()) {
                out.push((*info, weight));
            }
        }
    }
    if let [single] = parts.as_slice()
        && out.is_empty()
    {
        out.extend(
            ENDS.iter()
                .filter(|(end, _, _)| single.ends_with(end))
                .map(|(_, info, weight)| (*info, weight * 0.9)),
        );
    }
    out
}

/// 金额（元） → 金额.
fn without_brackets(text: &str) -> String {
    let mut depth = 0usize;
    let mut out = String::new();
    for c in text.trim().chars() {
        match c {
            '(' | '（' | '[' | '【' => depth += 1,
            ')' | '）' | ']' | '】' => depth = depth.saturating_sub(1),
            c if depth == 0 && !c.is_whitespace() => out.push(c),
            _ => {}
        }
    }
    if out.is_empty() { text.trim().to_owned() } else { out }
}

type Words = HashMap<&'static str, Vec<(InfoType, f64)>>;

fn rows() -> impl Iterator<Item = (InfoType, f64, &'static str)> {
    include_str!("../../reference/info_words.csv").lines().skip(1).flat_map(|line| {
        let mut fields = line.splitn(3, ',');
        let info = fields.next().and_then(InfoType::named);
        let weight = fields.next().and_then(|weight| weight.parse::<f64>().ok());
        let words = fields.next().unwrap_or("");
        info.zip(weight)
            .into_iter()
            .flat_map(move |(info, weight)| words.split(';').map(move |word| (info, weight, word)))
    })
}

/// Words that a header has, and what they speak for.
static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Words::new();
    for (info, weight, word) in rows().filter(|(_, _, word)| !word.starts_with(['*', '='])) {
        words.entry(word).or_default().push((info, weight));
    }
    words
});

/// Words that speak only as a whole header: 名称 is an organisation's, 器具名称 is not.
static WHOLE: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Words::new();
    for (info, weight, word) in rows() {
        if let Some(word) = word.strip_prefix('=') {
            words.entry(word).or_default().push((info, weight));
        }
    }
    words
});

/// Ends of headers in pinyin initials: dsrsfzh is somebody's 身份证号.
static ENDS: LazyLock<Vec<(&'static str, InfoType, f64)>> = LazyLock::new(|| {
    rows()
        .filter_map(|(info, weight, word)| word.strip_prefix('*').map(|end| (end, info, weight)))
        .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_list_is_of_a_known_type() {
        for line in include_str!("../../reference/info_words.csv").lines().skip(1) {
            let name = line.split(',').next().unwrap();
            assert!(InfoType::named(name).is_some(), "{name}");
        }
        for info in InfoType::ALL {
            assert!(rows().any(|(other, _, _)| other == info), "{info:?} has no words");
        }
    }
}
