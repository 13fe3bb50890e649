//! The pages of sharing, as each who may see them and in every state.

use askama::Template;
use data::declare::ShareType;
use data::share::RequestState;
use desk::authority::Role;
use desk::share::{GrantState, ServiceState, Verdict};
use kernel::Lang;

use super::drawn as html;
use crate::frame::{Frame, Mode, Place};
use crate::sample_me::Mine;
use crate::sample_share::{self as drawn, Using};

pub(super) fn pages(lang: Lang, mode: Mode, staff: bool, add: &mut dyn FnMut(&'static str, Result<String, askama::Error>)) {
    let f = |address: &str| -> Frame { crate::sample::frame(lang, mode, staff, Place::Share, "标题", address) };
    for (name, share, refused) in [("ask", ShareType::Conditional, false), ("ask-at-once", ShareType::Unconditional, false), ("ask-wrong", ShareType::Conditional, true)] {
        add(name, drawn::ask(f("/resources/residents/request"), share, refused).render());
    }
    for (name, any) in [("requests", true), ("requests-none", false)] {
        add(name, drawn::requests(f("/requests?state=asked"), any).render());
    }
    for (name, state, refused) in [
        ("request", RequestState::Asked, false),
        ("request-wrong", RequestState::Asked, true),
        ("request-granted", RequestState::Granted, false),
        ("request-refused", RequestState::Refused, false),
        ("request-refused-wrong", RequestState::Refused, true),
        ("request-disputed", RequestState::Disputed, false),
        ("request-upheld", RequestState::Upheld, false),
        ("request-withdrawn", RequestState::Withdrawn, false),
    ] {
        add(name, drawn::request(f("/requests/019f-r1"), state, refused).render());
    }
    for (name, any) in [("grants", true), ("grants-none", false)] {
        add(name, drawn::grants(f("/grants"), any).render());
    }
    for (name, state, using) in [
        ("grant", GrantState::Active, Using::Nothing),
        ("grant-rows", GrantState::Ending, Using::Rows),
        ("grant-no-rows", GrantState::Active, Using::NoRows),
        ("grant-yes", GrantState::Active, Using::Verdict(Verdict::Yes)),
        ("grant-no", GrantState::Active, Using::Verdict(Verdict::No)),
        ("grant-unknown", GrantState::Active, Using::Verdict(Verdict::Unknown)),
        ("grant-wrong", GrantState::Active, Using::Refused),
        ("grant-service", GrantState::Active, Using::Service(ServiceState::Closed)),
        ("grant-service-open", GrantState::Active, Using::Service(ServiceState::Open)),
        ("grant-ending", GrantState::Active, Using::Ending),
        ("grant-expired", GrantState::Expired, Using::Nothing),
        ("grant-withdrawn", GrantState::Withdrawn, Using::Nothing),
    ] {
        add(name, drawn::grant(f("/grants/019f-g1"), state, using).render());
    }
    for (name, any) in [("usage", true), ("usage-none", false)] {
        add(name, drawn::usage(f("/usage"), any).render());
    }
    for (name, role, issued) in [("applications", Role::System, false), ("applications-issued", Role::Officer, true), ("applications-wrong", Role::Officer, false), ("applications-none", Role::Steward, false)] {
        add(name, drawn::applications(f("/applications"), role, issued).render());
    }
    for (name, any, answers) in [("challenges", true, true), ("challenges-provider", true, false), ("challenges-none", false, true)] {
        add(name, crate::sample_me::challenges(f("/challenges"), any, answers).render());
    }
    for (name, state) in [("me", Mine::Reads), ("me-none", Mine::Nothing), ("me-filtered", Mine::Filtered), ("me-wrong", Mine::Refused), ("me-unconfirmed", Mine::Unconfirmed)] {
        add(name, crate::sample_me::me(f("/me"), state).render());
    }
    for (name, role, any) in [("people", Role::System, true), ("people-none", Role::Security, false)] {
        add(name, crate::sample_me::people(f("/accounts/people"), role, any).render());
    }
    for (name, role, confirmed) in [("person-of", Role::Security, false), ("person-confirmed", Role::System, true)] {
        add(name, crate::sample_me::one(f("/accounts/1"), role, confirmed).render());
    }
    add("person-own", crate::sample_me::own(f("/account")).render());
    for (name, found) in [("reads", Some(130)), ("reads-none", Some(0)), ("reads-empty", None)] {
        add(name, drawn::reads(f("/reads"), found).render());
    }
}

#[test]
fn what_was_entered_in_a_refused_form_stands_there_again() {
    let decision = html("request-wrong");
    for kept in ["<option value=\"none\" selected>", "name=\"key:phone\" value=\"1\" checked", "value=\"2026-12-31\"", "value=\"9\"", "&#60;w&#62;</textarea>", "address 是"] {
        assert!(decision.contains(kept), "{kept}: {decision}");
    }
    let dispute = html("request-refused-wrong");
    assert!(dispute.contains("&#60;w&#62;</textarea>") && !dispute.contains("/decide\""), "{dispute}");
    let use_of = html("grant-wrong");
    for kept in ["value=\"33021119&#34;&#60;\"", "value=\"王&#60;\"", "<option value=\"starts\" selected>", "<option selected>100</option>"] {
        assert!(use_of.contains(kept), "{kept}: {use_of}");
    }
}

#[test]
fn a_citizen_is_led_to_nothing_of_the_staffs() {
    let page = html("me");
    for own in ["href=\"/me\"", "href=\"/account\"", "/api/v1/me/receipts/1281", "action=\"/me/challenge\""] {
        assert!(page.contains(own), "{own}: {page}");
    }
    for theirs in ["href=\"/runs\"", "href=\"/catalog", "href=\"/quality\"", "href=\"/log", "href=\"/grants", "role=\"search\""] {
        assert!(!page.contains(theirs), "{theirs}: {page}");
    }
    let refused = html("me-wrong");
    assert!(refused.contains("&#60;w&#62;</textarea>") && refused.contains("class=\"fold\" open"), "{refused}");
    assert!(!html("me-unconfirmed").contains("class=\"readings\""));
    let (answers, lent) = (html("challenges"), html("challenges-provider"));
    assert!(answers.contains("王<芳>".replace('<', "&#60;").replace('>', "&#62;").as_str()) && answers.contains("action=\"/challenges/c1\""));
    assert!(!lent.contains("action=\"/challenges/c1\""));
}

#[test]
fn a_grants_page_offers_what_its_reader_may_do() {
    let (borrower, provider, over) = (html("grant"), html("grant-ending"), html("grant-expired"));
    assert!(borrower.contains("/grants/019f-g1/query#answer") && !borrower.contains("/grants/019f-g1/end"));
    assert!(provider.contains("/grants/019f-g1/end") && provider.contains("name=\"sure\"") && !provider.contains("/query"));
    assert!(!over.contains("curl ") && over.contains("/resources/residents/request?renews=019f-g1"));
    // No number of anybody stands in an address.
    assert!(!borrower.contains("method=\"get\"") && html("reads").contains("method=\"post\" action=\"/reads\""));
}

#[test]
fn programs_are_given_lines_that_name_the_keys() {
    let page = html("grant");
    for line in [
        "/api/v1/grants/019f-g1/rows?purpose=service&#38;citizen_id=&#60;公民身份号码&#62;",
        "{&#34;citizen_id&#34;: &#34;&#60;公民身份号码&#62;&#34;, &#34;name&#34;: &#34;&#60;姓名&#62;&#34;}",
        "/api/v1/grants/019f-g1/batch?purpose=service&#38;form=csv",
    ] {
        assert!(page.contains(line), "{line}: {page}");
    }
}

#[test]
fn days_are_counted_to_a_day_and_beyond_it() {
    let say = crate::sample::frame(Lang::Zh, Mode::Standard, true, Place::Share, "", "/");
    assert_eq!(["2026-11-24", "2026-12-01", "2026-11-20", "x"].map(|day| say.left(day)), ["今天到期", "还有 7 天", "超期 4 天", ""]);
}

#[test]
fn a_service_is_asked_by_a_form_for_each_operation() {
    let page = html("grant-service");
    for part in ["action=\"/grants/019f-g1/call#answer\"", "name=\"operation\" value=\"getPerson\"", "name=\"param:citizen_id\" value=\"33021119&#34;&#60;\"", "/call/getPerson?purpose=service&#38;citizen_id="] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("/grants/019f-g1/query") && page.contains("name=\"words\""));
    assert!(html("grant-service-open").contains("已暂停调用"));
}
