//! `datastore_search_sql`: one SELECT over one resource, taken apart into the clauses of a SODA question. The text itself goes
//! nowhere: each clause is parsed again, and bound to the columns that there are.

/// Longest statement, in characters.
const CHARS_MAX: usize = 8_192;

/// The resource, and clauses as SODA has them (`$select`, `$where`…).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Select {
    pub resource: String,
    pub clauses: Vec<(&'static str, String)>,
}

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    /// A word as it stands, and whether it was in quotation marks.
    Word(String, bool),
    /// `'…'`, with its marks.
    Text(String),
    Sign(char),
}

const CLAUSES: [(&str, &str); 6] = [("WHERE", "$where"), ("GROUP", "$group"), ("HAVING", "$having"), ("ORDER", "$order"), ("LIMIT", "$limit"), ("OFFSET", "$offset")];

/// Takes a statement apart; what is no such SELECT is told why.
pub fn select(sql: &str) -> Result<Select, String> {
    let pieces = pieces(sql)?;
    let mut pieces = pieces.into_iter().peekable();
    if !pieces.next().is_some_and(|first| is(&first, "SELECT")) {
        return Err("Query is not a single statement, or not a SELECT".to_owned());
    }
    let distinct = pieces.next_if(|next| is(next, "DISTINCT")).is_some();
    let mut list = Vec::new();
    let mut from = false;
    for piece in pieces.by_ref() {
        if is(&piece, "FROM") {
            from = true;
            break;
        }
        list.push(piece);
    }
    if !from {
        return Err("FROM is missing".to_owned());
    }
    let resource = match pieces.next() {
        Some(Piece::Word(name, _)) => name,
        _ => return Err("FROM takes the id of a resource, in quotation marks".to_owned()),
    };
    let select = written(&list);
    let mut clauses = vec![("$select", select.clone())];
    while let Some(piece) = pieces.next() {
        if piece == Piece::Sign(';') && pieces.peek().is_none() {
            break;
        }
        let Some((word, clause)) = CLAUSES.iter().find(|(word, _)| is(&piece, word)) else {
            return Err("after FROM come WHERE, GROUP BY, HAVING, ORDER BY, LIMIT and OFFSET; joins, aliases and further statements do not".to_owned());
        };
        if matches!(*word, "GROUP" | "ORDER") && pieces.next_if(|next| is(next, "BY")).is_none() {
            return Err(format!("BY is missing after {word}"));
        }
        let mut own = Vec::new();
        while let Some(next) = pieces.next_if(|next| *next != Piece::Sign(';') && !CLAUSES.iter().any(|(word, _)| is(next, word))) {
            own.push(next);
        }
        if own.iter().any(|one| ["SELECT", "UNION", "FROM", "JOIN", "INTO"].iter().any(|word| is(one, word))) {
            return Err("one SELECT over one resource, without further ones inside it".to_owned());
        }
        clauses.push((clause, written(&own)));
    }
    if distinct {
        if clauses.iter().any(|(clause, _)| *clause == "$group") {
            return Err("DISTINCT and GROUP BY do not go together here".to_owned());
        }
        clauses.push(("$group", select));
    }
    Ok(Select { resource, clauses })
}

fn is(piece: &Piece, word: &str) -> bool {
    matches!(piece, Piece::Word(text, false) if text.eq_ignore_ascii_case(word))
}

fn written(pieces: &[Piece]) -> String {
    let mut out = String::new();
    for piece in pieces {
        match piece {
            Piece::Word(word, true) => out.push_str(&format!(" `{word}`")),
            Piece::Word(word, false) => out.push_str(&format!(" {word}")),
            Piece::Text(text) => out.push_str(&format!(" {text}")),
            // Signs of two letters stay together.
            Piece::Sign(sign) => out.push(*sign),
        }
    }
    out.trim().to_owned()
}

fn pieces(sql: &str) -> Result<Vec<Piece>, String> {
    let chars: Vec<char> = sql.chars().take(CHARS_MAX + 1).collect();
    if chars.len() > CHARS_MAX {
        return Err(format!("a statement may have {CHARS_MAX} characters"));
    }
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(&c) = chars.get(at) {
        match c {
            _ if c.is_whitespace() => {
                at += 1;
            }
            '\'' | '"' => {
                let mut text = String::new();
                let mut next = at + 1;
                loop {
                    match (chars.get(next), chars.get(next + 1)) {
                        (Some(end), Some(again)) if *end == c && *again == c => {
                            text.push(c);
                            next += 2;
                        }
                        (Some(end), _) if *end == c => break,
                        (Some(other), _) => {
                            text.push(*other);
                            next += 1;
                        }
                        (None, _) => return Err("a quotation mark is not closed".to_owned()),
                    }
                }
                found.push(match c {
                    '"' if text.contains('`') => return Err("a name has no ` in it".to_owned()),
                    '"' => Piece::Word(text, true),
                    _ => Piece::Text(format!("'{}'", text.replace('\'', "''"))),
                });
                at = next + 1;
            }
            _ if c.is_alphanumeric() || matches!(c, '_' | '.') => {
                let from = at;
                while chars.get(at).is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '.')) {
                    at += 1;
                }
                found.push(Piece::Word(chars.get(from..at).unwrap_or_default().iter().collect(), false));
            }
            '-' if chars.get(at + 1) == Some(&'-') => return Err("comments are not taken".to_owned()),
            '/' if chars.get(at + 1) == Some(&'*') => return Err("comments are not taken".to_owned()),
            '`' | '$' | '\\' => return Err(format!("`{c}` stands where no such sign may")),
            _ => {
                found.push(Piece::Sign(c));
                at += 1;
            }
        }
    }
    Ok(found)
}
