//! Two cities and what they say to each other, carried by hand: whatever is doubled, delayed, replayed or altered on the way, both
//! end up with the same, and nothing is believed that should not be.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use data::share::{Channel, Lent, Purpose, RequestState, Terms};
use desk::exchange::{NodeAct, NodeAsking, NodeRequestState, Offer, Outgoing, Response};
use desk::node::content_digest;
use desk::share::{Caller, Decision, TO};
use desk::signature::Message;
use desk::{Desk, DeskError};
use kernel::Moment;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::drift::now;
use crate::memory::Memory;
use crate::river::open;
use crate::share::{city, collected, officer, told};

/// Two cities that have agreed; each has the test's departments and resources.
pub struct Pair {
    pub here: Desk,
    pub there: Desk,
    _folders: (tempfile::TempDir, tempfile::TempDir),
}

pub fn declare(dir: &Path, id: &str, division: &str, desk: &Desk, url: &str) {
    let key = desk.node_key();
    let text = format!(
        "title = \"{id}市\"\ntitle_en = \"{id}\"\ndivision = \"{division}\"\nurl = \"{url}\"\nagreement = \"数据互通协议\"\nfrom = \"2020-01-01\"\nuntil = \"2099-12-31\"\n\
         departments = [\"civil\"]\nchannels = [\"query\", \"verify\", \"batch\"]\npurposes = [\"service\"]\n[[key]]\nkty = \"OKP\"\ncrv = \"Ed25519\"\nx = \"{}\"\n",
        key.x
    );
    let folder = dir.join("city/nodes");
    std::fs::create_dir_all(&folder).expect("folder");
    std::fs::write(folder.join(format!("{id}.toml")), text).expect("file");
}

impl Pair {
    pub async fn open() -> Pair {
        let folders = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("folder"));
        let (here, there): (Arc<Memory>, Arc<Memory>) = (Memory::new(-1), Memory::new(-1));
        city(folders.0.path());
        city(folders.1.path());
        let path = folders.1.path().join("city/city.toml");
        let text = std::fs::read_to_string(&path).expect("file").replace("330200", "331000");
        std::fs::write(path, text).expect("file");
        let pair = Pair { here: open(folders.0.path(), &here).await, there: open(folders.1.path(), &there).await, _folders: folders };
        declare(pair._folders.0.path(), "taizhou", "331000", &pair.there, "http://there.example.org");
        declare(pair._folders.1.path(), "ningbo", "330200", &pair.here, "http://here.example.org");
        for desk in [&pair.here, &pair.there] {
            desk.reload_city().expect("sound");
            assert_eq!(desk.city().nodes.len(), 1);
        }
        collected(&pair.there).await;
        pair
    }

    /// What the other city offers is known here.
    async fn offered(&self) -> Offer {
        let caller = Caller::Node { id: "ningbo".into(), department: "node:ningbo".into() };
        let offer = self.there.offer_to(&caller, now()).await.expect("an offer");
        self.here.keep_offer("taizhou", &offer, now()).await.expect("kept");
        offer
    }

    async fn ask(&self, resource: &str, terms: Terms) -> String {
        let asking = NodeAsking { node: "taizhou".into(), resource: resource.into(), terms, reason: "异地公租房资格审核".into() };
        self.here.ask_neighbour(&officer("housing"), asking, now()).await.expect("asked")
    }

    async fn state(&self, id: &str) -> NodeRequestState {
        self.here.node_request(&officer("housing"), id, now()).await.expect("request").request.state
    }
}

/// The request as the other node's server would see it.
pub fn message(outgoing: &Outgoing) -> (Message, Vec<u8>) {
    let request = &outgoing.request;
    let body = request.body.clone().unwrap_or_default();
    let headers: BTreeMap<String, String> = request.headers.iter().cloned().collect();
    let message = Message {
        method: request.method.into(),
        scheme: "http".into(),
        authority: "there.example.org".into(),
        path: request.path.clone(),
        query: None,
        headers,
        digest: Sha256::digest(&body).into(),
        length: body.len(),
    };
    (message, body)
}

/// Hands an envelope over; what is answered, signed.
async fn hand(to: &Desk, outgoing: &Outgoing) -> Result<Response, DeskError> {
    let (message, body) = message(outgoing);
    let caller = to.signed_by(&message, now()).await?.expect("signed");
    let answer = to.receive_envelope(&caller, &body, now()).await?.into_bytes();
    let digest = content_digest(&Sha256::digest(&answer));
    let parts = [("\"@status\"", "200"), ("\"content-digest\"", digest.as_str()), ("\"signature\";req", message.headers["signature"].as_str())];
    let signed = to.sign_message(&parts, now()).expect("signed");
    let headers = BTreeMap::from([("content-digest".into(), digest.clone()), ("signature-input".into(), signed.input), ("signature".into(), signed.signature)]);
    Ok(Response { status: 200, headers, body: answer })
}

fn later(seconds: i64) -> Moment {
    Moment(now().0 + seconds * 1_000_000)
}

/// Carries everything both ways until nothing is due, whatever the queue's pauses.
async fn carried(pair: &Pair) {
    static ROUNDS: AtomicI64 = AtomicI64::new(100);
    for _ in 1..20 {
        let (mut any, round) = (false, ROUNDS.fetch_add(1, Ordering::Relaxed));
        for (from, to) in [(&pair.here, &pair.there), (&pair.there, &pair.here)] {
            for outgoing in from.outgoing(later(round * 1_000)).await.expect("outgoing") {
                // Signatures are of the present, whatever the queue thinks of the time.
                let Some(outgoing) = from.sealed_again(&outgoing, now()).expect("sealed") else { continue };
                if let Ok(response) = hand(to, &outgoing).await {
                    from.heard(&outgoing, response, now()).await.expect("heard").expect("believed");
                    any = true;
                }
            }
        }
        if !any {
            return;
        }
    }
    panic!("envelopes go on and on");
}

fn terms(offer: &Offer) -> Terms {
    let person = offer.resources.iter().find(|one| one.id == "person").expect("person is offered");
    Terms {
        items: ["id_number", "name", "district", "married"].map(|name| Lent { name: name.into(), whole: name != "name" }).into(),
        channels: [Channel::Query, Channel::Verify].into(),
        ..person.terms.clone()
    }
}

async fn granted_there(pair: &Pair, id: &str) {
    let asked = pair.there.request(&officer("civil"), id, now()).await.expect("it is there").request;
    assert_eq!((asked.department.id.as_str(), asked.department.title.zh.as_str()), ("node:ningbo", "ningbo市"));
    pair.there.decide_request(&officer("civil"), id, Decision::as_asked(&asked.terms, "同意"), now()).await.expect("decided");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_crosses_is_decided_and_comes_back() {
    let pair = Pair::open().await;
    let offer = pair.offered().await;
    assert_eq!(offer.resources.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["bench", "person"], "what is not shared is not offered");
    assert_eq!(offer.channels.len(), 3);
    let terms = terms(&offer);
    // What the agreement does not include cannot even be asked.
    for wrong in [Terms { purpose: Purpose::Statistics, ..terms.clone() }, Terms { channels: [Channel::Subscribe].into(), ..terms.clone() }, Terms { until: "2999-01-01".into(), ..terms.clone() }] {
        let asking = NodeAsking { node: "taizhou".into(), resource: "person".into(), terms: wrong, reason: "依据".into() };
        assert!(matches!(pair.here.ask_neighbour(&officer("housing"), asking, now()).await, Err(DeskError::Invalid(_))));
    }
    let id = pair.ask("person", terms.clone()).await;
    assert_eq!(pair.state(&id).await, NodeRequestState::Queued);
    let twice = NodeAsking { node: "taizhou".into(), resource: "person".into(), terms: terms.clone(), reason: "依据".into() };
    assert!(matches!(pair.here.ask_neighbour(&officer("housing"), twice, now()).await, Err(DeskError::Conflict(_))));
    carried(&pair).await;
    assert_eq!(pair.state(&id).await, NodeRequestState::There(RequestState::Asked));
    granted_there(&pair, &id).await;
    carried(&pair).await;
    assert_eq!(pair.state(&id).await, NodeRequestState::There(RequestState::Granted));
    let word = pair.here.node_request(&officer("housing"), &id, now()).await.expect("request").request.word.expect("a word");
    let grant = word.grant.expect("a grant");
    assert_eq!((word.acts.len(), grant.terms.items.len()), (2, 4));
    // Another department's request is not there.
    assert!(matches!(pair.here.node_request(&officer("police"), &id, now()).await, Err(DeskError::NotFound)));
    // The grant opens to the node that asked, and as long as the agreement holds.
    pair.there.end_grant(&officer("civil"), &grant.id, "协议调整", now()).await.expect("withdrawn");
    carried(&pair).await;
    assert_eq!(pair.state(&id).await, NodeRequestState::Ended);

    // A request that breaks the provider's own rules is answered for good, and stands so here.
    let whole = Terms { items: vec![Lent { name: "income".into(), whole: true }], ..terms.clone() };
    let wrong = pair.ask("person", whole).await;
    pair.here.act_on_node_request(&officer("housing"), &wrong, NodeAct::Withdraw, now()).await.expect("taken back");
    // What is taken back before it arrives is taken back there.
    let back = pair.ask("person", Terms { condition: "district = '鄞州'".into(), ..terms.clone() }).await;
    pair.here.act_on_node_request(&officer("housing"), &back, NodeAct::Withdraw, now()).await.expect("taken back");
    assert!(matches!(pair.here.act_on_node_request(&officer("housing"), &back, NodeAct::Withdraw, now()).await, Err(DeskError::Conflict(_))));
    carried(&pair).await;
    assert_eq!((pair.state(&wrong).await, pair.state(&back).await), (NodeRequestState::Rejected, NodeRequestState::There(RequestState::Withdrawn)));
    assert!(pair.there.request(&officer("civil"), &wrong, now()).await.is_err());
    // Refused there, disputed here, settled there.
    let other = pair.ask("person", Terms { condition: "district = '海曙'".into(), ..terms }).await;
    carried(&pair).await;
    pair.there.decide_request(&officer("civil"), &other, Decision::Refuse { words: "《条例》第九条".into() }, now()).await.expect("refused");
    carried(&pair).await;
    assert_eq!(pair.state(&other).await, NodeRequestState::There(RequestState::Refused));
    pair.here.act_on_node_request(&officer("housing"), &other, NodeAct::Dispute("确有需要".into()), now()).await.expect("disputed");
    carried(&pair).await;
    assert_eq!(pair.state(&other).await, NodeRequestState::There(RequestState::Disputed));
    // Both logs tell of it.
    assert_eq!(told(&pair.here, "node.ask").await.len(), 4);
    assert!(told(&pair.here, "node.send").await.len() >= 6 && told(&pair.there, "node.receive").await.len() >= 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unconditional_is_granted_at_once() {
    let pair = Pair::open().await;
    let offer = pair.offered().await;
    let bench = offer.resources.iter().find(|one| one.id == "bench").expect("bench");
    let id = pair.ask("bench", bench.terms.clone()).await;
    carried(&pair).await;
    assert_eq!(pair.state(&id).await, NodeRequestState::There(RequestState::Granted));
}

#[tokio::test(flavor = "multi_thread")]
async fn replayed_altered_misdirected_and_unknown_envelopes_change_nothing() {
    let pair = Pair::open().await;
    let offer = pair.offered().await;
    let id = pair.ask("person", terms(&offer)).await;
    let first = pair.here.outgoing(now()).await.expect("outgoing").remove(0);
    let refused = |error: Result<Response, DeskError>, why: &str| match error {
        Err(DeskError::Forbidden(text)) => assert!(!text.zh.is_empty() && !text.en.is_empty()),
        other => panic!("{why}: {other:?}"),
    };
    // Every part of the head is vouched for, and every byte of the body.
    for name in ["signature", "signature-input", TO, "content-digest"] {
        let mut bare = first.clone();
        let value = &mut bare.request.headers.iter_mut().find(|(known, _)| known == name).expect("there").1;
        *value = value.replacen('a', "b", 1).replacen('3', "4", 1);
        refused(hand(&pair.there, &bare).await, name);
    }
    for at in [0, 30, 60, 100] {
        let mut flipped = first.clone();
        flipped.request.body.as_mut().expect("body")[at] ^= 1;
        refused(hand(&pair.there, &flipped).await, "flipped");
        // With a digest that fits it is no better.
        let digest = content_digest(&Sha256::digest(flipped.request.body.as_ref().expect("body")));
        flipped.request.headers.iter_mut().find(|(name, _)| name == "content-digest").expect("digest").1 = digest;
        refused(hand(&pair.there, &flipped).await, "flipped with its digest");
    }
    // It is for the other city: the one that sent it takes it from nobody.
    assert!(hand(&pair.here, &first).await.is_err(), "sent back");
    // Too old, and too new.
    let (stale, _) = message(&first);
    for moved in [-400, 400] {
        assert!(matches!(pair.there.signed_by(&stale, later(moved)).await, Err(DeskError::Forbidden(_))), "{moved}");
    }
    assert!(pair.there.request(&officer("civil"), &id, now()).await.is_err(), "nothing of that was believed");
    let answer = hand(&pair.there, &first).await.expect("taken");
    // The same message is not believed again; the same envelope, signed anew, is answered the same.
    refused(hand(&pair.there, &first).await, "replayed");
    let again = pair.here.sealed_again(&first, now()).expect("sealed").expect("it waits");
    let second = hand(&pair.there, &again).await.expect("answered");
    assert_eq!(second.body, answer.body);
    // An answer that was altered, or is to another request, does not end the queue.
    let mut altered = second.clone();
    let at = altered.body.len() - 2;
    altered.body[at] ^= 1;
    for wrong in [answer.clone(), altered] {
        pair.here.heard(&again, wrong, now()).await.expect("heard").expect_err("not believed");
        assert_eq!(pair.state(&id).await, NodeRequestState::Queued);
    }
    pair.here.heard(&again, second, now()).await.expect("heard").expect("believed");
    assert_eq!(pair.state(&id).await, NodeRequestState::There(RequestState::Asked));
    let refusals: Vec<Value> = told(&pair.there, "node.refuse").await;
    let why = |word: &str| refusals.iter().any(|entry| entry["detail"]["why"] == word);
    for word in ["digest", "signature", "misdirected", "time", "replay"] {
        assert!(why(word), "{word} is told: {refusals:?}");
    }
    assert_eq!(told(&pair.there, "node.receive").await.len(), 1);
    assert_eq!(told(&pair.here, "node.refuse").await.len(), 2);
}

/// Whatever order envelopes arrive in, and however often, both sides end the same.
#[tokio::test(flavor = "multi_thread")]
async fn any_order_and_any_doubling_ends_the_same() {
    let pair = Pair::open().await;
    let offer = pair.offered().await;
    let mut seed = 7_u64;
    let mut dice = move |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).expect("small") % below
    };
    for trial in 0..12 {
        let person = Terms { condition: format!("district <> '{trial}'"), ..terms(&offer) };
        let id = pair.ask("person", person).await;
        // Half of them are taken back, and may be so before or after the other side decides.
        let taken_back = trial % 2 == 0;
        if taken_back {
            pair.here.act_on_node_request(&officer("housing"), &id, NodeAct::Withdraw, now()).await.expect("taken back");
        }
        let mut waiting: Vec<(bool, Outgoing)> = Vec::new();
        for step in 0..40 {
            for (from_here, desk) in [(true, &pair.here), (false, &pair.there)] {
                waiting.extend(desk.outgoing(later(1_000 * (step + 1))).await.expect("outgoing").into_iter().map(|one| (from_here, one)));
            }
            if waiting.is_empty() {
                break;
            }
            // One of all that ever was on its way, in any order; half of the answers are lost.
            let (from_here, outgoing) = waiting[dice(waiting.len())].clone();
            let (from, to) = if from_here { (&pair.here, &pair.there) } else { (&pair.there, &pair.here) };
            let Some(sealed) = from.sealed_again(&outgoing, now()).expect("sealed") else { continue };
            if let (Ok(response), 0) = (hand(to, &sealed).await, dice(2)) {
                from.heard(&sealed, response, now()).await.expect("heard").expect("believed");
            }
            // The other side decides as soon as it can.
            if let Ok(found) = pair.there.request(&officer("civil"), &id, now()).await
                && found.may_decide
                && dice(3) == 0
            {
                granted_there(&pair, &id).await;
            }
        }
        carried(&pair).await;
        if let Ok(found) = pair.there.request(&officer("civil"), &id, now()).await
            && found.may_decide
        {
            granted_there(&pair, &id).await;
            carried(&pair).await;
        }
        let there = pair.there.request(&officer("civil"), &id, now()).await.expect("it arrived once").request.state;
        assert_eq!(pair.state(&id).await, NodeRequestState::There(there), "trial {trial}");
        assert!(matches!(there, RequestState::Granted | RequestState::Withdrawn) && (taken_back || there == RequestState::Granted));
    }
    let taken = told(&pair.there, "node.receive").await;
    let ids: std::collections::BTreeSet<&str> = taken.iter().map(|entry| entry["detail"]["envelope"].as_str().expect("id")).collect();
    assert_eq!(ids.len(), taken.len(), "each envelope is told once");
}
