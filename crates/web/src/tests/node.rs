//! The pages of other cities' nodes, in every state.

use askama::Template;
use data::share::RequestState;
use desk::exchange::{LinkState, NodeRequestState};
use kernel::Lang;

use super::drawn as html;
use crate::frame::{Frame, Mode, Place};
use crate::sample_node::{self as drawn, Reading};

pub(super) fn pages(lang: Lang, mode: Mode, staff: bool, add: &mut dyn FnMut(&'static str, Result<String, askama::Error>)) {
    let f = |address: &str| -> Frame { crate::sample::frame(lang, mode, staff, Place::Share, "标题", address) };
    for (name, any) in [("nodes", true), ("nodes-none", false)] {
        add(name, drawn::nodes(f("/nodes"), any).render());
    }
    for (name, state) in [("node", LinkState::Up), ("node-down", LinkState::Down), ("node-unknown", LinkState::Unknown), ("node-closed", LinkState::Closed)] {
        add(name, drawn::detail(f("/nodes/taizhou"), state).render());
    }
    let there = NodeRequestState::There;
    for (name, state, reading) in [
        ("node-request", there(RequestState::Granted), Reading::Nothing),
        ("node-request-rows", there(RequestState::Granted), Reading::Rows),
        ("node-request-yes", there(RequestState::Granted), Reading::Verdict),
        ("node-request-wrong", there(RequestState::Granted), Reading::Refused),
        ("node-request-queued", NodeRequestState::Queued, Reading::Nothing),
        ("node-request-rejected", NodeRequestState::Rejected, Reading::Nothing),
        ("node-request-refused", there(RequestState::Refused), Reading::Refused),
        ("node-request-asked", there(RequestState::Asked), Reading::Nothing),
        ("node-request-ended", NodeRequestState::Ended, Reading::Nothing),
    ] {
        add(name, drawn::request(f("/node-requests/019f-n1"), state, reading).render());
    }
}

#[test]
fn a_request_to_another_city_offers_what_its_state_allows() {
    let (granted, queued, refused, ended) = (html("node-request"), html("node-request-queued"), html("node-request-refused"), html("node-request-ended"));
    assert!(granted.contains("/node-requests/019f-n1/query#answer") && granted.contains("/api/v1/node-requests/019f-n1/files/30"));
    assert!(queued.contains("value=\"withdraw\"") && !queued.contains("/query"));
    assert!(refused.contains("value=\"dispute\"") && refused.contains("&#60;w&#62;</textarea>") && !refused.contains("/query"));
    assert!(!ended.contains("/query") && ended.contains("协议调整"));
    let wrong = html("node-request-wrong");
    assert!(wrong.contains("value=\"3302&#60;\"") && wrong.contains("role=\"alert\""));
}
