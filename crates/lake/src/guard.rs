//! Which texts may become a statement at all: one SELECT and its kin, of bounded size and depth.

use std::ops::ControlFlow;

use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::sqlparser::ast::{Statement as Ast, visit_relations};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};
use kernel::Text;

use crate::precedence;
use crate::sql_error::{self, SqlError};

const LONGEST: usize = 64 << 10;
const WORDS: usize = 8192;
/// Planning is quadratic in the length of an operator chain.
const OPERATORS: usize = 500;
/// Comparisons are cheaper, and lists of them longer.
const COMPARISONS: usize = 2000;
const DEPTH: usize = 64;
/// Tables, in FROM or put together by UNION and its kin: the order of their joins is planned.
const TABLES: usize = 100;

/// What a text asks for.
pub(crate) enum Asked {
    Rows(Box<Statement>),
    /// `SHOW TABLES`
    Tables,
}

/// Parses one statement that only reads.
pub(crate) fn parse(sql: &str) -> Result<Asked, SqlError> {
    if sql.len() > LONGEST {
        return Err(SqlError::whole(
            format!("语句太长：{} 字节，最多 {LONGEST}", sql.len()),
            format!("the statement is too long: {} bytes, at most {LONGEST}", sql.len()),
        ));
    }
    let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize_with_location();
    let tokens = tokens.map_err(|error| crate::syntax::syntax(sql, &error.to_string()))?;
    measure(&tokens)?;
    let parser = DFParserBuilder::new(sql).with_dialect(&GenericDialect {}).with_recursion_limit(DEPTH * 2).build();
    let mut statements =
        parser.and_then(|mut parser| parser.parse_statements()).map_err(|error| sql_error::explain(sql, &error, &Vec::new))?;
    let Some(mut statement) = statements.pop_front() else {
        return Err(SqlError::whole("没有语句", "there is no statement"));
    };
    if !statements.is_empty() {
        return Err(second(&tokens));
    }
    too_many_tables(&statement)?;
    precedence::mend(&mut statement);
    match &statement {
        Statement::Statement(ast) => match ast.as_ref() {
            Ast::Query(_) | Ast::ExplainTable { .. } => Ok(Asked::Rows(Box::new(statement))),
            Ast::ShowTables { .. } => Ok(Asked::Tables),
            _ => Err(refused(&tokens)),
        },
        // It prints the smallest and the largest value of each column, from beneath the masks.
        Statement::Explain(explain) if explain.options.verbose || explain.options.show_statistics == Some(true) => Err(SqlError::at_word(
            sql,
            "explain",
            Text::new(
                "EXPLAIN 的 VERBOSE 和 COSTS 在此停用：它们会显示各列的统计值",
                "VERBOSE and COSTS of EXPLAIN are switched off here: they tell statistics of columns",
            ),
        )),
        Statement::Explain(explain) => match explain.statement.as_ref() {
            Statement::Statement(ast) if matches!(ast.as_ref(), Ast::Query(_)) => Ok(Asked::Rows(Box::new(statement))),
            _ => Err(refused(&tokens)),
        },
        _ => Err(refused(&tokens)),
    }
}

fn measure(tokens: &[TokenWithSpan]) -> Result<(), SqlError> {
    let words = tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_)));
    let (mut count, mut operators, mut comparisons, mut sets, mut depth) = (0, 0, 0, 0, 0_usize);
    for token in words {
        count += 1;
        match &token.token {
            Token::LParen | Token::LBracket => depth += 1,
            Token::RParen | Token::RBracket => depth = depth.saturating_sub(1),
            Token::Word(word) if matches!(word.keyword, Keyword::UNION | Keyword::EXCEPT | Keyword::INTERSECT | Keyword::MINUS) => sets += 1,
            Token::Word(word)
                if matches!(word.keyword, Keyword::AND | Keyword::OR | Keyword::XOR | Keyword::JOIN | Keyword::NOT | Keyword::CASE | Keyword::COLLATE | Keyword::ZONE) =>
            {
                operators += 1
            }
            Token::Word(word) if matches!(word.keyword, Keyword::IS | Keyword::IN | Keyword::LIKE | Keyword::ILIKE | Keyword::SIMILAR | Keyword::BETWEEN) => {
                comparisons += 1
            }
            Token::Eq | Token::DoubleEq | Token::Neq | Token::Lt | Token::LtEq | Token::Gt | Token::GtEq => comparisons += 1,
            // Whatever is neither a word, a value nor a mark between them is an operator.
            Token::Word(_) | Token::Comma | Token::Period | Token::SemiColon | Token::EOF | Token::LBrace | Token::RBrace => {}
            token if is_value(token) => {}
            _ => operators += 1,
        }
        let over = |limit: usize, zh: &str, en: &str| {
            SqlError::at(
                token.span,
                Text::new(format!("语句太复杂：{zh}超过 {limit}"), format!("the statement is too complex: more than {limit} {en}")),
            )
        };
        if count > WORDS {
            return Err(over(WORDS, "词数", "words"));
        }
        if operators > OPERATORS {
            return Err(over(OPERATORS, "运算符", "operators"));
        }
        if comparisons > COMPARISONS {
            return Err(over(COMPARISONS, "比较", "comparisons"));
        }
        if sets > TABLES {
            return Err(over(TABLES, "UNION 等合并", "of UNION and its kin"));
        }
        if depth > DEPTH {
            return Err(over(DEPTH, "括号层数", "levels of brackets"));
        }
    }
    Ok(())
}

fn is_value(token: &Token) -> bool {
    matches!(
        token,
        Token::Number(..)
            | Token::Char(_)
            | Token::SingleQuotedString(_)
            | Token::DoubleQuotedString(_)
            | Token::NationalStringLiteral(_)
            | Token::EscapedStringLiteral(_)
            | Token::UnicodeStringLiteral(_)
            | Token::HexStringLiteral(_)
            | Token::DollarQuotedString(_)
            | Token::Placeholder(_)
    )
}

fn too_many_tables(statement: &Statement) -> Result<(), SqlError> {
    let ast = match statement {
        Statement::Statement(ast) => ast,
        Statement::Explain(explain) => return too_many_tables(&explain.statement),
        _ => return Ok(()),
    };
    let mut count = 0;
    let seen = visit_relations(ast.as_ref(), |_| {
        count += 1;
        if count > TABLES { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    if seen.is_break() {
        return Err(SqlError::whole(format!("语句太复杂：表数超过 {TABLES}"), format!("the statement is too complex: more than {TABLES} tables")));
    }
    Ok(())
}

fn first(tokens: &[TokenWithSpan]) -> Option<&TokenWithSpan> {
    tokens.iter().find(|token| !matches!(token.token, Token::Whitespace(_)))
}

fn refused(tokens: &[TokenWithSpan]) -> SqlError {
    let text = Text::new(
        "这里只能查询：请用 SELECT、WITH、VALUES、EXPLAIN、DESCRIBE 或 SHOW TABLES",
        "only queries are possible here: SELECT, WITH, VALUES, EXPLAIN, DESCRIBE or SHOW TABLES",
    );
    match first(tokens) {
        Some(token) => SqlError::at(token.span, text),
        None => SqlError::whole(text.zh, text.en),
    }
}

fn second(tokens: &[TokenWithSpan]) -> SqlError {
    let text = Text::new("一次只能执行一条语句", "only one statement at a time");
    let after = tokens.iter().skip_while(|token| token.token != Token::SemiColon).skip(1);
    match after.into_iter().find(|token| !matches!(token.token, Token::Whitespace(_))) {
        Some(token) => SqlError::at(token.span, text),
        None => SqlError::whole(text.zh, text.en),
    }
}
