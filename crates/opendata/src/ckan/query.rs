//! A query as a tree, read as Solr's standard parser reads it where AND is the rule (`q.op=AND`, as CKAN has it): clauses are
//! required, forbidden, or one of those joined by OR must hold.

use super::clause::{Token, tokens};

/// Brackets within brackets.
const DEPTH_MAX: usize = 50;

/// What is wrong with a query, as Solr's own message would be: in English only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Syntax(pub String);

impl Syntax {
    pub(super) fn new(text: impl Into<String>) -> Syntax {
        Syntax(text.into())
    }
}

/// A query that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Query(pub(super) Node);

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    All(Vec<Clause>),
    /// Of a field; of the text as a whole where it is empty.
    Is { field: String, what: What },
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum What {
    /// With `*` and `?`.
    Term(String),
    Phrase(String),
    Range { from: String, to: String, closed: [bool; 2] },
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Clause {
    pub occur: Occur,
    pub node: Node,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occur {
    Must,
    Should,
    Not,
}

impl Query {
    /// Everything.
    pub fn all() -> Query {
        Query(Node::All(Vec::new()))
    }

    /// Reads a filter (`fq`); errors as Solr has them.
    pub fn read(text: &str) -> Result<Query, Syntax> {
        if text.trim_start().starts_with("{!") {
            return Err(Syntax::new("Local parameters are not supported."));
        }
        let tokens = tokens(text)?;
        let mut reading = Reading { tokens: &tokens, at: 0 };
        let node = reading.clauses("", 0)?;
        if reading.at < tokens.len() {
            return Err(Syntax::new("a bracket is closed that is not open"));
        }
        Ok(Query(node))
    }

    /// Reads what people type (`q`): what is no query is a list of words.
    pub fn lenient(text: &str) -> Query {
        Query::read(text).unwrap_or_else(|_| {
            let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(100);
            let is = |word: &str| Node::Is { field: String::new(), what: What::Term(word.to_owned()) };
            Query(Node::All(words.map(|word| Clause { occur: Occur::Must, node: is(word) }).collect()))
        })
    }
}

struct Reading<'t> {
    tokens: &'t [Token],
    at: usize,
}

impl Reading<'_> {
    /// Clauses up to the end or a closing bracket; those without a field of their own are of `field`.
    fn clauses(&mut self, field: &str, depth: usize) -> Result<Node, Syntax> {
        if depth > DEPTH_MAX {
            return Err(Syntax::new("too many brackets within brackets"));
        }
        let mut found: Vec<Clause> = Vec::new();
        while let Some(token) = self.tokens.get(self.at) {
            let joined = match token {
                Token::Close => break,
                Token::And | Token::Or => {
                    self.at += 1;
                    if found.is_empty() {
                        return Err(Syntax::new("AND or OR stands before the first clause"));
                    }
                    Some(*token == Token::Or)
                }
                _ => None,
            };
            let modified = self.modifier();
            let Some(node) = self.node(field, depth)? else {
                return Err(Syntax::new("a clause is missing"));
            };
            if let Some(before) = found.last_mut().filter(|before| before.occur != Occur::Not) {
                match joined {
                    Some(true) => before.occur = Occur::Should,
                    Some(false) => before.occur = Occur::Must,
                    None => {}
                }
            }
            let occur = match modified {
                Some(occur) => occur,
                None if joined == Some(true) => Occur::Should,
                None => Occur::Must,
            };
            found.push(Clause { occur, node });
        }
        Ok(Node::All(found))
    }

    fn modifier(&mut self) -> Option<Occur> {
        let mut found = None;
        while let Some(occur) = match self.tokens.get(self.at) {
            Some(Token::Must) => Some(Occur::Must),
            Some(Token::Not) => Some(Occur::Not),
            _ => None,
        } {
            self.at += 1;
            found = Some(occur);
        }
        found
    }

    fn node(&mut self, field: &str, depth: usize) -> Result<Option<Node>, Syntax> {
        let Some(token) = self.tokens.get(self.at) else { return Ok(None) };
        self.at += 1;
        let is = |what: What| Some(Node::Is { field: field.to_owned(), what });
        Ok(match token {
            Token::Field(name) => {
                // As in Solr; and whoever writes two thousand of them does not fill the stack.
                if matches!(self.tokens.get(self.at), Some(Token::Field(_))) {
                    return Err(Syntax::new(format!("a field stands behind `{name}:`")));
                }
                match self.node(name, depth)? {
                    Some(node) => Some(node),
                    None => return Err(Syntax::new(format!("nothing stands behind `{name}:`"))),
                }
            }
            Token::Open => {
                let inner = self.clauses(field, depth + 1)?;
                if self.tokens.get(self.at) != Some(&Token::Close) {
                    return Err(Syntax::new("a bracket is not closed"));
                }
                self.at += 1;
                Some(inner)
            }
            Token::Term(text) => is(What::Term(text.clone())),
            Token::Phrase(text) => is(What::Phrase(text.clone())),
            Token::Range { from, to, closed } => is(What::Range { from: from.clone(), to: to.clone(), closed: *closed }),
            Token::Close | Token::And | Token::Or | Token::Must | Token::Not => {
                self.at -= 1;
                None
            }
        })
    }
}
