//! Terms: how a text is cut into words, into pairs of characters, and into what it sounds like.
//! The index and the query use the same knife.

use std::sync::LazyLock;

use jieba_rs::Jieba;

use kernel::fold::{fold, is_han};

/// The dictionary takes a fraction of a second to load, once, when first needed.
static JIEBA: LazyLock<Jieba> = LazyLock::new(Jieba::new);

/// A piece of folded text: Chinese, or letters and digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Han(String),
    Latin(String),
}

/// Splits a text into pieces; everything else separates.
pub(crate) fn pieces(text: &str) -> Vec<Piece> {
    let folded: Vec<char> = fold(text).chars().collect();
    let mut pieces = Vec::new();
    let mut run = String::new();
    let mut run_is_han = false;
    for (place, found) in folded.iter().enumerate() {
        let han = is_han(*found);
        // A dot inside `pm2.5` belongs to the word.
        let inner_dot = *found == '.'
            && !run_is_han
            && !run.is_empty()
            && folded.get(place + 1).is_some_and(|next| next.is_ascii_digit());
        let kept = han || found.is_alphanumeric() || inner_dot;
        if !run.is_empty() && (!kept || han != run_is_han) {
            pieces.push(piece(std::mem::take(&mut run), run_is_han));
        }
        if kept {
            run.push(*found);
            run_is_han = han;
        }
    }
    if !run.is_empty() {
        pieces.push(piece(run, run_is_han));
    }
    pieces
}

fn piece(run: String, han: bool) -> Piece {
    if han { Piece::Han(run) } else { Piece::Latin(run) }
}

/// A word of the query: the word, and the shorter words inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) inner: Vec<String>,
    pub(crate) han: bool,
}

/// The words of a text in order, without those that say nothing.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    for piece in pieces(text) {
        match piece {
            Piece::Latin(word) => {
                if !EMPTY.contains(&word.as_str()) {
                    words.push(Word { text: stem(&word), inner: Vec::new(), han: false });
                }
            }
            Piece::Han(run) => {
                for token in JIEBA.cut(&run, false) {
                    if !EMPTY.contains(&token.word) {
                        words.push(Word { text: token.word.to_owned(), inner: inner_words(token.word), han: true });
                    }
                }
            }
        }
    }
    words
}

/// Words inside a longer one, as the dictionary has them: 空气 and 质量 inside 空气质量.
fn inner_words(word: &str) -> Vec<String> {
    if word.chars().count() < 3 {
        return Vec::new();
    }
    JIEBA.cut_for_search(word, false).into_iter().map(|token| token.word).filter(|inner| *inner != word).map(str::to_owned).collect()
}

/// Every term under which a text's words are indexed.
pub(crate) fn word_terms(text: &str) -> Vec<String> {
    words(text).into_iter().flat_map(|word| std::iter::once(word.text).chain(word.inner)).collect()
}

/// Pairs of neighbouring characters, for words that the dictionary does not know or cuts differently.
pub(crate) fn pairs(text: &str) -> Vec<String> {
    let mut pairs = Vec::new();
    for piece in pieces(text) {
        if let Piece::Han(run) = piece {
            let chars: Vec<char> = run.chars().collect();
            match chars.as_slice() {
                [single] => pairs.push(single.to_string()),
                _ => pairs.extend(chars.windows(2).map(|pair| pair.iter().collect::<String>())),
            }
        }
    }
    pairs
}

/// Single Chinese characters: only asked for when the query is one.
pub(crate) fn characters(text: &str) -> Vec<String> {
    fold(text).chars().filter(|found| is_han(*found)).map(String::from).collect()
}

/// Where the words of a Chinese run begin, in characters; the beginnings of inner words count too.
pub(crate) fn word_starts(run: &str) -> Vec<usize> {
    let mut starts = Vec::new();
    for token in JIEBA.cut(run, false) {
        starts.push(token.start);
        for inner in JIEBA.cut_for_search(token.word, false) {
            starts.push(token.start + inner.start);
        }
    }
    starts.sort_unstable();
    starts.dedup();
    starts
}

/// Plural to singular, lightly: `cities` and `city`, `permits` and `permit` are one word.
fn stem(word: &str) -> String {
    let plain = word.len() > 3 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    if !plain || word.ends_with("ss") || word.ends_with("us") || word.ends_with("is") {
        return word.to_owned();
    }
    if let Some(root) = word.strip_suffix("ies") {
        return format!("{root}y");
    }
    for ending in ["sses", "xes", "ches", "shes"] {
        if word.ends_with(ending) {
            return word.strip_suffix("es").unwrap_or(word).to_owned();
        }
    }
    word.strip_suffix('s').unwrap_or(word).to_owned()
}

/// Whether nearly every resource has the word, so that a query should not insist on it.
pub(crate) fn is_common(word: &str) -> bool {
    COMMON.contains(&word)
}

const EMPTY: [&str; 20] =
    ["的", "了", "和", "与", "及", "在", "是", "有", "等", "之", "或", "of", "the", "a", "an", "and", "in", "for", "to", "by"];
const COMMON: [&str; 16] =
    ["数据", "信息", "情况", "资源", "记录", "查询", "相关", "表", "明细", "宁波", "宁波市", "市", "data", "information", "record", "list"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_knife_for_every_way_of_writing() {
        assert_eq!(pieces("ＰＭ２.５濃度"), [Piece::Latin("pm2.5".into()), Piece::Han("浓度".into())]);
        assert_eq!(word_terms("空氣質量"), word_terms("空气质量"));
        assert!(word_terms("空气质量").contains(&"空气".to_owned()));
        assert_eq!(word_terms("Cities of the Permits"), ["city", "permit"]);
        assert_eq!(pairs("不动产"), ["不动", "动产"]);
        assert_eq!(stem("address"), "address");
        assert_eq!(stem("boxes"), "box");
    }
}
