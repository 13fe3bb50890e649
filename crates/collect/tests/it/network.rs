//! What connectors must not reach: addresses in every spelling, names that lead inside, redirects that do.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use collect::connect::{self, Context, Network};
use collect::{CollectError, Position};
use data::declare::Connector;
use data::network::{AllowList, zone};
use serde_json::json;

use crate::api::{Api, Bench, declared, http_system, json as answer, rows};
use crate::city::{context, system};

/// Addresses that lead inside, however they are written. None may be asked.
const HOSTILE: &[&str] = &[
    // this machine
    "http://127.0.0.1/", "http://127.0.0.1:8080/", "http://127.1/", "http://127.0.1/", "http://127.255.255.254/",
    "http://2130706433/", "http://0x7f000001/", "http://0x7f.0.0.1/", "http://0x7f.1/", "http://017700000001/",
    "http://0177.0.0.1/", "http://0177.0.0.01/", "http://127.0.0.1./", "http://0/", "http://0.0.0.0/", "http://0x0/",
    "http://0.0.0.0:22/", "http://[::1]/", "http://[::1]:6379/", "http://[0:0:0:0:0:0:0:1]/", "http://[::]/",
    "http://[0000::1]/", "http://127。0。0。1/", "http://１２７.0.0.1/", "http://①②⑦.⓪.⓪.①/", "http://%31%32%37.0.0.1/",
    // private networks
    "http://10.0.0.1/", "http://10.255.255.255/", "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.0.1/",
    "http://192.168.1.1:9200/", "http://3232235777/", "http://0xc0a80101/", "http://0300.0250.1.1/", "http://10.1/",
    "http://192.168.257/", "http://100.64.0.1/", "http://100.127.255.255/", "http://[fc00::1]/", "http://[fd12:3456::1]/",
    "http://[fdff:ffff::1]/",
    // the wire
    "http://169.254.0.1/", "http://[fe80::1]/", "http://[febf::1]/", "http://[fec0::1]/",
    // clouds' services that give out credentials
    "http://169.254.169.254/latest/meta-data/", "http://2852039166/", "http://0xa9fea9fe/", "http://0251.0376.0251.0376/",
    "http://169.254.43518/", "http://[::ffff:169.254.169.254]/", "http://[fd00:ec2::254]/", "http://100.100.100.200/",
    "http://192.0.0.192/", "http://168.63.129.16/", "http://[::ffff:a9fe:a9fe]/",
    // IPv4 in disguise
    "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::ffff:10.0.0.1]/", "http://[::ffff:8.8.8.8]/",
    "http://[::127.0.0.1]/", "http://[::7f00:1]/", "http://[::ffff:0:127.0.0.1]/", "http://[64:ff9b::127.0.0.1]/",
    "http://[64:ff9b::a00:1]/", "http://[64:ff9b:1::10.0.0.1]/", "http://[2002:7f00:1::]/", "http://[2002:a00:1::1]/",
    "http://[2001:0:7f00:1::]/",
    // of no single host
    "http://255.255.255.255/", "http://224.0.0.1/", "http://239.255.255.250/", "http://240.0.0.1/", "http://192.0.2.1/",
    "http://198.51.100.1/", "http://203.0.113.1/", "http://198.18.0.1/", "http://192.88.99.1/", "http://[ff02::1]/",
    "http://[2001:db8::1]/", "http://[100::1]/", "http://[3fff::1]/", "http://[5f00::1]/",
    // before the @ stands an account, not a host
    "http://example.com@127.0.0.1/", "http://example.com:80@10.0.0.1/", "http://8.8.8.8@[::1]/", "http://a:b@169.254.169.254/",
    "http://example.com%2f@127.0.0.1/", "http://127.0.0.1#@example.com/", "http://127.0.0.1?@example.com/", "http://127.0.0.1\\@example.com/",
    // names that lead inside
    "http://inside.example/", "http://INSIDE.example/", "http://inside.example./", "http://mixed.example/", "http://six.example/",
    "http://meta.example/", "http://mapped.example/",
];

/// What names stand for in these tests.
fn names(host: &str) -> std::io::Result<Vec<IpAddr>> {
    let addresses = match host.trim_end_matches('.') {
        "inside.example" => "10.1.2.3",
        "mixed.example" => "93.184.215.14 192.168.0.9",
        "six.example" => "fd00::5",
        "meta.example" => "169.254.169.254",
        "mapped.example" => "::ffff:127.0.0.1",
        "loop.example" => "127.0.0.1",
        _ => return Err(std::io::Error::other("no such name")),
    };
    Ok(addresses.split(' ').map(|address| address.parse().unwrap()).collect())
}

fn ask(bench: &Bench, url: &str, allow: &[&str]) -> Result<(), CollectError> {
    let allow: Vec<String> = allow.iter().map(|entry| (*entry).to_owned()).collect();
    let network = Network::new(AllowList::read(&allow).unwrap()).with_names(Arc::new(names));
    let ctx = Context { network, ..context(&bench.runtime, HashMap::new()) };
    let system = http_system(json!({ "url": url, "retries": 1, "timeout_seconds": 2, "redirect_hosts": ["elsewhere.example", "*.inside.example"] }));
    let mut source = connect::open(&ctx, &system, &declared("", None), &Position::default())?;
    source.next(10).map(|_| ())
}

#[test]
fn nothing_inside_is_reached_however_it_is_written() {
    let bench = Bench::new();
    for url in HOSTILE {
        let error = ask(&bench, url, &[]).unwrap_err();
        assert!(["network.forbidden", "http.url"].contains(&error.code), "{url}: {error:?}");
        assert!(error.code != "http.url" || url.contains('%'), "{url} is an address that is understood");
        assert!(error.code == "http.url" || error.message.zh.contains("[network] allow"), "{url}: {error:?}");
    }
}

#[test]
fn nothing_inside_is_told_anything_either() {
    let bench = Bench::new();
    for url in HOSTILE {
        let network = Network::new(AllowList::default()).with_names(Arc::new(names));
        let ctx = Context { network, ..context(&bench.runtime, HashMap::new()) };
        let code = match connect::Poster::new(&ctx, "notify", url, &Default::default()) {
            Ok(poster) => bench.runtime.block_on(poster.post("application/json", "{}".to_owned())).unwrap_err().error.code,
            Err(error) => error.code,
        };
        assert!(["network.forbidden", "http.url"].contains(&code), "{url}: {code}");
    }
}

#[test]
fn what_the_city_allows_is_reached_and_nothing_else() {
    let api = Api::start(|_, _| answer(format!("{{\"rows\": [{}]}}", rows(1..2))));
    let bench = Bench::new();
    let (here, named) = (format!("http://127.0.0.1:{}/", api.port), format!("http://loop.example:{}/", api.port));
    ask(&bench, &here, &["127.0.0.0/8"]).unwrap();
    ask(&bench, &named, &["127.0.0.1"]).unwrap();
    for (url, allow) in [
        (&here, vec!["127.0.0.2", "10.0.0.0/8", "::1"]),
        // Who answers for a name must not be able to point it at this machine.
        (&named, vec!["loop.example", "*.loop.example"]),
        (&"http://meta.example/".to_owned(), vec!["meta.example", "169.254.0.0/16"]),
        (&"http://mapped.example/".to_owned(), vec!["mapped.example", "127.0.0.0/8"]),
    ] {
        assert_eq!(ask(&bench, url, &allow).unwrap_err().code, "network.forbidden", "{url} {allow:?}");
    }
    assert_eq!(api.targets().len(), 2);
}

#[test]
fn the_allow_list_means_what_it_says() {
    let allowed = |entries: &[&str], host: &str, address: &str| {
        let entries: Vec<String> = entries.iter().map(|entry| (*entry).to_owned()).collect();
        AllowList::read(&entries).unwrap().allows(host, address.parse().unwrap())
    };
    let cases: [(&[&str], &str, &str, bool); 15] = [
        (&["10.20.0.0/16"], "", "10.20.255.1", true),
        (&["10.20.0.0/16"], "", "10.21.0.1", false),
        (&["0.0.0.0/0"], "", "10.21.0.1", true),
        (&["0.0.0.0/0"], "", "169.254.169.254", false),
        (&["169.254.169.254"], "", "169.254.169.254", true),
        (&["fd00:1::/32"], "", "fd00:1:2::3", true),
        (&["fd00:1::/32"], "", "fd00:2::3", false),
        (&["API.example.gov.cn"], "api.example.gov.cn.", "10.0.0.1", true),
        (&["api.example.gov.cn"], "xapi.example.gov.cn", "10.0.0.1", false),
        (&["*.example.gov.cn"], "a.b.example.gov.cn", "10.0.0.1", true),
        (&["*.example.gov.cn"], "example.gov.cn", "10.0.0.1", false),
        (&["*.example.gov.cn"], "badexample.gov.cn", "10.0.0.1", false),
        (&["api.example.gov.cn"], "api.example.gov.cn", "127.0.0.1", false),
        (&[], "", "8.8.8.8", true),
        (&[], "", "2606:2800:21f:cb07::1", true),
    ];
    for (entries, host, address, expected) in cases {
        assert_eq!(allowed(entries, host, address), expected, "{entries:?} {host} {address}");
    }
    for wrong in ["", "10.20.1.0/16", "10.0.0.0/33", "fd00::/129", "10.0.0", "10.0.0.1:80", "http://a.b/", "a.b:80", "a.b/c", "*", "a..b", "localhost", "-a.b", "0x7f.1", "10.0.0.0/+8"] {
        let read = AllowList::read(&[wrong.to_owned()]);
        assert!(read.is_err() || wrong == "{wrong}");
    }
    assert!(zone("1.1.1.1".parse().unwrap()).is_none());
}

#[test]
fn a_name_is_resolved_once_and_the_connection_made_to_what_was_checked() {
    let api = Api::start(|_, _| answer(format!("{{\"rows\": [{}]}}", rows(1..2))));
    let bench = Bench::new();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    // A name that changes its mind: the first answer is allowed, every later one is not.
    let turning = move |_: &str| -> std::io::Result<Vec<IpAddr>> {
        let first = count.fetch_add(1, Ordering::SeqCst) == 0;
        Ok(vec![if first { "127.0.0.1" } else { "169.254.169.254" }.parse().unwrap()])
    };
    let network = Network::new(AllowList::read(&["127.0.0.1".to_owned()]).unwrap()).with_names(Arc::new(turning));
    let ctx = Context { network, ..context(&bench.runtime, HashMap::new()) };
    let system = http_system(json!({ "url": format!("http://turning.example:{}/", api.port), "retries": 1 }));
    let mut source = connect::open(&ctx, &system, &declared("", None), &Position::default()).unwrap();
    assert_eq!(source.next(10).unwrap().unwrap().rows(), 1);
    assert_eq!((asked.load(Ordering::SeqCst), api.targets().len()), (1, 1));
    let again = connect::open(&ctx, &system, &declared("", None), &Position::default()).unwrap().next(10);
    assert_eq!(again.unwrap_err().code, "network.forbidden");
}

#[test]
fn redirects_are_checked_like_addresses_and_carry_no_credentials_away() {
    let bench = Bench::new();
    for target in [
        "http://169.254.169.254/latest/meta-data/", "http://[::1]/", "//10.0.0.1/", "http://inside.example/", "file:///etc/passwd",
        "gopher://127.0.0.1/", "http://a.inside.example/", "http:///", "http://elsewhere.example@127.0.0.2/",
    ] {
        let api = Api::start(move |_, _| (302, vec![("location", target.to_owned())], Vec::new()));
        let error = ask(&bench, &format!("http://127.0.0.1:{}/", api.port), &["127.0.0.1"]).unwrap_err();
        assert!(["http.redirect", "network.forbidden", "http.connect"].contains(&error.code), "{target}: {error:?}");
        assert_eq!(api.targets().len(), 1, "{target}");
    }
    // A declared host is gone to, but gets neither headers nor login.
    let store = Api::start(|_, _| answer(format!("{{\"rows\": [{}]}}", rows(1..2))));
    let port = store.port;
    let api = Api::start(move |_, _| (302, vec![("location", format!("http://loop.example:{port}/file?sig=1"))], Vec::new()));
    let network = Network::new(AllowList::read(&["127.0.0.1".to_owned()]).unwrap()).with_names(Arc::new(names));
    let ctx = Context { network, ..context(&bench.runtime, HashMap::new()) };
    let system = http_system(json!({
        "url": format!("http://127.0.0.1:{}/", api.port), "retries": 1, "redirect_hosts": ["loop.example"],
        "headers": { "X-Key": "geheim" }, "auth": { "kind": "bearer", "token": "geheim" },
    }));
    let mut source = connect::open(&ctx, &system, &declared("", None), &Position::default()).unwrap();
    assert_eq!(source.next(10).unwrap().unwrap().rows(), 1);
    let (there, here) = (store.seen.lock().unwrap().clone(), api.seen.lock().unwrap().clone());
    assert!(here[0].headers.iter().any(|header| header.contains("geheim")));
    assert!(there[0].target == "/file?sig=1" && !there[0].headers.iter().any(|header| header.contains("geheim")), "{there:?}");
}

#[test]
fn database_servers_are_held_to_the_same_list() {
    let bench = Bench::new();
    let ask = |connector: Connector, allow: &[&str]| {
        let allow: Vec<String> = allow.iter().map(|entry| (*entry).to_owned()).collect();
        let network = Network::new(AllowList::read(&allow).unwrap()).with_names(Arc::new(names));
        let ctx = Context { network, ..context(&bench.runtime, HashMap::new()) };
        connect::open(&ctx, &system(connector), &declared("t", None), &Position::default()).err().unwrap()
    };
    for server in ["127.0.0.1:1", "[::1]:1", "10.0.0.1", "169.254.169.254", "inside.example", "mixed.example", "mapped.example", "loop.example"] {
        let postgres = ask(Connector::Postgres { url: format!("postgres://u:p@{server}/d") }, &[]);
        let mysql = ask(Connector::Mysql { url: format!("mysql://u:p@{server}/d?ssl-mode=VERIFY_IDENTITY") }, &[]);
        assert_eq!((postgres.code, mysql.code), ("network.forbidden", "network.forbidden"), "{server}: {postgres:?} {mysql:?}");
    }
    for socket in ["postgres://u@%2Frun%2Fnowhere/d", "postgres://u@db.example/d?host=/run/nowhere"] {
        assert_eq!(ask(Connector::Postgres { url: socket.to_owned() }, &[]).code, "network.forbidden", "{socket}");
    }
    let socket = "mysql://u@db.example/d?socket=/run/nowhere".to_owned();
    assert_eq!(ask(Connector::Mysql { url: socket }, &[]).code, "network.forbidden");
    // Allowed, and nobody is there.
    let gone = ask(Connector::Postgres { url: "postgres://u@[::1]:1/d".to_owned() }, &["::1"]);
    assert!(gone.code == "postgres.connect" && gone.transient, "{gone:?}");
    let gone = ask(Connector::Mysql { url: "mysql://u@loop.example:1/d".to_owned() }, &["127.0.0.1"]);
    assert!(gone.code == "mysql.connect" && gone.transient, "{gone:?}");
    let nameless = ask(Connector::Mysql { url: "mysql://u@nowhere.example/d".to_owned() }, &[]);
    assert!(nameless.code == "mysql.connect" && nameless.transient, "{nameless:?}");
}
