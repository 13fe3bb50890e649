//! What is wrong with one value, before it is known whose value it was.

use kernel::Text;

/// The second half of a fault's code (`check_digit` of `citizen_id.check_digit`) and the message for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Flaw {
    pub code: &'static str,
    pub message: Text,
}

impl Flaw {
    pub fn new(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Flaw {
        Flaw { code, message: Text::new(zh, en) }
    }
}
