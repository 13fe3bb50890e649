//! From the parts of a clause to its tree, the loosest operator first.

use super::lex::{Token, tokens};
use super::{Operator, Query, SodaError, Term};

/// How deep terms may stand in one another, and how many a list may have.
const NESTED: usize = 32;
const LISTED: usize = 1_000;
/// Words that end a clause and are therefore no names, unless they stand in backticks.
const WORDS: [&str; 17] =
    ["select", "where", "group", "having", "order", "limit", "offset", "by", "and", "or", "not", "in", "between", "like", "is", "as", "search"];

pub(super) struct Parser {
    /// Backwards: the next is the last.
    tokens: Vec<Token>,
    depth: usize,
}

type Parsed<T> = Result<T, SodaError>;

impl Parser {
    pub fn new(text: &str) -> Parsed<Parser> {
        let mut tokens = tokens(text)?;
        tokens.reverse();
        Ok(Parser { tokens, depth: 0 })
    }

    /// What `read` takes, which is all there is.
    pub fn whole<T>(mut self, read: impl FnOnce(&mut Parser) -> Parsed<T>) -> Parsed<T> {
        let found = read(&mut self)?;
        match self.tokens.last() {
            None => Ok(found),
            Some(_) => Err(self.unexpected()),
        }
    }

    fn unexpected(&self) -> SodaError {
        match self.tokens.last() {
            None => SodaError::compile("查询没有写完", "the question ends too early"),
            Some(token) => {
                let shown = match token {
                    Token::Word(text, _) | Token::Number(text) => text.clone(),
                    Token::Text(text) => format!("'{}'", text.chars().take(40).collect::<String>()),
                    Token::Sign(sign) => (*sign).to_owned(),
                };
                SodaError::compile(format!("此处不应出现 {shown}"), format!("{shown} is not expected here"))
            }
        }
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.tokens.last(), Some(Token::Word(found, false)) if found.eq_ignore_ascii_case(word))
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let is = self.is_word(word);
        if is {
            self.tokens.pop();
        }
        is
    }

    fn eat(&mut self, sign: &str) -> bool {
        let is = matches!(self.tokens.last(), Some(Token::Sign(found)) if *found == sign);
        if is {
            self.tokens.pop();
        }
        is
    }

    fn must(&mut self, sign: &str) -> Parsed<()> {
        if self.eat(sign) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Everything in one text.
    pub fn query(&mut self) -> Parsed<Query> {
        let mut query = Query::default();
        if self.eat_word("select") {
            query.select = self.select()?;
        }
        if self.eat_word("where") {
            query.filter = Some(self.term()?);
        }
        if self.eat_word("search") {
            let Some(Token::Text(words)) = self.tokens.pop() else { return Err(self.unexpected()) };
            query.words = Some(words);
        }
        if self.eat_word("group") {
            self.by()?;
            query.group = self.terms()?;
        }
        if self.eat_word("having") {
            query.having = Some(self.term()?);
        }
        if self.eat_word("order") {
            self.by()?;
            query.order = self.order()?;
        }
        if self.eat_word("limit") {
            query.limit = Some(self.count()?);
        }
        if self.eat_word("offset") {
            query.offset = Some(self.count()?);
        }
        Ok(query)
    }

    fn by(&mut self) -> Parsed<()> {
        if self.eat_word("by") { Ok(()) } else { Err(self.unexpected()) }
    }

    fn count(&mut self) -> Parsed<u64> {
        match self.tokens.last() {
            Some(Token::Number(text)) => {
                let number = text.parse().map_err(|_| self.unexpected())?;
                self.tokens.pop();
                Ok(number)
            }
            _ => Err(self.unexpected()),
        }
    }

    pub fn select(&mut self) -> Parsed<Vec<(Term, Option<String>)>> {
        self.list(|parser| {
            if parser.eat("*") {
                return Ok((Term::All, None));
            }
            let term = parser.term()?;
            let alias = if parser.eat_word("as") { Some(parser.name()?) } else { None };
            Ok((term, alias))
        })
    }

    pub fn order(&mut self) -> Parsed<Vec<(Term, bool)>> {
        self.list(|parser| {
            let term = parser.term()?;
            let down = parser.eat_word("desc");
            if !down {
                parser.eat_word("asc");
            }
            Ok((term, down))
        })
    }

    pub fn terms(&mut self) -> Parsed<Vec<Term>> {
        self.list(Parser::term)
    }

    fn list<T>(&mut self, mut read: impl FnMut(&mut Parser) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut found = vec![read(self)?];
        while self.eat(",") {
            if found.len() == LISTED {
                return Err(SodaError::compile(format!("最多列出 {LISTED} 项"), format!("a list has {LISTED} entries at most")));
            }
            found.push(read(self)?);
        }
        Ok(found)
    }

    fn name(&mut self) -> Parsed<String> {
        match self.tokens.last() {
            Some(Token::Word(word, sure)) if *sure || !WORDS.contains(&word.to_ascii_lowercase().as_str()) => {
                let name = word.clone();
                self.tokens.pop();
                Ok(name)
            }
            _ => Err(self.unexpected()),
        }
    }

    /// A term of any kind.
    pub fn term(&mut self) -> Parsed<Term> {
        self.depth += 1;
        if self.depth > NESTED {
            return Err(SodaError::compile(format!("括号最多嵌套 {NESTED} 层"), format!("at most {NESTED} brackets may stand in one another")));
        }
        let mut parts = vec![self.conjunction()?];
        while self.eat_word("or") {
            parts.push(self.conjunction()?);
        }
        self.depth -= 1;
        Ok(balanced(parts, Operator::Or))
    }

    fn conjunction(&mut self) -> Parsed<Term> {
        let mut parts = vec![self.negation()?];
        while self.eat_word("and") {
            parts.push(self.negation()?);
        }
        Ok(balanced(parts, Operator::And))
    }

    fn negation(&mut self) -> Parsed<Term> {
        let mut not = false;
        while self.eat_word("not") {
            not = !not;
        }
        let term = self.comparison()?;
        Ok(if not { Term::Not(Box::new(term)) } else { term })
    }

    fn comparison(&mut self) -> Parsed<Term> {
        let left = self.sum()?;
        const SIGNS: [(&str, Operator); 8] = [
            ("=", Operator::Equal),
            ("==", Operator::Equal),
            ("!=", Operator::Unequal),
            ("<>", Operator::Unequal),
            ("<=", Operator::LessEqual),
            (">=", Operator::GreaterEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        if let Some((_, operator)) = SIGNS.into_iter().find(|(sign, _)| self.eat(sign)) {
            return Ok(Term::Binary(operator, Box::new(left), Box::new(self.sum()?)));
        }
        if self.eat_word("is") {
            let not = self.eat_word("not");
            if !self.eat_word("null") {
                return Err(self.unexpected());
            }
            return Ok(negated(Term::IsNull(Box::new(left)), not));
        }
        let not = self.eat_word("not");
        if self.eat_word("in") {
            self.must("(")?;
            let list = self.list(Parser::sum)?;
            self.must(")")?;
            return Ok(negated(Term::In(Box::new(left), list), not));
        }
        if self.eat_word("between") {
            let low = self.sum()?;
            if !self.eat_word("and") {
                return Err(self.unexpected());
            }
            return Ok(negated(Term::Between(Box::new(left), Box::new(low), Box::new(self.sum()?)), not));
        }
        if self.eat_word("like") {
            return Ok(negated(Term::Like(Box::new(left), Box::new(self.sum()?)), not));
        }
        if not { Err(self.unexpected()) } else { Ok(left) }
    }

    fn sum(&mut self) -> Parsed<Term> {
        let signs = [("+", Operator::Add), ("-", Operator::Subtract), ("||", Operator::Join)];
        self.chain(&signs, Parser::product)
    }

    fn product(&mut self) -> Parsed<Term> {
        let signs = [("*", Operator::Multiply), ("/", Operator::Divide), ("%", Operator::Remainder)];
        self.chain(&signs, Parser::factor)
    }

    /// Read from the left; a long chain is as deep as it is long, and so counts as depth.
    fn chain(&mut self, signs: &[(&str, Operator)], part: impl Fn(&mut Parser) -> Parsed<Term>) -> Parsed<Term> {
        let (mut left, mut links) = (part(self)?, 0);
        while let Some((_, operator)) = signs.iter().find(|(sign, _)| self.eat(sign)) {
            links += 1;
            if links > NESTED {
                return Err(SodaError::compile(format!("运算最多连写 {NESTED} 次"), format!("at most {NESTED} operators may stand in a row")));
            }
            left = Term::Binary(*operator, Box::new(left), Box::new(part(self)?));
        }
        Ok(left)
    }

    fn factor(&mut self) -> Parsed<Term> {
        let mut minus = false;
        while self.eat("-") {
            minus = !minus;
        }
        let factor = self.primary()?;
        Ok(match factor {
            Term::Number(digits) if minus => Term::Number(format!("-{digits}")),
            factor if minus => Term::Negate(Box::new(factor)),
            factor => factor,
        })
    }

    fn primary(&mut self) -> Parsed<Term> {
        if self.eat("(") {
            let inner = self.term()?;
            self.must(")")?;
            return Ok(inner);
        }
        match self.tokens.last() {
            Some(Token::Text(text)) => {
                let term = Term::Text(text.clone());
                self.tokens.pop();
                Ok(term)
            }
            Some(Token::Number(digits)) => {
                let term = Term::Number(digits.clone());
                self.tokens.pop();
                Ok(term)
            }
            Some(Token::Word(word, false)) if word.eq_ignore_ascii_case("null") => {
                self.tokens.pop();
                Ok(Term::Null)
            }
            Some(Token::Word(word, false)) if word.eq_ignore_ascii_case("true") || word.eq_ignore_ascii_case("false") => {
                let yes = word.eq_ignore_ascii_case("true");
                self.tokens.pop();
                Ok(Term::Boolean(yes))
            }
            Some(Token::Word(..)) => {
                let name = self.name()?;
                if self.eat("(") { self.call(name.to_lowercase()) } else { Ok(Term::Name(name)) }
            }
            _ => Err(self.unexpected()),
        }
    }

    fn call(&mut self, name: String) -> Parsed<Term> {
        if self.eat(")") {
            return Ok(Term::Call(name, Vec::new()));
        }
        if self.eat("*") {
            self.must(")")?;
            return Ok(Term::Call(name, vec![Term::All]));
        }
        if self.eat_word("distinct") {
            let of = self.term()?;
            self.must(")")?;
            return Ok(Term::Call(format!("{name} distinct"), vec![of]));
        }
        let of = self.terms()?;
        self.must(")")?;
        Ok(Term::Call(name, of))
    }
}

fn negated(term: Term, not: bool) -> Term {
    if not { Term::Not(Box::new(term)) } else { term }
}

/// Parts joined as a tree that is no deeper than it must be: a chain of thousands would be as deep as it is long.
fn balanced(mut parts: Vec<Term>, operator: Operator) -> Term {
    if parts.len() <= 1 {
        return parts.pop().unwrap_or(Term::Null);
    }
    let right = parts.split_off(parts.len() / 2);
    Term::Binary(operator, Box::new(balanced(parts, operator)), Box::new(balanced(right, operator)))
}
