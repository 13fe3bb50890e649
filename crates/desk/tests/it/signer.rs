//! Applications that sign their requests: known by a public key, believed once and in time, for what they have signed and no more.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use desk::node::content_digest;
use desk::share::Caller;
use desk::signature::Message;
use desk::{Desk, DeskError};
use kernel::Moment;
use sha2::{Digest, Sha256};
use tlog::{Algorithm, Signer};

use crate::drift::now;
use crate::memory::Memory;
use crate::river::open;
use crate::share::{city, officer, told};

const BODY: &[u8] = b"{\"id_number\":\"1\"}";
const PARTS: [&str; 5] = ["@method", "@authority", "@path", "@query", "content-digest"];

fn client(seed: u8) -> Signer {
    Signer::new(Algorithm::Ed25519, "client", &[seed; 32]).expect("a key")
}

fn jwk(signer: &Signer) -> String {
    format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#, BASE64_URL_SAFE_NO_PAD.encode(signer.verifier().public_bytes()))
}

/// A request whose signature covers these parts, with these parameters.
fn signed(signer: &Signer, parts: &[&str], parameters: &str) -> Message {
    let digest = content_digest(&Sha256::digest(BODY));
    let value = |part: &str| match part {
        "@method" => "POST".to_owned(),
        "@authority" => "brain.example.org".to_owned(),
        "@path" => "/api/v1/grants/g/rows".to_owned(),
        "@query" => "?purpose=service".to_owned(),
        "@target-uri" => "https://brain.example.org/api/v1/grants/g/rows?purpose=service".to_owned(),
        _ => digest.clone(),
    };
    let names: Vec<String> = parts.iter().map(|part| format!("\"{part}\"")).collect();
    let parameters = format!("({}){parameters}", names.join(" "));
    let lines: String = parts.iter().map(|part| format!("\"{part}\": {}\n", value(part))).collect();
    let bytes = signer.sign(&format!("{lines}\"@signature-params\": {parameters}"), 0).expect("signed").bytes;
    let headers = [("content-digest", digest.clone()), ("signature-input", format!("sig={parameters}")), ("signature", format!("sig=:{}:", BASE64_STANDARD.encode(bytes)))];
    Message {
        method: "POST".into(),
        scheme: "https".into(),
        authority: "brain.example.org".into(),
        path: "/api/v1/grants/g/rows".into(),
        query: Some("purpose=service".into()),
        headers: BTreeMap::from(headers.map(|(name, value)| (name.to_owned(), value))),
        digest: Sha256::digest(BODY).into(),
        length: BODY.len(),
    }
}

fn parameters(keyid: &str, created: i64, nonce: &str) -> String {
    format!(";created={created};keyid=\"{keyid}\";alg=\"ed25519\";nonce=\"{nonce}\";tag=\"sanjiang-request\"")
}

async fn refused(desk: &Desk, message: &Message, at: Moment) -> String {
    match desk.signed_by(message, at).await {
        Err(DeskError::Forbidden(text)) => {
            assert!(text.zh.starts_with("签名未被接受") && text.en.starts_with("The signature is not accepted"), "{text:?}");
            text.en
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_signs_its_requests() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    city(dir.path());
    let desk = open(dir.path(), &memory).await;
    let (signer, other) = (client(1), client(2));
    let private = jwk(&signer).replace('}', ",\"d\":\"x\"}");
    for wrong in ["", "{}", &jwk(&signer).replace("Ed25519", "X25519"), &jwk(&signer).replace("\"x\":\"", "\"x\":\"A"), &private] {
        assert!(matches!(desk.add_signing_application(&officer("housing"), "housing", "审批", wrong, now()).await, Err(DeskError::Invalid(_))), "{wrong}");
    }
    let node = serde_json::to_string(&desk.node_key()).expect("JSON");
    assert!(desk.add_signing_application(&officer("housing"), "housing", "审批", &node, now()).await.is_err(), "a node's key is no application's");
    assert!(matches!(desk.add_signing_application(&officer("civil"), "housing", "审批", &jwk(&signer), now()).await, Err(DeskError::Forbidden(_))));
    let keyid = desk.add_signing_application(&officer("housing"), "housing", "审批", &jwk(&signer), now()).await.expect("registered");
    assert!(desk.add_signing_application(&officer("housing"), "housing", "又一个", &jwk(&signer), now()).await.is_err(), "one key, one application");

    let created = now().0 / 1_000_000;
    let good = |nonce: &str| signed(&signer, &PARTS, &parameters(&keyid, created, nonce));
    let caller = desk.signed_by(&good("0123456789abcdef-1"), now()).await.expect("believed").expect("signed");
    assert!(matches!(&caller, Caller::Application { department, .. } if department == "housing"), "{caller:?}");
    let target = signed(&signer, &["@method", "@target-uri", "content-digest"], &parameters(&keyid, created, "0123456789abcdef-2"));
    desk.signed_by(&target, now()).await.expect("believed").expect("signed");
    assert!(desk.signed_by(&Message::default(), now()).await.expect("asked").is_none(), "nobody has signed");

    // Once only, in this process and in any other of the same store.
    assert!(refused(&desk, &good("0123456789abcdef-1"), now()).await.contains("come before"));
    let again = open(dir.path(), &Memory::new(-1)).await;
    assert!(refused(&again, &good("0123456789abcdef-1"), now()).await.contains("come before"));
    let lasting = |seconds: i64| Moment((created + seconds) * 1_000_000);
    for late in [-301, 301, 100_000] {
        assert!(refused(&desk, &good("0123456789abcdef-3"), lasting(late)).await.contains("clock"), "{late}");
    }
    // Even at the end of its time the memory holds.
    assert!(refused(&desk, &good("0123456789abcdef-1"), lasting(300)).await.contains("come before"));

    let with = |parts: &[&str], more: &str| signed(&signer, parts, more);
    let usual = parameters(&keyid, created, "0123456789abcdef-4");
    let wrong = [
        (with(&["@authority", "@path", "@query", "content-digest"], &usual), "@method"),
        (with(&["@method", "@path", "@query", "content-digest"], &usual), "@authority"),
        (with(&["@method", "@authority", "@query", "content-digest"], &usual), "@method"),
        (with(&["@method", "@authority", "@path", "content-digest"], &usual), "@method"),
        (with(&["@method", "@authority", "@path", "@query"], &usual), "content-digest"),
        (with(&PARTS, &parameters(&keyid, created, "short")), "nonce"),
        (with(&PARTS, &usual.replace("ed25519", "hmac-sha256")), "ed25519"),
        (with(&PARTS, &usual.replace(";tag=\"sanjiang-request\"", "")), "tag"),
        (with(&PARTS, &usual.replace(&format!("created={created};"), "")), "created"),
        (with(&PARTS, &format!(";expires={}{usual}", created - 10)), "expires"),
        (with(&PARTS, &parameters("nobody", created, "0123456789abcdef-4")), "keyid"),
        (signed(&other, &PARTS, &usual), "does not fit the message"),
        (Message { path: "/api/v1/grants/h/rows".into(), ..with(&PARTS, &usual) }, "does not fit the message"),
        (Message { authority: "other.example.org".into(), ..with(&PARTS, &usual) }, "does not fit the message"),
        (Message { digest: [0; 32], ..with(&PARTS, &usual) }, "Content-Digest"),
    ];
    for (message, why) in wrong {
        let text = refused(&desk, &message, now()).await;
        assert!(text.contains(why), "{why}: {text}");
    }
    // What was refused has used nothing up, and is told.
    desk.signed_by(&good("0123456789abcdef-4"), now()).await.expect("believed").expect("signed");
    let refusals = told(&desk, "act.refuse").await;
    assert!(refusals.iter().any(|entry| entry["detail"]["why"] == "replay" && entry["detail"]["keyid"] == keyid.as_str()), "{refusals:?}");

    // No bearer key opens it, and a revoked key nothing.
    assert!(matches!(desk.caller(&keyid, now()).await, Err(DeskError::LoginRequired)));
    let id = desk.applications(&officer("housing")).await.expect("list").into_iter().find(|one| one.signs.is_some()).expect("there").id;
    desk.revoke_application(&officer("housing"), &id, now()).await.expect("revoked");
    assert!(refused(&desk, &good("0123456789abcdef-5"), now()).await.contains("keyid"));
}
