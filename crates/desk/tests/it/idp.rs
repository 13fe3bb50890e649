//! An identity provider on loopback that says whatever a test wants, and signs it with keys of its own.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value, json};

pub enum Key {
    Rsa(Box<RsaKeyPair>),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Key {
    pub fn rsa() -> Key {
        Key::Rsa(Box::new(RsaKeyPair::generate(KeySize::Rsa2048).expect("a key")))
    }

    pub fn p256() -> Key {
        Key::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"))
    }

    pub fn ed25519() -> Key {
        Key::Ed25519(Ed25519KeyPair::generate().expect("a key"))
    }

    pub fn algorithm(&self) -> &'static str {
        match self {
            Key::Rsa(_) => "RS256",
            Key::P256(_) => "ES256",
            Key::Ed25519(_) => "EdDSA",
        }
    }

    pub fn jwk(&self, kid: &str) -> Value {
        match self {
            Key::Rsa(pair) => {
                let der: &[u8] = pair.public_key().as_ref();
                let n = &der[9..265];
                assert_eq!((der.len(), n[0] & 0x80), (270, 0x80), "a key of 2,048 bits");
                json!({ "kty": "RSA", "use": "sig", "kid": kid, "n": BASE64.encode(n), "e": "AQAB" })
            }
            Key::P256(pair) => {
                let point: &[u8] = pair.public_key().as_ref();
                json!({ "kty": "EC", "crv": "P-256", "kid": kid, "alg": "ES256", "x": BASE64.encode(&point[1..33]), "y": BASE64.encode(&point[33..]) })
            }
            Key::Ed25519(pair) => json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": BASE64.encode(pair.public_key().as_ref()) }),
        }
    }

    pub fn token(&self, header: Value, claims: &Value) -> String {
        let signed = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
        let signature = match self {
            Key::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).expect("signed");
                signature
            }
            Key::P256(pair) => pair.sign(&SystemRandom::new(), signed.as_bytes()).expect("signed").as_ref().to_vec(),
            Key::Ed25519(pair) => pair.sign(signed.as_bytes()).as_ref().to_vec(),
        };
        format!("{signed}.{}", BASE64.encode(signature))
    }

    /// Bytes that are public, as whoever takes them for a shared secret would sign with.
    pub fn public(&self) -> Vec<u8> {
        match self {
            Key::Rsa(pair) => AsDer::<aws_lc_rs::encoding::PublicKeyX509Der<'_>>::as_der(pair.public_key()).expect("der").as_ref().to_vec(),
            Key::P256(pair) => pair.public_key().as_ref().to_vec(),
            Key::Ed25519(pair) => pair.public_key().as_ref().to_vec(),
        }
    }
}

#[derive(Clone)]
pub struct Idp {
    pub issuer: String,
    pages: Arc<Mutex<HashMap<String, (u16, String)>>>,
    asked: Arc<Mutex<Vec<(String, String)>>>,
}

impl Idp {
    pub fn start() -> Idp {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("address"));
        let idp = Idp { issuer, pages: Arc::default(), asked: Arc::default() };
        idp.say("/.well-known/openid-configuration", 200, &idp.metadata().to_string());
        let (pages, asked) = (idp.pages.clone(), idp.asked.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (pages, asked) = (pages.clone(), asked.clone());
                std::thread::spawn(move || serve(stream, &pages, &asked));
            }
        });
        idp
    }

    pub fn metadata(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.issuer);
        json!({ "issuer": self.issuer, "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"), "jwks_uri": at("/jwks") })
    }

    /// What is answered at a path from now on.
    pub fn say(&self, path: &str, status: u16, body: &str) {
        self.pages.lock().expect("lock").insert(path.to_owned(), (status, body.to_owned()));
    }

    pub fn keys(&self, keys: &[(&str, &Key)]) {
        let keys: Vec<Value> = keys.iter().map(|(kid, key)| key.jwk(kid)).collect();
        self.say("/jwks", 200, &json!({ "keys": keys }).to_string());
    }

    /// Paths that were asked for, with the headers and the body.
    pub fn asked(&self, path: &str) -> Vec<String> {
        self.asked.lock().expect("lock").iter().filter(|(asked, _)| asked == path).map(|(_, what)| what.clone()).collect()
    }
}

fn serve(mut stream: TcpStream, pages: &Mutex<HashMap<String, (u16, String)>>, asked: &Mutex<Vec<(String, String)>>) {
    let mut reader = BufReader::new(stream.try_clone().expect("stream"));
    let mut lines = reader.by_ref().lines();
    let Some(Ok(first)) = lines.next() else { return };
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let headers: Vec<String> = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let length = headers.iter().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut body = String::new();
    if reader.take(length).read_to_string(&mut body).is_err() {
        return;
    }
    asked.lock().expect("lock").push((path.clone(), format!("{}\n\n{body}", headers.join("\n"))));
    let (status, body) = pages.lock().expect("lock").get(&path).cloned().unwrap_or((404, String::new()));
    drop(stream.write_all(format!("HTTP/1.1 {status} X\r\nconnection: close\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: {}\r\n\r\n{body}", body.len()).as_bytes()));
}
