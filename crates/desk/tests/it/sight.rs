//! Who sees graded columns as they are, and what everybody else gets of them.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use data::declare::Grade;
use desk::DeskError;
use desk::account::{Login, NewRights};
use desk::authority::Role;
use desk::correct::RowPlace;
use desk::history::Point;
use desk::view::{Account, ColumnProfile, Preview, QuarantineFilter, ResourceDetail};

use crate::drift::{HEADER, city, collect, command, deliver, now, row, steward};
use crate::memory::Memory;
use crate::river::open;

/// An officer of a department, or of none, without a clearance of its own.
fn from(department: Option<&str>) -> Account {
    Account { department: department.map(str::to_owned), clearance: None, ..steward() }
}

/// The city of the other tests, with names of L3.
fn graded(dir: &Path) {
    city(dir, "");
    let path = dir.join("city/resources/person.toml");
    let text = std::fs::read_to_string(&path).expect("file");
    let text = text.replace("grade = \"L1\"", "grade = \"L3\"").replace("standard = \"integer\"", "grade = \"L1\"\nstandard = \"integer\"");
    let text = text.replace("source = \"电话\"", "source = \"电话\"\nmask = \"keep(4, 0, 4)\"");
    std::fs::write(path, text).expect("file");
}

/// The first row of the preview.
fn first(detail: &ResourceDetail) -> Vec<String> {
    let Preview::Rows { rows, .. } = &detail.preview else { panic!("{:?}", detail.preview) };
    rows[0].iter().flatten().cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_masked_for_who_is_of_another_department() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    graded(dir.path());
    deliver(dir.path(), HEADER, (0..20).map(|id| if id == 3 { "3,人3,9,05740003".to_owned() } else { row(id) }));
    let shape = |name: &str| ColumnProfile {
        name: name.into(),
        nulls: 0,
        distinct: 20,
        minimum: Some("人0".into()),
        maximum: Some("人9".into()),
        mean: None,
        histogram: vec![("人0".into(), 1)],
        binned: false,
    };
    *memory.shapes.lock().expect("lock") = vec![shape("id"), shape("name")];
    let desk = open(dir.path(), &memory).await;
    collect(&desk).await;

    let stranger = from(None);
    let seen = desk.resource(Some(&stranger), "person", now()).await.expect("detail");
    assert_eq!(first(&seen), ["0", "人*", "***", "0574****"], "by default, and as declared");
    let names: Vec<(&str, Grade, &str)> = seen.seen.masked.iter().map(|one| (one.name.as_str(), one.grade, one.mask.as_str())).collect();
    assert_eq!(names, [("name", Grade::L3, "keep(1, 0, 1)"), ("phone", Grade::L3, "keep(4, 0, 4)"), ("sex", Grade::L3, "hide")]);
    assert!(seen.seen.why.en.contains("up to L2"), "{:?}", seen.seen.why);
    let profile = seen.profile.expect("profile");
    assert_eq!((profile.columns[0].minimum.as_deref(), profile.columns[1].minimum.as_deref()), (Some("人0"), None));
    assert!(profile.columns[1].histogram.is_empty());

    for whole in [from(Some("office")), steward()] {
        let seen = desk.resource(Some(&whole), "person", now()).await.expect("detail");
        assert_eq!(first(&seen), ["0", "人0", "1", "05740000"]);
        assert!(seen.seen.masked.is_empty() && seen.seen.whole.len() == 3, "{:?}", seen.seen);
    }
    let own = desk.resource(Some(&from(Some("office"))), "person", now()).await.expect("detail");
    assert!(own.seen.why.zh.contains("试验局"), "{:?}", own.seen.why);
    assert!(matches!(desk.resource(None, "person", now()).await.expect("detail").preview, Preview::Closed));

    // Versions of a row, changes, and what the quarantine holds.
    let history = desk.row_history(&stranger, "person", &["7".to_owned()]).await.expect("history");
    assert!(!format!("{history:?}").contains("人7") && format!("{history:?}").contains("人*"), "{history:?}");
    let changes = desk.changes(&stranger, "person", &Point::Start, &Point::Batch(1), None, 10).await.expect("changes");
    assert!(!format!("{changes:?}").contains("人1"), "{changes:?}");
    let kept = desk.quarantine(&stranger, &QuarantineFilter::default(), 1, 10).await.expect("quarantine");
    let refused = &kept.rows.entries[0];
    assert_eq!((refused.text.as_str(), refused.bytes_hex.as_str(), refused.faults[0].found.as_str()), ("***", "", "***"));
    assert_eq!(kept.causes[0].example, "***");
    let place = RowPlace { batch: refused.batch, row: refused.row };
    assert!(matches!(desk.repair(&stranger, "person", place).await, Err(DeskError::Forbidden(_))), "a whole record");
    assert!(desk.repair(&steward(), "person", place).await.is_ok());
    assert!(matches!(desk.as_of(&stranger, "person", &Point::Batch(1)).await, Err(DeskError::Forbidden(_))));

    // SQL gets the masks along, whatever it names.
    for (who, masked) in [(&stranger, true), (&steward(), false)] {
        desk.sql(who, "SELECT name FROM person", 10).await.expect("answer");
        assert_eq!(memory.asked.lock().expect("lock").last().expect("asked").is_some(), masked);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_have_a_department_and_a_clearance() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    graded(dir.path());
    let desk = open(dir.path(), &memory).await;
    let token = desk.role_link(Role::Steward, now()).await.expect("token").expect("no steward yet");
    let session = desk.use_link(&token, "chen", "three rivers meet", "", now()).await.expect("account").expect("no second factor");
    let first = desk.session(&session, now()).await.expect("session").expect("alive");
    assert_eq!((first.department, first.clearance), (None, Some(Grade::L4)), "who set the system up");

    let rights = |department: Option<&str>, clearance| NewRights { roles: vec![Role::Officer], department: department.map(str::to_owned), clearance };
    desk.add_account(&command(), "wang", "three rivers meet", NewRights::default(), now()).await.expect("account");
    let id = desk.account_named("Wang").await.expect("there");
    let wang = async || {
        let session = desk.login(Login { name: "wang", password: "three rivers meet", ..Login::default() }, now()).await.expect("login");
        desk.session(&session, now()).await.expect("session").expect("alive")
    };
    assert_eq!((wang().await.department, wang().await.clearance), (None, None));
    desk.set_rights(&command(), &id, rights(Some("office"), Some(Grade::L3))).await.expect("set");
    assert_eq!((wang().await.department.as_deref(), wang().await.clearance), (Some("office"), Some(Grade::L3)));
    for (department, told) in [(Some("ofice"), "did you mean `office`"), (None, "needs a department")] {
        let error = desk.set_rights(&command(), &id, rights(department, None)).await.expect_err(told);
        assert!(error.to_string().contains(told), "{error}");
    }
    assert_eq!(wang().await.clearance, Some(Grade::L3), "a mistake changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_is_made_once_and_for_its_owner_only() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    graded(dir.path());
    drop(open(dir.path(), &memory).await);
    let data = dir.path().join("data");
    let path = desk::secret::path(&data);
    let made = std::fs::read(&path).expect("made at the first start");
    assert_eq!((made.len(), std::fs::metadata(&path).expect("file").permissions().mode() & 0o777), (32, 0o600));
    drop(open(dir.path(), &memory).await);
    assert_eq!(std::fs::read(&path).expect("file"), made);
    assert_eq!(std::fs::read_dir(&data).expect("folder").filter(|one| one.as_ref().is_ok_and(|one| one.file_name().to_string_lossy().starts_with("mask"))).count(), 1);

    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("changed");
    assert!(desk::secret::read(&data).expect_err("others may read it").to_string().contains("chmod 600"));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("changed");
    std::fs::write(&path, "short").expect("file");
    assert!(desk::secret::read(&data).expect_err("cut off").to_string().contains("damaged"));
}
