//! Proposed grades: confirmed as shown, chosen otherwise, rejected, and taken back.

use std::path::Path;

use data::declare::{Grade, ItemClass};
use desk::grading::{GradeProposal, GradeVerdict};
use desk::{Desk, DeskError};

use crate::drift::{HEADER, city, collect, deliver, row, steward};
use crate::memory::Memory;
use crate::river::open;

fn declaration(dir: &Path) -> String {
    std::fs::read_to_string(dir.join("city/resources/person.toml")).expect("file")
}

async fn proposed(desk: &Desk) -> Vec<GradeProposal> {
    desk.grade_proposals(&steward(), Some("person")).await.expect("proposals")
}

fn of<'p>(all: &'p [GradeProposal], item: &str) -> Option<&'p GradeProposal> {
    all.iter().find(|one| one.item == item)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_is_written_into_the_declaration_and_taken_back() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    city(dir.path(), "");
    deliver(dir.path(), HEADER, (0..20).map(row));
    let desk = open(dir.path(), &memory).await;
    collect(&desk).await;
    let before = declaration(dir.path());

    let all = proposed(&desk).await;
    let name = of(&all, "name").expect("names are personal");
    assert_eq!((name.class, name.grade, name.declared_grade), (ItemClass::Personal, Grade::L3, Grade::L1));
    assert!(name.why.zh.contains("名称像是") && name.confidence > 0.8, "{name:?}");

    let draft = desk.grade_draft("person", "name", name.class, name.grade).await.expect("draft");
    let changed: Vec<String> = draft.lines.iter().filter(|line| line.mark != ' ').map(|line| format!("{}{}", line.mark, line.text)).collect();
    assert_eq!(changed, ["-grade = \"L1\"", "+grade = \"L3\"", "+class = \"personal\"", "+grade = \"L3\""], "the whole is never below an item");
    let stale = desk.settle_grade(&steward(), ("person", "name"), GradeVerdict::Confirm, "", Some("another")).await;
    assert!(matches!(stale, Err(DeskError::Invalid(_))), "{stale:?}");
    assert_eq!(declaration(dir.path()), before);
    desk.settle_grade(&steward(), ("person", "name"), GradeVerdict::Confirm, "", Some(&draft.base)).await.expect("confirmed");
    let after = declaration(dir.path());
    assert!(after.contains("# 现行姓名\nname = \"name\"\nclass = \"personal\"\ngrade = \"L3\"\n") && after.contains("# 归集"), "{after}");
    assert_eq!(desk.city().resources["person"].items[1].grade, Some(Grade::L3), "known at once");
    assert!(of(&proposed(&desk).await, "name").is_none(), "settled");

    let decided = desk.grade_decisions(&steward()).await.expect("decisions");
    assert_eq!((decided[0].state.as_str(), decided[0].decided.as_str(), decided[0].who.as_str()), ("confirmed", "personal L3", "陈静"));
    desk.undo_grade(&steward(), &decided[0].id).await.expect("taken back");
    assert_eq!(declaration(dir.path()), before);
    assert!(matches!(desk.undo_grade(&steward(), &decided[0].id).await, Err(DeskError::Invalid(_))), "once");
    assert!(of(&proposed(&desk).await, "name").is_some(), "proposed again");

    // What somebody has changed since is not overwritten.
    desk.settle_grade(&steward(), ("person", "name"), GradeVerdict::Choose(ItemClass::Personal, Grade::L2), "只是称呼", None).await.expect("chosen");
    let chosen = desk.grade_decisions(&steward()).await.expect("decisions").remove(0);
    assert_eq!((chosen.state.as_str(), chosen.decided.as_str(), chosen.why.as_str()), ("chosen", "personal L2", "只是称呼"));
    let edited = declaration(dir.path()) + "# 后加的\n";
    std::fs::write(dir.path().join("city/resources/person.toml"), &edited).expect("file");
    assert!(matches!(desk.undo_grade(&steward(), &chosen.id).await, Err(DeskError::Invalid(_))));
    assert_eq!(declaration(dir.path()), edited);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rejected_is_not_proposed_again_and_needs_a_reason() {
    let (dir, memory) = (tempfile::tempdir().expect("folder"), Memory::new(-1));
    city(dir.path(), "");
    deliver(dir.path(), HEADER, (0..20).map(row));
    let desk = open(dir.path(), &memory).await;
    collect(&desk).await;
    let before = declaration(dir.path());
    for verdict in [GradeVerdict::Reject, GradeVerdict::Choose(ItemClass::Public, Grade::L1)] {
        let refused = desk.settle_grade(&steward(), ("person", "name"), verdict, " ", None).await;
        assert!(matches!(refused, Err(DeskError::Invalid(_))), "{refused:?}");
    }
    desk.settle_grade(&steward(), ("person", "name"), GradeVerdict::Reject, "化名", None).await.expect("rejected");
    assert!(of(&proposed(&desk).await, "name").is_none());
    assert_eq!(declaration(dir.path()), before, "nothing is written");
    let unknown = desk.settle_grade(&steward(), ("person", "nobody"), GradeVerdict::Confirm, "", None).await;
    assert!(matches!(unknown, Err(DeskError::NotFound)));
    let rejected = desk.grade_decisions(&steward()).await.expect("decisions").remove(0);
    desk.undo_grade(&steward(), &rejected.id).await.expect("taken back");
    assert!(of(&proposed(&desk).await, "name").is_some());
}
