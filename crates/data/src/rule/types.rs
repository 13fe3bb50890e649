//! The types of values in expressions; coarse, since numbers of all kinds compare with each other.

use kernel::Text;

use crate::declare::Shape;

/// What a part of an expression gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    Text,
    Number,
    Boolean,
    Date,
    Datetime,
    /// The literal NULL, which goes with everything.
    Null,
}

impl Type {
    pub fn of(shape: Shape) -> Type {
        match shape {
            Shape::Text => Type::Text,
            Shape::Integer | Shape::Number | Shape::Money => Type::Number,
            Shape::Boolean => Type::Boolean,
            Shape::Date => Type::Date,
            Shape::Datetime => Type::Datetime,
        }
    }

    /// What people call it.
    pub fn title(self) -> Text {
        let (zh, en) = match self {
            Type::Text => ("文字", "text"),
            Type::Number => ("数值", "a number"),
            Type::Boolean => ("是否", "a boolean"),
            Type::Date => ("日期", "a date"),
            Type::Datetime => ("日期时间", "a date and time"),
            Type::Null => ("空值", "null"),
        };
        Text::new(zh, en)
    }

    /// Whether values of both can stand side by side.
    pub fn agrees(self, other: Type) -> bool {
        self == other || self == Type::Null || other == Type::Null
    }
}
