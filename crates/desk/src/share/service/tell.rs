//! What is told when a service does not answer: the caller in words that tell nothing of what the service said, the log of acts,
//! and the department that it belongs to.

use ::collect::connect::{Failed, Unanswered};
use data::declare::System;
use data::share::breaker::Turn;
use kernel::Text;
use serde_json::json;

use crate::authority::Object;
use crate::posting;
use crate::{Answer, Desk, DeskError, internal};

/// The longest that a service may ask callers to wait, in seconds.
const ASKED_MAX: i64 = 3_600;
const ACTOR: &str = "service";

/// The word in the log.
pub(super) fn word(why: Unanswered) -> &'static str {
    match why {
        Unanswered::Late => "late",
        Unanswered::Away => "unreached",
        Unanswered::Broken => "broken",
        Unanswered::Login => "login",
        Unanswered::Refused => "question",
        Unanswered::Busy => "busy",
    }
}

/// Whether the service itself is well: the question was wrong, or there were too many.
pub(super) fn is_callers(why: Unanswered) -> bool {
    matches!(why, Unanswered::Refused | Unanswered::Busy)
}

/// Why a call is not even tried.
pub(super) fn put_off(why: &str, seconds: u64) -> DeskError {
    let text = match why {
        "away" => Text::new(
            format!("该服务多次没有正常应答，已暂停调用，请 {seconds} 秒后再试；提供部门已收到通知。"),
            format!("The service has failed again and again and is left alone. Try again in {seconds} s; the department that provides it is told."),
        ),
        _ => Text::new(
            format!("该服务同时处理的调用已满，请 {seconds} 秒后再试。"),
            format!("The service bears no more calls just now. Try again in {seconds} s."),
        ),
    };
    DeskError::Away { text, seconds }
}

/// What the caller is told of an answer that did not come.
pub(super) fn unanswered(failed: &Failed) -> DeskError {
    match failed.why {
        Unanswered::Late => DeskError::Late(Text::new("服务没有在时限内应答，请稍后再试。", "The service did not answer in time; try again later.")),
        Unanswered::Away => DeskError::Upstream(Text::new("无法连接服务，请稍后再试。", "The service cannot be reached; try again later.")),
        Unanswered::Broken => DeskError::Upstream(Text::new("服务没有给出可用的应答；提供部门可在授权页看到原因。", "The service gave no answer that could be used; its department sees why.")),
        Unanswered::Login => DeskError::Upstream(Text::new("服务不接受平台的凭据，请联系提供部门。", "The service does not accept our credentials; please ask the department that provides it.")),
        Unanswered::Refused => DeskError::Upstream(Text::new("服务不接受这样的查询，请核对参数。", "The service does not take this question; please check the parameters.")),
        Unanswered::Busy => {
            let seconds = u64::try_from(posting::asked(failed.pause, ASKED_MAX)).unwrap_or(0).max(1);
            DeskError::Away { text: Text::new(format!("服务要求稍后再来，请 {seconds} 秒后再试。"), format!("The service asks to come back in {seconds} s.")), seconds }
        }
    }
}

impl Desk {
    /// A service is left alone from now on, or answers again: told in the log, and to the department that it belongs to.
    pub(super) async fn tell_turn(&self, system: &System, turn: Turn, failed: Option<&Failed>) -> Answer<()> {
        let (act, kind) = match turn {
            Turn::Opened => ("service.leave", "service.away"),
            Turn::Closed => ("service.return", "service.back"),
        };
        let object = Object { department: Some(system.department.clone()), ..crate::authority::object("system", &system.id) };
        let detail = json!({ "why": failed.map(|failed| word(failed.why)) });
        let now = self.now();
        let id = kernel::uuid_v7(now, self.chance());
        self.logging_as(ACTOR, act, &object, detail).tell_of_service(&id, kind, &system.id, now).await.map_err(internal)
    }
}
