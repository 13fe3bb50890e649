//! What the declared words of the product are called on the page, and the badges that show states:
//! always a word with a mark of its own shape, never a colour alone.

use std::borrow::Borrow;

use data::declare::{Grade, ItemClass, Mode, OpenType, ResourceClass, ShareType, UpdatePeriod};
use desk::view::{Freshness, RunState};

use crate::html::{Html, escape};
use crate::say::Say;

impl Say {
    pub fn freshness_word(&self, state: Freshness) -> String {
        match state {
            Freshness::Never => self.t("freshness-never"),
            Freshness::Fresh => self.t("freshness-fresh"),
            Freshness::Stale => self.t("freshness-stale"),
            Freshness::Failed => self.t("freshness-failed"),
        }
    }

    pub fn freshness_class(&self, state: Freshness) -> &'static str {
        match state {
            Freshness::Never => "none",
            Freshness::Fresh => "good",
            Freshness::Stale => "late",
            Freshness::Failed => "wrong",
        }
    }

    /// The word used in addresses.
    pub fn freshness_id(&self, state: Freshness) -> &'static str {
        match state {
            Freshness::Never => "never",
            Freshness::Fresh => "fresh",
            Freshness::Stale => "stale",
            Freshness::Failed => "failed",
        }
    }

    pub fn freshness_badge(&self, state: impl Borrow<Freshness>) -> Html {
        let state = *state.borrow();
        self.badge(self.freshness_class(state), &self.freshness_word(state))
    }

    pub fn run_word(&self, state: RunState) -> String {
        match state {
            RunState::Running => self.t("run-running"),
            RunState::Done => self.t("run-done"),
            RunState::Partial => self.t("run-partial"),
            RunState::Failed => self.t("run-failed"),
            RunState::Held => self.t("run-held"),
            RunState::Interrupted => self.t("run-interrupted"),
        }
    }

    /// The word used in addresses.
    pub fn run_id(&self, state: RunState) -> &'static str {
        match state {
            RunState::Running => "running",
            RunState::Done => "done",
            RunState::Partial => "partial",
            RunState::Failed => "failed",
            RunState::Held => "held",
            RunState::Interrupted => "interrupted",
        }
    }

    pub fn run_badge(&self, state: impl Borrow<RunState>) -> Html {
        let state = *state.borrow();
        let class = match state {
            RunState::Running => "calm",
            RunState::Done => "good",
            RunState::Partial | RunState::Held => "late",
            RunState::Failed => "wrong",
            RunState::Interrupted => "none",
        };
        self.badge(class, &self.run_word(state))
    }

    pub fn badge(&self, class: &str, word: &str) -> Html {
        Html(format!("<span class=\"state {class}\">{}</span>", escape(word)))
    }

    pub fn class(&self, class: impl Borrow<ResourceClass>) -> String {
        match class.borrow() {
            ResourceClass::Base => self.t("class-base"),
            ResourceClass::Topic => self.t("class-topic"),
            ResourceClass::Department => self.t("class-department"),
        }
    }

    pub fn share(&self, share: impl Borrow<ShareType>) -> String {
        match share.borrow() {
            ShareType::Unconditional => self.t("share-unconditional"),
            ShareType::Conditional => self.t("share-conditional"),
            ShareType::None => self.t("share-none"),
        }
    }

    pub fn open(&self, open: impl Borrow<OpenType>) -> String {
        match open.borrow() {
            OpenType::Unconditional => self.t("open-unconditional"),
            OpenType::Conditional => self.t("open-conditional"),
            OpenType::None => self.t("open-none"),
        }
    }

    pub fn period(&self, period: impl Borrow<UpdatePeriod>) -> String {
        match period.borrow() {
            UpdatePeriod::Continuous => self.t("period-continuous"),
            UpdatePeriod::Daily => self.t("period-daily"),
            UpdatePeriod::Weekly => self.t("period-weekly"),
            UpdatePeriod::Monthly => self.t("period-monthly"),
            UpdatePeriod::Quarterly => self.t("period-quarterly"),
            UpdatePeriod::HalfYearly => self.t("period-half-yearly"),
            UpdatePeriod::Yearly => self.t("period-yearly"),
            UpdatePeriod::Irregular => self.t("period-irregular"),
        }
    }

    /// L1 to L4 with what it means.
    pub fn grade(&self, grade: impl Borrow<Grade>) -> String {
        match grade.borrow() {
            Grade::L1 => self.t("grade-l1"),
            Grade::L2 => self.t("grade-l2"),
            Grade::L3 => self.t("grade-l3"),
            Grade::L4 => self.t("grade-l4"),
        }
    }

    /// L1 to L4 alone, its meaning in the title.
    pub fn grade_badge(&self, grade: impl Borrow<Grade>) -> Html {
        let grade = grade.borrow();
        let word = grade_id(*grade);
        Html(format!("<span class=\"grade grade-{word}\" title=\"{}\">{word}</span>", escape(&self.grade(*grade))))
    }

    pub fn item_class(&self, class: impl Borrow<ItemClass>) -> String {
        match class.borrow() {
            ItemClass::Public => self.t("item-public"),
            ItemClass::Business => self.t("item-business"),
            ItemClass::Personal => self.t("item-personal"),
            ItemClass::Sensitive => self.t("item-sensitive"),
        }
    }

    pub fn mode_word(&self, mode: impl Borrow<Mode>) -> String {
        match mode.borrow() {
            Mode::Full => self.t("mode-full"),
            Mode::Incremental => self.t("mode-incremental"),
            Mode::Replication => self.t("mode-replication"),
        }
    }

    /// A built-in kind that an item names as its standard.
    pub fn kind(&self, word: &str) -> String {
        let title = data::declare::Kind::named(word).map(data::declare::Kind::title);
        title.map_or_else(|| word.to_owned(), |title| title.get(self.lang).to_owned())
    }

    /// `files`, `sqlite`, `postgres`, `http`, `s3` in words.
    pub fn connector(&self, word: &str) -> String {
        match word {
            "files" => self.t("connector-files"),
            "sqlite" => self.t("connector-sqlite"),
            "postgres" => self.t("connector-postgres"),
            "mysql" => self.t("connector-mysql"),
            "http" => self.t("connector-http"),
            "s3" => self.t("connector-s3"),
            "push" => self.t("connector-push"),
            "service" => self.t("connector-service"),
            other => other.to_owned(),
        }
    }

    /// What started a run.
    pub fn trigger(&self, word: &str) -> String {
        match word {
            "schedule" => self.t("trigger-schedule"),
            "person" => self.t("trigger-person"),
            "command" => self.t("trigger-command"),
            "demo" => self.t("trigger-demo"),
            "push" => self.t("trigger-push"),
            "correction" => self.t("trigger-correction"),
            "undo" => self.t("trigger-undo"),
            other => other.to_owned(),
        }
    }

    /// What was decided while reading.
    pub fn decision(&self, word: &str) -> String {
        match word {
            "encoding" => self.t("decision-encoding"),
            "delimiter" => self.t("decision-delimiter"),
            "header" => self.t("decision-header"),
            "records" => self.t("decision-records"),
            "table" => self.t("decision-table"),
            "null" => self.t("decision-null"),
            "standard" => self.t("decision-standard"),
            "format" => self.t("decision-format"),
            "held" => self.t("decision-held"),
            "removed" => self.t("decision-removed"),
            "renamed" => self.t("decision-renamed"),
            "missing" => self.t("decision-missing"),
            "absent" => self.t("decision-absent"),
            "undeclared" => self.t("decision-undeclared"),
            "fields" => self.t("decision-fields"),
            "encoded_twice" => self.t("decision-encoded-twice"),
            "quote" => self.t("decision-quote"),
            "member" => self.t("decision-member"),
            "blank" => self.t("decision-blank"),
            "hidden_sheets" => self.t("decision-hidden-sheets"),
            "hidden_rows" => self.t("decision-hidden-rows"),
            "snapshot" => self.t("decision-snapshot"),
            "slot" => self.t("decision-slot"),
            "cursor" => self.t("decision-cursor"),
            "key" => self.t("decision-key"),
            "faults" => self.t("decision-faults"),
            "specification" => self.t("decision-specification"),
            other => other.to_owned(),
        }
    }
}

pub(crate) fn grade_id(grade: Grade) -> &'static str {
    match grade {
        Grade::L1 => "L1",
        Grade::L2 => "L2",
        Grade::L3 => "L3",
        Grade::L4 => "L4",
    }
}
