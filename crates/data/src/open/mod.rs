//! The words of open data: licences, themes, what becomes of an opening.

mod app;
mod licence;
mod theme;
mod voice;

use serde::{Deserialize, Serialize};

pub use app::{AccessState, AppState, GENERAL_AGREEMENT};
pub use licence::{LICENCES, Licence, licence};
pub use voice::{VoiceAuthor, VoiceKind, VoiceState, WishOutcome};

/// What stands of a proposal to open a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpeningState {
    /// Its risk is being measured.
    Measuring,
    /// Another person has to approve it.
    Proposed,
    /// It may be published, and is, as often as its table changes.
    Approved,
    Refused,
    /// It was published and is not any more.
    Withdrawn,
    /// A later proposal took its place.
    Replaced,
}

impl OpeningState {
    pub const ALL: [OpeningState; 6] = [
        OpeningState::Measuring,
        OpeningState::Proposed,
        OpeningState::Approved,
        OpeningState::Refused,
        OpeningState::Withdrawn,
        OpeningState::Replaced,
    ];

    pub fn word(self) -> &'static str {
        match self {
            OpeningState::Measuring => "measuring",
            OpeningState::Proposed => "proposed",
            OpeningState::Approved => "approved",
            OpeningState::Refused => "refused",
            OpeningState::Withdrawn => "withdrawn",
            OpeningState::Replaced => "replaced",
        }
    }

    pub fn parse(word: &str) -> Option<OpeningState> {
        OpeningState::ALL.into_iter().find(|state| state.word() == word)
    }

    pub fn title(self) -> kernel::Text {
        let (zh, en) = match self {
            OpeningState::Measuring => ("测算中", "being measured"),
            OpeningState::Proposed => ("待审核", "waits for approval"),
            OpeningState::Approved => ("已同意", "approved"),
            OpeningState::Refused => ("已退回", "refused"),
            OpeningState::Withdrawn => ("已撤下", "withdrawn"),
            OpeningState::Replaced => ("已被新提议取代", "replaced by a later one"),
        };
        kernel::Text::new(zh, en)
    }
}
