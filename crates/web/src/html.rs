//! Finished HTML, and the one place where text becomes safe to stand in it.

use std::fmt;

/// Markup that is already escaped; templates print it as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html(pub String);

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Html {}

/// Text made safe for element content and for quoted attributes.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// Text with the passages that `query` asks for marked. Words are separated by blanks; of a Chinese word
/// every piece of two characters or more counts, since readers do not separate words.
pub fn marked(text: &str, query: &str) -> Html {
    let words: Vec<Vec<char>> = query.split_whitespace().map(|w| w.to_lowercase().chars().collect()).collect();
    let chars: Vec<char> = text.chars().collect();
    let lower: Vec<char> = chars.iter().map(|c| c.to_lowercase().next().unwrap_or(*c)).collect();
    let mut out = String::new();
    let mut at = 0;
    while at < chars.len() {
        let length = words.iter().map(|w| longest_piece(&lower[at..], w)).max().unwrap_or(0);
        let passage: String = chars[at..at + length.max(1)].iter().collect();
        if length > 0 {
            out.push_str(&format!("<mark>{}</mark>", escape(&passage)));
        } else {
            out.push_str(&escape(&passage));
        }
        at += length.max(1);
    }
    Html(out.replace("</mark><mark>", ""))
}

/// How many characters at the start of `text` are the whole word, or a piece of it of at least two Chinese characters.
fn longest_piece(text: &[char], word: &[char]) -> usize {
    if word.is_empty() {
        return 0;
    }
    if text.starts_with(word) {
        return word.len();
    }
    let chinese = |c: &char| *c >= '\u{2e80}';
    (0..word.len())
        .map(|from| text.iter().zip(&word[from..]).take_while(|(a, b)| a == b && chinese(a)).count())
        .filter(|length| *length >= 2)
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{escape, marked};

    #[test]
    fn marks_words_and_pieces_of_chinese_words_and_escapes_the_rest() {
        assert_eq!(marked("城市空气质量监测 <日报>", "空气质量").0, "城市<mark>空气质量</mark>监测 &lt;日报&gt;");
        assert_eq!(marked("空气监测与质量", "空气质量").0, "<mark>空气</mark>监测与<mark>质量</mark>");
        assert_eq!(marked("Air Quality", "quality a").0, "<mark>A</mark>ir <mark>Quality</mark>");
        assert_eq!(marked("气体", "空气").0, "气体");
        assert_eq!(escape("<a href='x\"&'>"), "&lt;a href=&#39;x&quot;&amp;&#39;&gt;");
    }
}
