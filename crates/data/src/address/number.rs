//! Numbers in addresses and what they count: `832弄`, `30号`, `b栋`, `9单元`, `五楼`, `1200`, `104国道`.

/// What a number is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    /// `104国道`.
    Road,
    /// `832弄`.
    Lane,
    /// `30号`: of the road or of a building.
    House,
    Building,
    Unit,
    Floor,
    Room,
    /// `4区`, `二期`: a part of the place.
    Part,
    /// Postal codes, telephones, distances.
    Remark,
    Bare,
}

const MARKS: &[(&str, Number)] = &[
    ("国道", Number::Road),
    ("省道", Number::Road),
    ("县道", Number::Road),
    ("号大街", Number::Road),
    ("号路", Number::Road),
    ("区", Number::Part),
    ("期", Number::Part),
    ("组", Number::Part),
    ("号楼", Number::Building),
    ("号院", Number::House),
    ("号门", Number::House),
    ("号", Number::House),
    ("弄", Number::Lane),
    ("幢", Number::Building),
    ("栋", Number::Building),
    ("座", Number::Building),
    ("#楼", Number::Building),
    ("#", Number::Building),
    ("单元", Number::Unit),
    ("楼", Number::Floor),
    ("层", Number::Floor),
    ("F", Number::Floor),
    ("房间", Number::Room),
    ("室", Number::Room),
    ("房", Number::Room),
    ("公里", Number::Remark),
    ("米", Number::Remark),
];
const NUMERALS: &str = "一二三四五六七八九十〇零百两";

/// Whether a number with its mark, or a bare one, begins here.
pub(super) fn starts(text: &str) -> bool {
    match text.as_bytes().first() {
        Some(first) if first.is_ascii_digit() => true,
        Some(first) if first.is_ascii_alphabetic() => read(text).is_some(),
        _ => NUMERALS.contains(text.chars().next().unwrap_or(' ')) && read(text).is_some(),
    }
}

/// The number that the text begins with, and its length in characters with the mark.
pub(super) fn read(text: &str) -> Option<(Number, usize)> {
    let body = body(text)?;
    let (number, after) = text.split_at_checked(body)?;
    let count = number.chars().count();
    let mark = MARKS.iter().find(|(mark, _)| after.starts_with(mark));
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    match mark {
        Some((mark, kind)) => {
            let mut length = count + mark.chars().count();
            // `30号之1`, `30号-2`: the number goes on.
            let tail = after.get(mark.len()..).unwrap_or("");
            if *kind == Number::House && tail.starts_with('之') {
                length += 1 + tail.chars().skip(1).take_while(char::is_ascii_digit).count();
            }
            Some((*kind, length))
        }
        None if digits && matches!(count, 6 | 11) && (after.is_empty() || after.starts_with([' ', '('])) && count == 11 => {
            Some((Number::Remark, count))
        }
        None if number.bytes().any(|byte| byte.is_ascii_digit()) => Some((Number::Bare, count)),
        // Letters and numerals alone are names: `A区`, `三江口`.
        None => None,
    }
}

/// The length of `1路`, `2号街` in characters.
pub(super) fn in_road(text: &str) -> Option<usize> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let after = text.get(digits..).filter(|_| matches!(digits, 1 | 2))?;
    let mark = ["路", "街", "大道"].iter().find(|mark| after.starts_with(**mark))?;
    Some(digits + mark.chars().count())
}

/// Bytes of `12`, `12-3`, `A12`, `12B`, `十二`; `None` where there is no number.
fn body(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let numerals: usize = text.chars().take_while(|c| NUMERALS.contains(*c)).map(char::len_utf8).sum();
    if numerals > 0 {
        return Some(numerals);
    }
    let fits = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'-';
    let length = bytes.iter().take_while(fits).count();
    let length = bytes.get(..length)?.iter().rposition(u8::is_ascii_alphanumeric)? + 1;
    let letters = bytes.get(..length)?.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    // A word in Latin letters is a name; one or two letters belong to a number. `12F` is a floor.
    if letters > 2 {
        return None;
    }
    match bytes.get(..length)? {
        [head @ .., b'F' | b'f'] if !head.is_empty() && head.iter().all(u8::is_ascii_digit) => Some(length - 1),
        _ => Some(length),
    }
}
