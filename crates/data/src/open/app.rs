//! Registered applications of open data (开放数据应用), and who may use restricted data (受限开放): what becomes of either.

use kernel::Text;
use serde::{Deserialize, Serialize};

/// Whether an application is shown to everybody. Its key is good as long as it is not given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppState {
    /// A steward has to look at it.
    Waiting,
    /// In the showcase.
    Shown,
    /// Not in the showcase, for a reason.
    Refused,
    /// Given up by who registered it: its key opens nothing any more.
    Ended,
}

impl AppState {
    pub const ALL: [AppState; 4] = [AppState::Waiting, AppState::Shown, AppState::Refused, AppState::Ended];

    pub fn word(self) -> &'static str {
        match self {
            AppState::Waiting => "waiting",
            AppState::Shown => "shown",
            AppState::Refused => "refused",
            AppState::Ended => "ended",
        }
    }

    pub fn parse(word: &str) -> Option<AppState> {
        AppState::ALL.into_iter().find(|state| state.word() == word)
    }

    pub fn title(self) -> Text {
        match self {
            AppState::Waiting => Text::new("待审核", "waits for release"),
            AppState::Shown => Text::new("已展示", "shown"),
            AppState::Refused => Text::new("未展示", "not shown"),
            AppState::Ended => Text::new("已注销", "given up"),
        }
    }
}

/// What becomes of an application for restricted data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessState {
    /// The department has to decide.
    Waiting,
    /// It may be read, until its last day.
    Granted,
    Refused,
    /// Taken back by the department, or given up.
    Ended,
}

impl AccessState {
    pub const ALL: [AccessState; 4] = [AccessState::Waiting, AccessState::Granted, AccessState::Refused, AccessState::Ended];

    pub fn word(self) -> &'static str {
        match self {
            AccessState::Waiting => "waiting",
            AccessState::Granted => "granted",
            AccessState::Refused => "refused",
            AccessState::Ended => "ended",
        }
    }

    pub fn parse(word: &str) -> Option<AccessState> {
        AccessState::ALL.into_iter().find(|state| state.word() == word)
    }

    pub fn title(self) -> Text {
        match self {
            AccessState::Waiting => Text::new("待审核", "waits for a decision"),
            AccessState::Granted => Text::new("已同意", "granted"),
            AccessState::Refused => Text::new("已退回", "refused"),
            AccessState::Ended => Text::new("已终止", "ended"),
        }
    }
}

/// What whoever applies for restricted data signs where the city declares no agreement of its own: Chinese and English.
pub const GENERAL_AGREEMENT: (&str, &str) = (
    "一、只将数据用于申请时写明的用途。二、不向他人提供、转让或公开原始数据；公开成果时注明数据来源。\
     三、不利用数据识别个人，不与其他数据比对以识别个人。四、保管好密钥，采取必要的安全措施；发生泄露立即告知数据提供部门。\
     五、接受数据提供部门的检查；授权终止后停止使用并删除数据。六、每次查询均留痕备查；违反本协议的，授权立即终止并依法承担责任。",
    "1. The data is used for the stated purpose only. 2. The rows are not passed on, sold or published; results name their source. \
     3. Nobody is identified by the data, alone or together with other data. 4. Keys are kept safe, and a leak is told to the \
     department at once. 5. The department may check; when access ends, use ends and the data is deleted. \
     6. Each query is recorded; a breach ends access at once and is answered for by law.",
);
