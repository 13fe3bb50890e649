//! Messages: others are told of defects, at the address that the city declares (`[notify]`), again and again until they have
//! taken it. What is told names the resource, the rule and how many rows, never a row or what somebody wrote.

use std::time::{Duration, Instant};

use data::City;
use data::declare::{Notify, Told};
use kernel::{Moment, Text};
use serde::Serialize;
use serde_json::{Value, json};
use store::defect::DefectRow;
use store::message::MessageRow;

use ::collect::connect::{Poster, Unposted};

use crate::authority::Object;
use crate::posting::{self, host, later};
use crate::quality::Subject;
use crate::runs::PAGE_MAX;
use crate::view::{Account, Page};
use crate::{Answer, Desk, DeskError, internal};

/// What a message is sent as.
const KIND: &str = "application/cloudevents+json; charset=utf-8";
/// Messages sent in one round.
const ROUND: i64 = 100;
/// A round begins no further message after so long.
const ROUND_TIME: Duration = Duration::from_secs(60);
/// A message that is being sent is nobody else's for so long, in seconds.
const TAKEN: i64 = 120;
/// The first pause after a failure, in seconds; each further one of the same message is twice as long.
const PAUSE: i64 = 30;
/// The longest pause that is made by itself, in seconds.
const PAUSE_MAX: i64 = 6 * 3_600;
/// The longest that whoever is told may ask to be left alone, in seconds.
const ASKED_MAX: i64 = 24 * 3_600;
/// How long a message that has ended is kept, in days.
const KEPT_DAYS: i64 = 180;

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// To be sent, or to be sent again.
    Waiting,
    /// Whoever is told has taken it.
    Acknowledged,
    /// The city declared nobody to be told of it.
    Unaddressed,
}

impl MessageState {
    pub const ALL: [MessageState; 3] = [MessageState::Waiting, MessageState::Acknowledged, MessageState::Unaddressed];

    /// The word in addresses and records.
    pub fn word(self) -> &'static str {
        match self {
            MessageState::Waiting => "waiting",
            MessageState::Acknowledged => "acknowledged",
            MessageState::Unaddressed => "unaddressed",
        }
    }

    pub fn of(word: &str) -> Option<MessageState> {
        MessageState::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// One message.
#[derive(Clone, Debug, Serialize)]
pub struct MessageView {
    /// The same however often it is sent.
    pub id: String,
    /// `defect.opened`, `defect.escalated`.
    pub kind: String,
    /// Empty where it tells of a service.
    pub defect: String,
    /// The system whose service it tells of.
    pub service: Option<String>,
    pub title: Text,
    pub resource_title: Text,
    pub department_title: Text,
    /// When it happened.
    pub time: Moment,
    pub state: MessageState,
    pub tries: u64,
    /// When it is tried again; `None` when it has ended.
    pub next: Option<Moment>,
    pub ended: Option<Moment>,
    /// Why the last try failed.
    pub error: Option<Text>,
}

/// Messages, and whom they go to.
#[derive(Clone, Debug)]
pub struct Messages {
    pub page: Page<MessageView>,
    /// Not acknowledged yet.
    pub waiting: u64,
    /// The host that is told; `None` where the city declares nobody. More of the address may be secret.
    pub receiver: Option<String>,
}

/// What came of a round of sending.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sent {
    pub acknowledged: u64,
    pub failed: u64,
    /// Nobody is told of these.
    pub unaddressed: u64,
    /// Not acknowledged yet.
    pub waiting: u64,
}

impl Desk {
    /// Staff: the newest first. `page` is 1-based.
    pub async fn messages(&self, who: &Account, state: Option<MessageState>, page: u64, size: u64) -> Answer<Messages> {
        self.may(who, "see.messages", &Object::of("messages")).await?;
        let (page, size) = (page.max(1), size.clamp(1, PAGE_MAX));
        let rows = self.store().messages(state.map(MessageState::word), page, size).await.map_err(internal)?;
        let mut entries = Vec::with_capacity(rows.entries.len());
        for row in rows.entries {
            entries.push(self.view_message(row).await?);
        }
        Ok(Messages {
            page: Page { entries, total: rows.total, page, size },
            waiting: self.store().waiting_messages().await.map_err(internal)?,
            receiver: self.city().info.notify.as_ref().map(|notify| host(&notify.url).to_owned()),
        })
    }

    /// Staff: has all that wait tried again at once, not only when their time comes. The server's next round sends them.
    pub async fn hurry_messages(&self, who: &Account, now: Moment) -> Answer<u64> {
        self.logging(who, "message.hurry", &Object::of("messages"), json!(null)).await?.hurry_messages(now).await.map_err(internal)
    }

    /// Sends what is to be sent by now. A failure ends the round: the others would mostly meet the same one.
    pub async fn send_messages(&self, now: Moment) -> Answer<Sent> {
        let city = self.city();
        let told: Vec<&str> = city.info.notify.iter().flat_map(|notify| &notify.events).map(|event| event.word()).collect();
        let unaddressed = self.store().leave_unaddressed(&told, now).await.map_err(internal)?;
        let mut sent = Sent { unaddressed, ..Sent::default() };
        let due = self.store().due_messages(now, ROUND).await.map_err(internal)?;
        if let (Some(notify), false) = (&city.info.notify, due.is_empty()) {
            self.send(&city, notify, due, now, &mut sent).await?;
        }
        sent.waiting = self.store().waiting_messages().await.map_err(internal)?;
        Ok(sent)
    }

    /// Forgets messages that ended long ago.
    pub async fn forget_messages(&self, now: Moment) -> Answer<u64> {
        self.store().forget_messages(later(now, -KEPT_DAYS * 86_400)).await.map_err(internal)
    }

    async fn send(&self, city: &City, notify: &Notify, due: Vec<MessageRow>, now: Moment, sent: &mut Sent) -> Answer<()> {
        let poster = self.0.sources.within(&city.info).and_then(|ctx| Poster::new(&ctx, "notify", &notify.url, &notify.headers));
        let began = Instant::now();
        for message in due {
            if began.elapsed() > ROUND_TIME {
                return Ok(());
            }
            let body = match &message.service {
                Some(system) => service_event(city, &message, system).to_string(),
                None => {
                    let Some(defect) = self.store().defect(&message.defect).await.map_err(internal)? else { continue };
                    self.event(city, &message, &defect).to_string()
                }
            };
            // Whoever dies while sending leaves a try that is counted, and a message that is sent again.
            let Some(taken) = self.store().take_message(&message.id, &body, later(now, TAKEN), now).await.map_err(internal)? else { continue };
            let posted = match &poster {
                Ok(poster) => poster.post(KIND, taken.body).await,
                // Written down as any other failure, since only there will somebody look for it.
                Err(error) => Err(Unposted { error: error.clone(), pause: None }),
            };
            match posted {
                Ok(()) => {
                    self.store().acknowledge_message(&message.id, now).await.map_err(internal)?;
                    sent.acknowledged += 1;
                }
                Err(unposted) => {
                    tracing::warn!(message = message.id, tries = taken.tries, error = unposted.error.message.en, "a message was not taken");
                    let asked = posting::asked(unposted.pause, ASKED_MAX);
                    let next = later(now, pause(taken.tries).max(asked));
                    let others = later(now, PAUSE.max(asked));
                    self.store().fail_message(&message.id, unposted.error.message, next, others).await.map_err(internal)?;
                    sent.failed += 1;
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// What is told, as a CloudEvent in structured mode.
    fn event(&self, city: &City, message: &MessageRow, defect: &DefectRow) -> Value {
        let resource = self.subject_title(city, &defect.resource);
        let department = department_title(city, &defect.department);
        let objection = defect.kind == "objection";
        let what = match objection {
            // Its title is what somebody wrote, and may quote a row.
            true => Text::new("使用者提出的异议", "an objection by a user of the data"),
            false => defect.title.clone(),
        };
        json!({
            "specversion": "1.0",
            "id": message.id,
            "source": format!("/sanjiang/{}", city.info.division),
            "type": message.kind,
            "subject": defect.id,
            "time": message.time.rfc3339(),
            "datacontenttype": "application/json",
            "data": {
                "text": text(&message.kind, defect, &department, &resource, &what),
                "link": format!("/defects/{}", defect.id),
                "defect": defect.id,
                "kind": defect.kind,
                "title": what,
                "department": defect.department,
                "department_title": department,
                "resource": defect.resource,
                "resource_title": resource,
                "rule": defect.rule,
                "severity": defect.severity,
                "state": defect.state,
                "checked": defect.checked,
                "failed": defect.failed,
                "opened": defect.opened.rfc3339(),
                "due": defect.due,
            },
        })
    }

    /// What a resource or model is called.
    fn subject_title(&self, city: &City, id: &str) -> Text {
        let found = Subject::find(city, &self.compiled(), id);
        found.map_or_else(|| Text::new(id, id), |subject| subject.title)
    }

    async fn view_message(&self, row: MessageRow) -> Answer<MessageView> {
        let city = self.city();
        let (title, resource_title, department_title) = match &row.service {
            Some(system) => {
                let title = system_title(&city, system);
                (title.clone(), title, department_title(&city, city.systems.get(system).map_or("", |system| &system.department)))
            }
            None => {
                let defect = self.store().defect(&row.defect).await.map_err(internal)?.ok_or(DeskError::NotFound)?;
                (defect.title, self.subject_title(&city, &defect.resource), department_title(&city, &defect.department))
            }
        };
        let state = MessageState::of(&row.state).unwrap_or(MessageState::Waiting);
        Ok(MessageView {
            title,
            resource_title,
            department_title,
            service: row.service,
            next: (state == MessageState::Waiting).then_some(row.next),
            state,
            id: row.id,
            kind: row.kind,
            defect: row.defect,
            time: row.time,
            tries: row.tries,
            ended: row.ended,
            error: row.error,
        })
    }
}

pub(crate) fn department_title(city: &City, id: &str) -> Text {
    if let Some(node) = city.neighbour(id) {
        return Text::new(&node.title, &node.title_en);
    }
    city.departments.get(id).map_or_else(|| Text::new(id, id), |found| Text::new(&found.title, &found.title_en))
}

fn system_title(city: &City, id: &str) -> Text {
    city.systems.get(id).map_or_else(|| Text::new(id, id), |found| Text::new(&found.title, &found.title_en))
}

/// What is told of a service, in the same form.
fn service_event(city: &City, message: &MessageRow, system: &str) -> Value {
    let title = system_title(city, system);
    let department = city.systems.get(system).map_or("", |system| &system.department);
    let owner = department_title(city, department);
    let english = |text: &Text| if text.en.is_empty() { text.zh.clone() } else { text.en.clone() };
    let text = match Told::of(&message.kind) {
        Some(Told::Back) => Text::new(format!("服务“{}”已恢复应答，继续调用。", title.zh), format!("The service “{}” answers again, and is called again.", english(&title))),
        _ => Text::new(
            format!("服务“{}”多次没有正常应答，已暂停调用，请{}尽快处理。", title.zh, owner.zh),
            format!("The service “{}” has failed again and again and is left alone. {} should see to it.", english(&title), english(&owner)),
        ),
    };
    json!({
        "specversion": "1.0",
        "id": message.id,
        "source": format!("/sanjiang/{}", city.info.division),
        "type": message.kind,
        "subject": system,
        "time": message.time.rfc3339(),
        "datacontenttype": "application/json",
        "data": {
            "text": text,
            "link": format!("/systems/{system}"),
            "department": department,
            "department_title": owner,
            "system": system,
            "system_title": title,
        },
    })
}

/// What people read.
fn text(kind: &str, defect: &DefectRow, department: &Text, resource: &Text, what: &Text) -> Text {
    let english = |text: &Text| if text.en.is_empty() { text.zh.clone() } else { text.en.clone() };
    let (owner, of, rule) = (english(department), english(resource), english(what));
    let (failed, checked, due) = (defect.failed, defect.checked, &defect.due);
    let (zh, en) = match defect.kind == "objection" {
        true => (format!("使用者对“{}”提出异议", resource.zh), format!("A user of the data objects to “{of}”")),
        false => (
            format!("“{}”有 {failed} / {checked} 行不满足规则“{}”", resource.zh, what.zh),
            format!("{failed} of {checked} rows of “{of}” fail the rule “{rule}”"),
        ),
    };
    match Told::of(kind) {
        Some(Told::Escalated) => Text::new(
            format!("逾期未整改：{zh}；{}应于 {due} 前整改。", department.zh),
            format!("Not mended in time: {en}. It was due from {owner} by {due}."),
        ),
        _ => Text::new(
            format!("{zh}，请{}于 {due} 前整改。", department.zh),
            format!("{en}. {owner} is to mend it by {due}."),
        ),
    }
}

/// Seconds until the next try after so many.
fn pause(tries: u64) -> i64 {
    posting::pause(tries.saturating_sub(1), PAUSE, PAUSE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_end_at_six_hours() {
        assert_eq!([1, 2, 3, 10, 11, 64, u64::MAX].map(pause), [30, 60, 120, 15_360, 21_600, 21_600, 21_600]);
    }

    #[test]
    fn of_an_address_only_the_host_is_shown() {
        assert_eq!(host("https://me:pw@oa.example.gov.cn:8443/robot?token=x"), "oa.example.gov.cn:8443");
        assert_eq!(host("https://oa.example.gov.cn?token=x/y@z"), "oa.example.gov.cn");
        assert_eq!(host("${OA}/robot"), "${OA}");
    }
}
