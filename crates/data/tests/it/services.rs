//! Services lent in real time: declared against their OpenAPI documents, proposed from them, asked and answered within terms.

use std::collections::BTreeSet;

use data::City;
use data::city::SourceFile;
use data::declare::Grade;
use data::openapi::{Api, propose};
use data::share::breaker::{Breaker, Rule, State, Turn};
use data::share::{Channel, Daily, Lent, Purpose, Terms, asked, pick};
use kernel::{Lang, Moment};
use proptest::prelude::*;
use serde_json::{Value, json};

fn api() -> Value {
    json!({
        "openapi": "3.0.3", "info": { "title": "企业信息服务", "version": "1" },
        "paths": {
            "/companies/{uscc}": { "parameters": [{ "$ref": "#/components/parameters/uscc" }], "get": {
                "operationId": "getCompany", "summary": "查一家企业",
                "parameters": [{ "name": "year", "in": "query", "schema": { "type": "integer", "minimum": 2000, "maximum": 2030 } },
                    { "name": "Authorization", "in": "header", "schema": { "type": "string" } }],
                "responses": { "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Answer" } } } }, "404": {} } } },
            "/persons": { "post": { "operationId": "findPersons",
                "requestBody": { "content": { "application/json": { "schema": { "type": "object", "required": ["person"], "properties": {
                    "person": { "type": "object", "required": ["id"], "properties": { "id": { "type": "string" } } }, "page": { "type": "integer" } } } } } },
                "responses": { "200": { "content": { "application/json": { "schema": { "type": "array", "items": { "$ref": "#/components/schemas/Company" } } } } } } },
                "delete": { "operationId": "dropPersons", "responses": {} } },
        },
        "components": {
            "parameters": { "uscc": { "name": "uscc", "in": "path", "required": true, "schema": { "type": "string" } } },
            "schemas": {
                "Answer": { "type": "object", "properties": { "code": { "type": "integer" }, "data": { "type": "array", "items": { "$ref": "#/components/schemas/Company" } } } },
                "Company": { "allOf": [{ "$ref": "#/components/schemas/Named" }, { "type": "object", "properties": {
                    "legal": { "$ref": "#/components/schemas/Person" }, "capital": { "type": "number" }, "tags": { "type": "array", "items": { "type": "string" } },
                    "parent": { "$ref": "#/components/schemas/Company" } } }] },
                "Named": { "type": "object", "properties": { "name": { "type": "string" }, "uscc": { "type": "string" } } },
                "Person": { "type": "object", "properties": { "name": { "type": "string" }, "idNumber": { "type": "string", "description": "公民身份号码" } } }
            }
        }
    })
}

const SYSTEM: &str = "title = \"企业信息服务\"\ntitle_en = \"Companies\"\ndepartment = \"market\"\n[connector]\nkind = \"service\"\nurl = \"https://api.example.gov.cn/v1\"\nopenapi = \"services/company.json\"\n[connector.auth]\nkind = \"bearer\"\ntoken = \"${TOKEN}\"\n";
const RESOURCE: &str = "title = \"企业信息\"\ntitle_en = \"Companies\"\ncode = \"3990200/000001\"\nsummary = \"逐次查询\"\nsystem = \"company\"\nclass = \"department\"\nshare = \"conditional\"\nshare_condition = \"依法履职\"\nopen = \"none\"\ngrade = \"L3\"\nperiod = \"continuous\"\n\
[[item]]\nname = \"uscc\"\ntitle = \"代码\"\ntitle_en = \"Code\"\nstandard = \"uscc\"\ngrade = \"L2\"\n\
[[item]]\nname = \"name\"\ntitle = \"名称\"\ntitle_en = \"Name\"\nstandard = \"text\"\ngrade = \"L1\"\n\
[[item]]\nname = \"legal_id\"\ntitle = \"法人证件\"\ntitle_en = \"Id\"\nstandard = \"citizen_id\"\nclass = \"sensitive\"\nsource = \"legal.idNumber\"\n\
[[item]]\nname = \"tags\"\ntitle = \"标签\"\ntitle_en = \"Tags\"\nstandard = \"text\"\ngrade = \"L1\"\nsource = \"tags[*]\"\n\
[[operation]]\nid = \"getCompany\"\nrecords = \"data[*]\"\n\
[[operation.parameter]]\nname = \"uscc\"\nitem = \"uscc\"\nrequired = true\n[[operation.parameter]]\nname = \"year\"\n";

fn files(resource: &str, system: &str) -> Vec<SourceFile> {
    let file = |path: &str, text: String| SourceFile { path: path.into(), text };
    vec![
        file("city.toml", "title = \"试验市\"\ntitle_en = \"Trial\"\ndivision = \"330200\"\n".into()),
        file("departments/market.toml", "title = \"市场监管局\"\ntitle_en = \"Market\"\nuscc = \"113302000029290324\"\n".into()),
        file("resources/company/company.toml", resource.into()),
        file("services/company.json", api().to_string()),
        file("systems/company.toml", system.into()),
    ]
}

fn told(resource: &str, system: &str) -> Vec<String> {
    City::read(&files(resource, system)).1.iter().map(|one| format!("{}:{} {}", one.file.rsplit('/').next().unwrap_or_default(), one.line, one.message.en) + &one.suggestion.as_ref().map(|word| format!(" ({word}?)")).unwrap_or_default()).collect()
}

fn city() -> City {
    let (city, found) = City::read(&files(RESOURCE, SYSTEM));
    assert!(found.is_empty(), "{}", found.iter().map(|one| one.render(Lang::En)).collect::<String>());
    city.expect("a city")
}

#[test]
fn a_service_is_declared_and_its_document_read() {
    let city = city();
    let resource = &city.resources["company"];
    assert!(city.is_service(resource) && !city.is_collected(resource));
    assert!(city.apis["company"].operations["getCompany"].none);
    let text = data::declare::write_resource(resource);
    let (again, found) = City::read(&files(&text, SYSTEM));
    assert!(found.is_empty(), "{text}\n{found:?}");
    assert_eq!(serde_json::to_value(&again.expect("read again").resources["company"]).unwrap(), serde_json::to_value(resource).unwrap());
}

#[test]
fn what_the_document_does_not_have_is_told_with_the_nearest_name() {
    let with = |from: &str, to: &str| {
        assert!(RESOURCE.contains(from), "{from}");
        told(&RESOURCE.replace(from, to), SYSTEM)
    };
    let one = |found: Vec<String>, words: &str| assert!(found.len() == 1 && found[0].contains(words), "{found:#?} lacks {words}");
    one(with("id = \"getCompany\"", "id = \"getCompani\""), "there is no operation `getCompani` (getCompany?)");
    one(with("id = \"getCompany\"", "id = \"dropPersons\""), "the operation `dropPersons` changes things");
    one(with("legal.idNumber", "legal.idNumbr"), "there is no field `idNumbr` (idNumber?)");
    one(with("legal.idNumber", "legal"), "`legal` is no single value");
    one(with("tags[*]", "tags"), "`tags` is no single value");
    one(with("records = \"data[*]\"", "records = \"dat[*]\""), "there is no field `dat` (data?)");
    one(with("name = \"year\"\n", "name = \"yaer\"\n"), "there is no parameter `yaer` (year?)");
    one(with("name = \"year\"\n", "name = \"year\"\nvalue = \"1999\"\n"), "year is 2000 at least");
    one(with("name = \"year\"\n", "name = \"Authorization\"\n"), "callers cannot give the parameter `Authorization`");
    one(with("item = \"uscc\"\nrequired = true\n", "item = \"usc\"\nrequired = true\n"), "there is no item `usc` (uscc?)");
    one(with("item = \"uscc\"\nrequired = true\n", "item = \"uscc\"\n"), "the service needs `uscc`");
    one(with("[[operation.parameter]]\nname = \"uscc\"\nitem = \"uscc\"\nrequired = true\n", ""), "the service needs the parameter `uscc`, which is not declared");
    one(with("period = \"continuous\"\n", "period = \"continuous\"\nshare_keys = [\"name\"]\n"), "no operation can be asked by `name`");
    one(with("period = \"continuous\"\n", "period = \"continuous\"\n[collect]\nfrom = \"x\"\n"), "a service is asked at each call, not collected");
    one(told(RESOURCE, &SYSTEM.replace("company.json", "compani.json")), "there is no file `services/compani.json` (services/company.json?)");
    one(told(RESOURCE, &SYSTEM.replace("[connector.auth]", "at_once = 0\n[connector.auth]")), "`at_once` should be from 1 to 1000");
    one(told(RESOURCE, &SYSTEM.replace("https://api.example.gov.cn/v1", "http://127.0.0.1:8080/")), "lies in");
    let plain = RESOURCE.split("[[operation]]").next().unwrap_or_default();
    one(told(plain, SYSTEM), "there is not a single operation");
    let pushed = SYSTEM.split("[connector]").next().map(|head| format!("{head}[connector]\nkind = \"push\"\n")).unwrap_or_default();
    one(told(&plain.replacen("[[item]]\n", "[[item]]\nkey = true\n", 1), &pushed), "the key `collect` is missing");
}

#[test]
fn a_document_is_no_openapi_or_is_told_why() {
    for wrong in ["", "{", "openapi: 3.0.0", "{}", "{\"openapi\":\"2.0\"}", "{\"openapi\":\"3.0.0\",\"paths\":{}}"] {
        assert!(Api::read(wrong).is_err(), "{wrong}");
    }
    // A schema that holds itself ends somewhere.
    let read = Api::read(&api().to_string()).expect("read");
    let deep = serde_json::to_string(&read.operations["findPersons"].answer).expect("json");
    assert!(deep.len() < 100_000, "{}", deep.len());
}

#[test]
fn a_declaration_is_proposed_and_holds() {
    let read = Api::read(&api().to_string()).expect("read");
    let proposed = propose(&read, "company", "market", "services/company.json", &[]);
    let names: Vec<&str> = proposed.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(names, ["systems/company.toml", "resources/company/find_persons.toml", "resources/company/get_company.toml"]);
    let mut all: Vec<SourceFile> = files("", "").into_iter().filter(|file| !file.path.ends_with("company.toml")).collect();
    all.extend(proposed.into_iter().map(|(path, text)| SourceFile { path, text }));
    let (city, found) = City::read(&all);
    let shown: String = found.iter().map(|one| one.render(Lang::En)).collect();
    let city = city.unwrap_or_else(|| panic!("{shown}"));
    let company = &city.resources["get_company"];
    assert_eq!(company.operations[0].records, "data[*]");
    let id = company.items.iter().find(|item| item.source.as_deref() == Some("legal.idNumber")).expect("the id");
    assert!(id.standard == "citizen_id" && id.grade >= Some(Grade::L3), "{id:?}");
    assert!(company.operations[0].carries("uscc").is_some_and(|one| one.required));
}

fn terms(items: &[(&str, bool)], keys: &[&str]) -> Terms {
    Terms {
        items: items.iter().map(|(name, whole)| Lent { name: (*name).into(), whole: *whole }).collect(),
        keys: keys.iter().map(|key| (*key).to_owned()).collect(),
        condition: String::new(),
        channels: BTreeSet::from([Channel::Query]),
        purpose: Purpose::Service,
        until: "2026-12-31".into(),
        per_minute: 60,
        told_after: 0,
        told_ground: String::new(),
        daily: Daily::default(),
    }
}

#[test]
fn questions_are_sent_as_declared_and_nothing_else() {
    let city = city();
    let resource = &city.resources["company"];
    let (operation, described) = (&resource.operations[0], &city.apis["company"].operations["getCompany"]);
    let ask = |terms: &Terms, given: &[(&str, &str)]| {
        let given: Vec<(String, String)> = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        asked(&city, resource, operation, described, terms, &given)
    };
    let by_code = terms(&[("name", true)], &["uscc"]);
    let code = "113302000029290324";
    let sent = ask(&by_code, &[("uscc", code), ("year", "2024")]).expect("asked");
    assert_eq!((sent.sent.path.as_str(), sent.named), ("/companies/113302000029290324", vec![("uscc".to_owned(), code.to_owned())]));
    assert_eq!(sent.sent.query, [("year".to_owned(), "2024".to_owned())]);
    for (given, words) in [
        (vec![], "missing"),
        (vec![("uscc", "..")], "uscc"),
        (vec![("uscc", "113302000029290325")], "uscc"),
        (vec![("uscc", code), ("year", "1999")], "2000"),
        (vec![("uscc", code), ("year", "x")], "whole number"),
        (vec![("uscc", code), ("yea", "2024")], "year?"),
        (vec![("uscc", code), ("uscc", code)], "once"),
        (vec![("uscc", code), ("name", "x")], "no parameter name"),
    ] {
        let refused = ask(&by_code, &given).expect_err("refused").en;
        assert!(refused.contains(words), "{refused} lacks {words}");
    }
    assert!(ask(&terms(&[("uscc", false)], &[]), &[("uscc", code)]).expect_err("masked").en.contains("masked"));
    assert!(ask(&terms(&[("name", true)], &["name"]), &[("uscc", code)]).expect_err("no such key").en.contains("does not take"));
}

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::Bool), any::<i64>().prop_map(Value::from), "[a-z海]{0,6}".prop_map(Value::from)];
    let name = prop_oneof![Just("data".to_owned()), Just("name".to_owned()), Just("uscc".to_owned()), Just("legal".to_owned()), Just("idNumber".to_owned()), Just("tags".to_owned()), "[a-z]{1,4}"];
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::vec((name.clone(), inner), 0..5).prop_map(|all| Value::Object(all.into_iter().collect())),
        ]
    })
}

/// The same with every single value marked by the place where it stands, lists without their numbers.
fn marked(value: &Value, place: &str) -> Value {
    match value {
        Value::Array(all) => Value::Array(all.iter().map(|one| marked(one, &format!("{place}[*]"))).collect()),
        Value::Object(all) => Value::Object(all.iter().map(|(name, one)| (name.clone(), marked(one, &format!("{place}.{name}")))).collect()),
        Value::Null => Value::Null,
        _ => Value::String(place.to_owned()),
    }
}

proptest! {
    /// Whatever JSON a service gives: of each item only what stands at its declared place, and single values only.
    #[test]
    fn nothing_but_declared_places_is_given(answer in prop_oneof![anything(), anything().prop_map(|inner| json!({ "data": [inner] }))]) {
        let city = city();
        let resource = &city.resources["company"];
        let names = ["name", "legal_id", "tags"].map(str::to_owned);
        let (rows, _) = pick(resource, &resource.operations[0], &marked(&answer, ""), &names, 100);
        for row in rows {
            for (value, place) in row.iter().zip([".data[*].name", ".data[*].legal.idNumber", ".data[*].tags[*]"]) {
                let single = |one: &Value| one.is_null() || one == place;
                prop_assert!(match value { Value::Array(all) => place.ends_with("[*]") && all.iter().all(single), one => single(one) }, "{value} is not of {place}");
            }
        }
    }

    /// A service that fails is left alone after so many failures, and tried by one call at a time; whatever is told of older calls.
    #[test]
    fn a_breaker_opens_when_it_must_and_lets_one_try(steps in prop::collection::vec((0u8..4, 0i64..8), 1..200)) {
        let rule = Rule { failures: 3, window: 10, pause: 5 };
        let (mut breaker, mut now, mut out) = (Breaker::new(rule), 0i64, Vec::new());
        let mut probing = None;
        for (what, wait) in steps {
            now += wait;
            let before = breaker.state(Moment(now));
            match what {
                0 | 1 => match breaker.ask(Moment(now)) {
                    Ok(ticket) => {
                        let open = matches!(before, State::Open { .. });
                        prop_assert!(!open, "asked while open");
                        if before == State::HalfOpen {
                            prop_assert!(probing.is_none(), "two try it at once");
                            probing = Some(ticket);
                        }
                        out.push(ticket);
                    }
                    Err(until) => {
                        prop_assert!(before != State::Closed && until.0 > now);
                    }
                },
                good => if let Some(ticket) = out.pop() {
                    let turn = breaker.tell(ticket, good == 2, Moment(now));
                    let after = breaker.state(Moment(now));
                    if probing == Some(ticket) {
                        probing = None;
                        prop_assert_eq!(after == State::Closed, good == 2);
                    } else if before != State::Closed {
                        prop_assert_eq!(turn, None);
                        prop_assert!(after == before, "an older call changes nothing");
                    }
                    let open = matches!(after, State::Open { .. });
                    prop_assert!(turn != Some(Turn::Opened) || open);
                },
            }
            prop_assert!(breaker.state(Moment(now)) != State::Closed || breaker.failures(Moment(now)) < 3);
        }
    }
}

#[test]
fn pauses_grow_and_failures_are_forgotten() {
    let rule = Rule { failures: 2, window: 10, pause: 5 };
    let mut breaker = Breaker::new(rule);
    let fail = |breaker: &mut Breaker, at: i64| { let ticket = breaker.ask(Moment(at)).expect("asked"); breaker.tell(ticket, false, Moment(at)) };
    assert_eq!((fail(&mut breaker, 0), fail(&mut breaker, 11)), (None, None), "the first is forgotten");
    assert_eq!(fail(&mut breaker, 12), Some(Turn::Opened));
    let mut at = 12;
    for pause in [5, 10, 20, 40, 40] {
        assert_eq!(breaker.state(Moment(at)), State::Open { until: Moment(at + pause) });
        assert_eq!(breaker.ask(Moment(at + pause - 1)), Err(Moment(at + pause)));
        at += pause;
        assert_eq!(fail(&mut breaker, at), None);
    }
    let ticket = breaker.ask(Moment(at + 40)).expect("a try");
    breaker.give_back(ticket, Moment(at + 41));
    let ticket = breaker.ask(Moment(at + 41)).expect("another try");
    assert_eq!(breaker.tell(ticket, true, Moment(at + 42)), Some(Turn::Closed));
}
