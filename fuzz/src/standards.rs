//! Any text against every standard: a value or a fault in two languages; a value is its own one form.

use std::sync::LazyLock;

use data::declare::Kind;
use data::standard::{Checker, Value};

static CHECKERS: LazyLock<Vec<(Kind, Checker)>> = LazyLock::new(super::checkers);

/// One input.
pub fn standards(text: &str) {
    super::bounded(|| {
        for (kind, checker) in CHECKERS.iter() {
            match checker.check(text) {
                // Only coordinates in a declared system change each time they are read.
                Ok(Value::Text(once)) if !matches!(kind, Kind::Position | Kind::Geometry) => {
                    assert_eq!(checker.check(&once), Ok(Value::Text(once.clone())), "{}", kind.name());
                }
                Ok(Value::Number(number)) => assert!(number.is_finite()),
                Ok(_) => {}
                Err(fault) => assert!(!fault.code.is_empty() && !fault.message.zh.is_empty() && !fault.message.en.is_empty()),
            }
        }
    })
}
