//! Why an act was not done, named after what the caller may do next.

use kernel::Text;

#[derive(Clone, Debug, thiserror::Error)]
pub enum DeskError {
    /// There is no such thing, or the caller may not know that there is.
    #[error("not found")]
    NotFound,
    /// Log in first.
    #[error("login required")]
    LoginRequired,
    /// What was sent is wrong; says what and how to mend it.
    #[error("invalid: {}", .0.en)]
    Invalid(Text),
    /// The caller is known, but this is not for them.
    #[error("forbidden: {}", .0.en)]
    Forbidden(Text),
    /// It contradicts something sent before.
    #[error("conflict: {}", .0.en)]
    Conflict(Text),
    /// The disk has no room: nothing was written, reading goes on. Make room; it heals by itself.
    #[error("full: {}", .0.en)]
    Full(Text),
    /// Not now; try again later.
    #[error("busy: {}", .0.en)]
    Busy(Text),
    /// Too many calls; again after so many seconds.
    #[error("too many: {}", text.en)]
    TooMany { text: Text, seconds: u64 },
    /// What another system gives is not to be had just now; again after so many seconds.
    #[error("away: {}", text.en)]
    Away { text: Text, seconds: u64 },
    /// Another system was asked, and gave no answer that can be given on.
    #[error("upstream: {}", .0.en)]
    Upstream(Text),
    /// Another system was asked, and did not answer in time.
    #[error("late: {}", .0.en)]
    Late(Text),
    /// A SELECT that cannot be planned or run; points at the word.
    #[error("sql: {}", .0.message.en)]
    Sql(crate::view::SqlError),
    /// Our own fault. The text is for the log only, never for the page.
    #[error("internal: {0}")]
    Internal(String),
}
