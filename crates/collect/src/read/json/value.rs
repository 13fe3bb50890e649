//! One JSON value in memory → fields as text. Numbers keep their spelling, nested objects become `a.b`,
//! arrays stay JSON.

use std::borrow::Cow;

/// Objects deeper than this stay JSON.
const DEPTH: usize = 32;

/// Not JSON.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Broken;

/// Reads through one value from the front.
pub(crate) struct Walk<'j> {
    text: &'j [u8],
    at: usize,
}

impl<'j> Walk<'j> {
    pub fn new(text: &'j [u8]) -> Walk<'j> {
        Walk { text, at: 0 }
    }

    pub fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.text.get(self.at) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    fn eat(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    /// Nothing but blanks is left.
    pub fn ended(&mut self) -> bool {
        self.peek().is_none()
    }

    /// The bytes of the next value, checked.
    pub fn value(&mut self) -> Result<&'j [u8], Broken> {
        self.nested(0)
    }

    fn nested(&mut self, depth: usize) -> Result<&'j [u8], Broken> {
        let first = self.peek().ok_or(Broken)?;
        let start = self.at;
        match first {
            b'"' => {
                self.string()?;
            }
            b'{' if depth < 512 => self.members(|walk, _| walk.nested(depth + 1).map(|_| ()))?,
            b'[' if depth < 512 => self.elements(|walk| walk.nested(depth + 1).map(|_| ()))?,
            _ => self.scalar()?,
        }
        self.text.get(start..self.at).ok_or(Broken)
    }

    fn scalar(&mut self) -> Result<(), Broken> {
        let start = self.at;
        while self.text.get(self.at).is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.')) {
            self.at += 1;
        }
        match self.text.get(start..self.at) {
            Some(b"true" | b"false" | b"null" | b"NaN") => Ok(()),
            Some(number) if number.strip_prefix(b"-").unwrap_or(number).first().is_some_and(u8::is_ascii_digit) => {
                let text = std::str::from_utf8(number).map_err(|_| Broken)?;
                text.parse::<f64>().map(|_| ()).map_err(|_| Broken)
            }
            _ => Err(Broken),
        }
    }

    fn string(&mut self) -> Result<Cow<'j, str>, Broken> {
        if !self.eat(b'"') {
            return Err(Broken);
        }
        let start = self.at;
        loop {
            let rest = self.text.get(self.at..).ok_or(Broken)?;
            self.at += memchr::memchr2(b'"', b'\\', rest).ok_or(Broken)?;
            if self.text.get(self.at) == Some(&b'"') {
                break;
            }
            self.at += 2;
        }
        let inner = self.text.get(start..self.at).ok_or(Broken)?;
        self.at += 1;
        unescape(inner).ok_or(Broken)
    }

    /// Calls back in front of each member's value; the callee must take it.
    pub fn members(&mut self, mut each: impl FnMut(&mut Self, Cow<'j, str>) -> Result<(), Broken>) -> Result<(), Broken> {
        if !self.eat(b'{') {
            return Err(Broken);
        }
        if self.eat(b'}') {
            return Ok(());
        }
        loop {
            self.peek();
            let key = self.string()?;
            if !self.eat(b':') {
                return Err(Broken);
            }
            each(self, key)?;
            if self.eat(b'}') {
                return Ok(());
            }
            if !self.eat(b',') {
                return Err(Broken);
            }
        }
    }

    /// Calls back in front of each element; the callee must take it.
    pub fn elements(&mut self, mut each: impl FnMut(&mut Self) -> Result<(), Broken>) -> Result<(), Broken> {
        if !self.eat(b'[') {
            return Err(Broken);
        }
        if self.eat(b']') {
            return Ok(());
        }
        loop {
            each(self)?;
            if self.eat(b']') {
                return Ok(());
            }
            if !self.eat(b',') {
                return Err(Broken);
            }
        }
    }

    /// The next value as the text of one field.
    pub fn field(&mut self) -> Result<Option<Cow<'j, str>>, Broken> {
        match self.peek() {
            Some(b'"') => self.string().map(Some),
            Some(b'{' | b'[') => Ok(Some(Cow::Owned(compact(self.value()?)?))),
            _ => match self.value()? {
                b"null" => Ok(None),
                raw => std::str::from_utf8(raw).map(|s| Some(Cow::Borrowed(s))).map_err(|_| Broken),
            },
        }
    }

    /// The fields of the object that follows; `keep` false leaves arrays out.
    pub fn flatten(
        &mut self,
        prefix: &str,
        depth: usize,
        arrays: bool,
        give: &mut dyn FnMut(Cow<'_, str>, Option<Cow<'j, str>>),
    ) -> Result<(), Broken> {
        self.members(|walk, key| {
            let name: Cow<'_, str> = if prefix.is_empty() { key } else { Cow::Owned(format!("{prefix}.{key}")) };
            match walk.peek() {
                Some(b'{') if depth < DEPTH => walk.flatten(&name, depth + 1, arrays, give),
                Some(b'[') if !arrays => walk.value().map(|_| ()),
                _ => {
                    let field = walk.field()?;
                    give(name, field);
                    Ok(())
                }
            }
        })
    }

    /// Goes to the value of `wanted` in the object that follows.
    pub fn member(&mut self, wanted: &str) -> Result<Option<&'j [u8]>, Broken> {
        let mut found = None;
        self.members(|walk, key| {
            let value = walk.value()?;
            if key == wanted && found.is_none() {
                found = Some(value);
            }
            Ok(())
        })?;
        Ok(found)
    }
}

/// The text between two quotes; `None` for broken escapes or bytes.
pub(crate) fn unescape(inner: &[u8]) -> Option<Cow<'_, str>> {
    let text = std::str::from_utf8(inner).ok()?;
    if !text.contains('\\') {
        return Some(Cow::Borrowed(text));
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        out.push(match chars.next()? {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'u' => {
                let high = hex(&mut chars)?;
                if (0xD800..0xDC00).contains(&high) {
                    if (chars.next()?, chars.next()?) != ('\\', 'u') {
                        return None;
                    }
                    let low = hex(&mut chars)?.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
                    char::from_u32(0x10000 + ((high - 0xD800) << 10) + low)?
                } else {
                    char::from_u32(high)?
                }
            }
            other @ ('"' | '\\' | '/') => other,
            _ => return None,
        });
    }
    Some(Cow::Owned(out))
}

fn hex(chars: &mut std::str::Chars<'_>) -> Option<u32> {
    let mut value = 0;
    for _ in 0..4 {
        value = value * 16 + chars.next()?.to_digit(16)?;
    }
    Some(value)
}

/// JSON without the blanks between its parts.
pub(crate) fn compact(raw: &[u8]) -> Result<String, Broken> {
    let text = std::str::from_utf8(raw).map_err(|_| Broken)?;
    let mut out = String::with_capacity(text.len());
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        if quoted || !matches!(c, ' ' | '\t' | '\r' | '\n') {
            out.push(c);
        }
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(json: &str) -> Result<Vec<(String, Option<String>)>, Broken> {
        let mut out = Vec::new();
        let mut walk = Walk::new(json.as_bytes());
        walk.flatten("", 0, true, &mut |k, v| out.push((k.into_owned(), v.map(Cow::into_owned))))?;
        if walk.ended() { Ok(out) } else { Err(Broken) }
    }

    #[test]
    fn an_object_becomes_fields() {
        let found = fields(r#" {"a": 4111010001, "b": {"c": 1.10, "d": null}, "e": [1, {"f": "x y"}], "g": "\u4e2d\ud83d\ude00\n", "h": -0.0E+5} "#);
        let expected = [
            ("a", Some("4111010001")), ("b.c", Some("1.10")), ("b.d", None), ("e", Some(r#"[1,{"f":"x y"}]"#)),
            ("g", Some("中😀\n")), ("h", Some("-0.0E+5")),
        ];
        let expected: Vec<_> = expected.into_iter().map(|(k, v)| (k.to_owned(), v.map(str::to_owned))).collect();
        assert_eq!(found, Ok(expected));
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for json in ["", "{", r#"{"a"}"#, r#"{"a":}"#, r#"{"a":1,}"#, r#"{"a":"x}"#, r#"{"a":01x}"#, r#"{"a":"\ud83d"}"#, r#"{"a":1} 2"#] {
            assert_eq!(fields(json), Err(Broken), "{json}");
        }
    }
}
