//! What the public may say of open data: kinds of words, what becomes of them, how long an answer may take.

use kernel::Text;
use serde::{Deserialize, Serialize};

/// What somebody says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoiceKind {
    /// 提问
    Question,
    /// 纠错: something in the data is wrong.
    Error,
    /// 评价: owes no answer.
    Praise,
    /// 数据需求: data that is not open.
    Wish,
}

impl VoiceKind {
    pub const ALL: [VoiceKind; 4] = [VoiceKind::Question, VoiceKind::Error, VoiceKind::Praise, VoiceKind::Wish];

    pub fn word(self) -> &'static str {
        match self {
            VoiceKind::Question => "question",
            VoiceKind::Error => "error",
            VoiceKind::Praise => "praise",
            VoiceKind::Wish => "wish",
        }
    }

    pub fn parse(word: &str) -> Option<VoiceKind> {
        VoiceKind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    pub fn title(self) -> Text {
        match self {
            VoiceKind::Question => Text::new("提问", "Question"),
            VoiceKind::Error => Text::new("纠错", "Error report"),
            VoiceKind::Praise => Text::new("评价", "Review"),
            VoiceKind::Wish => Text::new("数据需求", "Data request"),
        }
    }

    /// Working days within which it is to be answered; `None` where no answer is owed.
    pub fn days(self) -> Option<u32> {
        match self {
            VoiceKind::Question => Some(5),
            VoiceKind::Error => Some(10),
            VoiceKind::Praise => None,
            // As long as the regulation on government information gives for a request (信息公开条例, 20 working days).
            VoiceKind::Wish => Some(20),
        }
    }
}

/// Whether everybody can read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoiceState {
    /// A steward has to look at it.
    Waiting,
    Released,
    Refused,
}

impl VoiceState {
    pub const ALL: [VoiceState; 3] = [VoiceState::Waiting, VoiceState::Released, VoiceState::Refused];

    pub fn word(self) -> &'static str {
        match self {
            VoiceState::Waiting => "waiting",
            VoiceState::Released => "released",
            VoiceState::Refused => "refused",
        }
    }

    pub fn parse(word: &str) -> Option<VoiceState> {
        VoiceState::ALL.into_iter().find(|state| state.word() == word)
    }

    pub fn title(self) -> Text {
        match self {
            VoiceState::Waiting => Text::new("待审核", "waits for release"),
            VoiceState::Released => Text::new("已公开", "public"),
            VoiceState::Refused => Text::new("不予公开", "not made public"),
        }
    }
}

/// All that others learn of who said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoiceAuthor {
    Citizen,
    Company,
    Staff,
}

impl VoiceAuthor {
    pub fn word(self) -> &'static str {
        match self {
            VoiceAuthor::Citizen => "citizen",
            VoiceAuthor::Company => "company",
            VoiceAuthor::Staff => "staff",
        }
    }

    pub fn parse(word: &str) -> VoiceAuthor {
        match word {
            "citizen" => VoiceAuthor::Citizen,
            "company" => VoiceAuthor::Company,
            _ => VoiceAuthor::Staff,
        }
    }

    pub fn title(self) -> Text {
        match self {
            VoiceAuthor::Citizen => Text::new("市民", "A citizen"),
            VoiceAuthor::Company => Text::new("企业", "A company"),
            VoiceAuthor::Staff => Text::new("部门", "A department"),
        }
    }
}

/// What becomes of a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WishOutcome {
    /// It is open already.
    Open,
    /// It will be opened.
    Planned,
    /// Some of it will be opened, or to applicants alone.
    Partly,
    /// It will not be opened.
    Declined,
}

impl WishOutcome {
    pub const ALL: [WishOutcome; 4] = [WishOutcome::Open, WishOutcome::Planned, WishOutcome::Partly, WishOutcome::Declined];

    pub fn word(self) -> &'static str {
        match self {
            WishOutcome::Open => "open",
            WishOutcome::Planned => "planned",
            WishOutcome::Partly => "partly",
            WishOutcome::Declined => "declined",
        }
    }

    pub fn parse(word: &str) -> Option<WishOutcome> {
        WishOutcome::ALL.into_iter().find(|outcome| outcome.word() == word)
    }

    pub fn title(self) -> Text {
        match self {
            WishOutcome::Open => Text::new("已经开放", "open already"),
            WishOutcome::Planned => Text::new("将会开放", "will be opened"),
            WishOutcome::Partly => Text::new("部分开放或受限开放", "will be opened in part, or on application"),
            WishOutcome::Declined => Text::new("不予开放", "will not be opened"),
        }
    }
}
