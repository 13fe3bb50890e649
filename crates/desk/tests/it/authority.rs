//! Who may do what: the printed table, and an oracle that was written without looking at it.

use std::fmt::Write;

use desk::account::{Person, PersonKind};
use desk::act::{ACTS, Act};
use desk::authority::{May, Reach, Refused, Role, Roles, decide};
use desk::view::Account;

/// The table as it stands in `authority.txt`, for people to read when it changes.
#[test]
fn the_table_of_authority_is_as_printed() {
    let mut table = format!("{:20}", "");
    Role::ALL.iter().for_each(|role| write!(table, "{:10}", role.word()).expect("written"));
    for act in &ACTS {
        write!(table, "\n{:20}", act.word).expect("written");
        match act.may {
            May::Program => table.push_str("the program itself"),
            May::Anyone => table.push_str("anybody logged in, for the own account"),
            May::Person => table.push_str("a citizen or a company, about the own records"),
            May::Roles(_) => Role::ALL.iter().for_each(|role| {
                let word = match act.may.reach(*role) {
                    Reach::Nothing => "-",
                    Reach::Own => "own",
                    Reach::All => "all",
                };
                write!(table, "{word:10}").expect("written");
            }),
        }
    }
    let table: String = table.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/authority.txt");
    if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        std::fs::write(&path, &table).expect("written");
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), table, "rights have changed: read it, then INSTA_UPDATE=always");
}

#[test]
fn acts_stand_in_order_and_once() {
    assert!(ACTS.windows(2).all(|pair| pair[0].word < pair[1].word));
    assert!(ACTS.iter().all(|act| desk::act::find(act.word).is_some_and(|found| found.word == act.word)));
}

const PROGRAM: [&str; 19] = ["account.use", "act.refuse", "city.configure", "collect.run", "log.forget", "model.run", "node.receive", "node.refuse", "node.send", "open.hold", "open.measure", "open.publish", "push.receive", "service.leave", "service.return", "session.begin", "session.refuse", "token.issue", "token.refuse"];
/// What a citizen or a company does, about the own records, once the identity is confirmed.
const OWN_RECORDS: [&str; 2] = ["challenge.raise", "see.me"];
const OWN_ACCOUNT: [&str; 8] = ["account.link", "account.password", "account.unlink", "client.enter", "consent.give", "consent.withdraw", "second.bind", "session.end"];
/// What everybody with an account may say in public, and do with open data.
const IN_PUBLIC: [&str; 9] = ["access.apply", "access.leave", "access.read", "app.change", "app.end", "app.register", "app.renew", "voice.raise", "voice.support"];

/// What a role may do, by rules that say why.
fn reaches(role: Role, word: &str) -> Reach {
    let one_of = |words: &[&str]| words.contains(&word);
    let (kind, _) = word.split_once('.').expect("a word of two parts");
    if PROGRAM.contains(&word) || OWN_RECORDS.contains(&word) {
        return Reach::Nothing;
    }
    if OWN_ACCOUNT.contains(&word) || IN_PUBLIC.contains(&word) || one_of(&["see.emergencies", "emergency.end"]) {
        return Reach::All;
    }
    // Whoever lends, asks or reads under a grant does so for the own department; the bureau settles disputes, and may end what harms.
    let for_the_own_department = ["request.ask", "request.decide", "request.dispute", "request.withdraw", "read.grant", "grant.subscribe", "grant.report"];
    // Other cities are asked in the name of the own department, too; whoever runs the machine sees to the link.
    match (role, word) {
        (Role::Steward | Role::Officer, "node.ask" | "node.withdraw" | "node.dispute" | "node.read") => return Reach::Own,
        (Role::System | Role::Steward, "node.call" | "see.nodes") => return Reach::All,
        (Role::Officer, "see.nodes") => return Reach::Own,
        (_, word) if word.starts_with("node.") || word == "see.nodes" => return Reach::Nothing,
        _ => {}
    }
    match (role, word) {
        (Role::Steward | Role::Officer, word) if for_the_own_department.contains(&word) => return Reach::Own,
        (Role::Analyst, "read.grant" | "grant.subscribe" | "see.grants") => return Reach::Own,
        (Role::Officer, "application.issue" | "application.revoke") => return Reach::Own,
        (Role::System, "see.applications") => return Reach::All,
        _ => {}
    }
    // Accounts, rights, keys and the log are the three officers'.
    let makes_accounts = one_of(&["account.create", "account.invite", "account.lock", "account.unlock", "key.issue", "key.revoke", "application.issue", "application.revoke"]) || kind == "client" || word == "see.clients";
    let gives_rights = one_of(&["account.confirm", "account.rights", "second.reset", "emergency.decide"]);
    let watches = one_of(&["see.accounts", "see.log", "see.reads", "account.sessions"]);
    // Who lent is told what is said of it, and who reads the log answers: nobody else.
    match (role, word) {
        (Role::Audit, "see.challenges" | "challenge.answer") => return Reach::All,
        (Role::Officer, "see.challenges") => return Reach::Own,
        (_, "see.challenges" | "challenge.answer") => return Reach::Nothing,
        _ => {}
    }
    let runs_the_machine = one_of(&["message.hurry", "see.messages", "schedule.pause", "schedule.resume"]);
    let allowed = match role {
        Role::System => makes_accounts || runs_the_machine || one_of(&["see.accounts", "account.sessions"]),
        Role::Security => gives_rights || one_of(&["see.accounts", "account.sessions", "see.grading"]),
        Role::Audit => one_of(&["see.accounts", "see.log", "see.reads"]),
        Role::Steward => !(makes_accounts || gives_rights || watches),
        Role::Analyst => {
            let of_single_records = one_of(&["read.conflicts", "read.doubts", "read.pair", "read.quarantine", "read.refused"]);
            (kind == "read" && !of_single_records) || one_of(&["see.defects", "see.registers", "objection.raise", "emergency.ask"])
        }
        Role::Officer => {
            // Rows and acts over the whole city are not a department's.
            let of_the_city = one_of(&["read.conflicts", "read.doubts", "read.pair", "read.entity", "read.figure", "read.sql", "see.registers", "see.messages", "message.hurry", "objection.recheck", "open.decide", "request.settle", "voice.moderate", "app.moderate"])
                || ["model", "record", "register"].contains(&kind);
            !(makes_accounts || gives_rights || watches || of_the_city)
        }
    };
    let of_nobody = one_of(&["objection.raise", "emergency.ask"]);
    match (allowed, role) {
        (false, _) => Reach::Nothing,
        (true, Role::Officer) if !of_nobody => Reach::Own,
        (true, _) => Reach::All,
    }
}

/// Whom an account stands for: a member of staff; or somebody whose identity is not yet confirmed, or is.
const PERSONS: [Option<bool>; 3] = [None, Some(false), Some(true)];

fn person(confirmed: bool) -> Person {
    Person { kind: PersonKind::Citizen, masked: String::new(), confirmed: confirmed.then_some(kernel::Moment(1)), digest: [7; 16] }
}

/// Whether it is allowed, by asking every role for itself.
fn allowed(roles: &[Role], second: bool, own: Option<&str>, act: &Act, of: Option<&str>, person: Option<bool>) -> bool {
    if OWN_RECORDS.contains(&act.word) {
        return person == Some(true);
    }
    if OWN_ACCOUNT.contains(&act.word) || IN_PUBLIC.contains(&act.word) {
        return true;
    }
    let by_one = |role: &Role| match reaches(*role, act.word) {
        Reach::Nothing => false,
        Reach::Own => own.is_some() && own == of,
        Reach::All => true,
    };
    let waits_for_second = !second && roles.iter().any(|role| Role::OFFICERS.contains(role));
    roles.iter().any(by_one) && !waits_for_second
}

#[test]
fn every_decision_is_the_oracles() {
    let mut decisions = 0;
    for set in 0..64_u8 {
        let roles: Vec<Role> = Role::ALL.into_iter().enumerate().filter(|(bit, _)| set & (1 << bit) != 0).map(|(_, role)| role).collect();
        let officers = roles.iter().filter(|role| Role::OFFICERS.contains(role)).count();
        let Some(held) = Roles::of(&roles) else {
            assert!(officers > 0 && roles.len() > 1, "{roles:?} do not exclude each other");
            continue;
        };
        assert!(officers == 0 || roles.len() == 1, "{roles:?} exclude each other");
        assert_eq!(Roles::parse(&held.words()), held);
        for (act, second, stands) in ACTS.iter().flat_map(|act| [false, true].into_iter().flat_map(move |second| PERSONS.map(|stands| (act, second, stands)))) {
            for own in [None, Some("water"), Some("tax")] {
                for of in [None, Some("water"), Some("tax")] {
                    let who = Account { id: "a".into(), roles: held, second, department: own.map(str::to_owned), person: stands.map(person), ..Account::default() };
                    let decided = decide(&who, act, of);
                    assert_eq!(decided.is_ok(), allowed(&roles, second, own, act, of, stands), "{roles:?} {stands:?} {own:?} second {second}: {} of {of:?} is {decided:?}", act.word);
                    decisions += 1;
                }
            }
        }
    }
    println!("{decisions} decisions");
}

/// The laws of the three officers, whatever the table says.
#[test]
fn no_officer_can_give_rights_and_use_them_and_clear_the_traces() {
    let may = |role, word| desk::act::find(word).is_some_and(|act| act.may.reach(role) > Reach::Nothing);
    for act in &ACTS {
        let reading = act.word.starts_with("read.") || act.word.starts_with("row.");
        for officer in Role::OFFICERS {
            assert!(!(reading && act.may.reach(officer) > Reach::Nothing), "{officer:?} reaches data by {}", act.word);
        }
        // To answer who challenges a reading changes no data, no right and no trace.
        let changes = !act.word.starts_with("see.") && act.word != "emergency.end" && act.word != "challenge.answer" && !matches!(act.may, May::Anyone);
        assert!(!(changes && act.may.reach(Role::Audit) > Reach::Nothing), "the audit officer changes something by {}", act.word);
    }
    for role in Role::ALL {
        assert!(!(may(role, "account.create") && may(role, "account.rights")), "{role:?} makes accounts and gives rights");
        assert!(!(may(role, "emergency.ask") && may(role, "emergency.decide")), "{role:?} asks and decides");
        assert!(!(may(role, "see.log") && may(role, "account.rights")), "{role:?} gives rights and reads the log");
    }
    let nobody = Account { id: "a".into(), ..Account::default() };
    let shown = ACTS.iter().filter(|act| act.may != May::Anyone).all(|act| decide(&nobody, act, None) == Err(Refused::Role));
    assert!(shown, "without a role nothing is allowed");
    let citizen = Account { person: Some(person(true)), ..nobody };
    let reached: Vec<&str> = ACTS.iter().filter(|act| decide(&citizen, act, None).is_ok()).map(|act| act.word).collect();
    let own_account = ["account.link", "account.password", "account.unlink", "client.enter", "consent.give", "consent.withdraw", "second.bind", "session.end"];
    let mut own: Vec<&str> = own_account.into_iter().chain(OWN_RECORDS).chain(IN_PUBLIC).collect();
    own.sort_unstable();
    assert_eq!(reached, own, "a citizen reaches the own account and records");
}
