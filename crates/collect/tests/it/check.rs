//! Records are typed or refused with all reasons; what lands can be read back and checked to the same end.

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, BinaryArray, RecordBatch};
use collect::RawBatch;
use collect::check::{Checked, Table, from_raw, raw_names};
use data::declare::{Item, Resource};
use data::standard::Fault;
use kernel::Text;
use proptest::prelude::*;

use crate::city::{city, item, origin, raw, resource, words};

fn people() -> Resource {
    let id = Item { key: true, source: Some("编号".to_owned()), ..item("id", "integer") };
    let name = Item { required: true, aliases: words(&["姓名"]), ..item("name", "text") };
    let mut resource = resource(vec![id, name, item("age", "integer")]);
    resource.collect.null = words(&["NaN", "—"]);
    resource
}

fn bound(fields: &[&str]) -> Table {
    let mut table = Table::new(&city(), &people()).unwrap();
    table.bind(&words(fields)).unwrap();
    table
}

fn codes(checked: &Checked, row: usize) -> Vec<&str> {
    let faults = checked.refused.iter().find(|(refused, _)| *refused == row);
    faults.map(|(_, faults)| faults.iter().map(|fault| fault.code.as_str()).collect()).unwrap_or_default()
}

#[test]
fn a_row_is_typed_or_refused_with_all_its_faults() {
    let fields = ["姓名", "编号", "ＡＧＥ", "memo"];
    let table = bound(&fields);
    let batch = raw(
        &fields,
        &[
            vec![Some("张三"), Some("1"), Some("NaN"), Some("x")],
            vec![Some("  "), None, Some("old"), None],
            vec![Some("李四"), Some("2"), Some("—"), None],
        ],
    );
    let checked = table.check(&batch);
    assert_eq!(checked.refused.len(), 1);
    let mut found = codes(&checked, 1);
    found.sort();
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(found.iter().filter(|code| **code == "required").count(), 2);
    let ids = checked.columns[0].as_primitive::<Int64Type>();
    assert_eq!(ids.iter().collect::<Vec<_>>(), [Some(1), None, Some(2)]);
    assert_eq!(checked.columns[2].null_count(), 3);
    assert!(checked.key[0].is_some() && checked.key[1].is_none());
    assert_ne!(checked.key[0], checked.key[2]);
}

#[test]
fn neither_the_order_of_fields_nor_an_empty_new_one_makes_another_row() {
    let one = bound(&["编号", "name"]).check(&raw(&["编号", "name"], &[vec![Some("1"), Some("a")]]));
    let fields = ["memo", "姓名", "ID"];
    let two = bound(&fields).check(&raw(&fields, &[vec![None, Some("a"), Some("1")]]));
    let three = bound(&fields).check(&raw(&fields, &[vec![Some(""), Some("a"), Some("1")]]));
    assert_eq!(one.hash, two.hash);
    assert_eq!(one.key, two.key);
    assert_ne!(two.hash, three.hash, "null is not the empty text");
}

#[test]
fn a_better_name_wins_a_field_serves_once_and_raw_names_are_stable() {
    let resource = people();
    let fields = words(&["ID", "\u{feff}编号", "a b", "A_B", "", "_hash", "x\ty", "name", "姓名"]);
    let names = raw_names(&fields, &resource);
    assert_eq!(names, words(&["ID_2", "id", "a_b", "A_B_2", "_", "_hash_2", "x_y", "name", "姓名"]));
    assert_eq!(raw_names(&names, &resource), names);
}

#[test]
fn a_missing_column_names_the_nearest_one_and_positions_need_no_names() {
    let mut table = Table::new(&city(), &people()).unwrap();
    let error = table.bind(&words(&["编号", "nmae"])).unwrap_err();
    assert_eq!(error.code, "contract.column_missing");
    assert!(error.message.zh.contains("nmae") && error.message.en.contains("nmae"), "{error:?}");
    let mut resource = people();
    resource.collect.header = Some(0);
    let mut table = Table::new(&city(), &resource).unwrap();
    let decisions = table.bind(&words(&["1", "2", "3", "4"])).unwrap();
    assert_eq!(decisions.len(), 1);
    assert_eq!(decisions[0].about, "4");
}

/// Everything that a row brings to the tables, apart from how the raw fields were called.
fn landed(table: &Table, batch: &RawBatch, checked: &Checked) -> (RecordBatch, Vec<(usize, Vec<Fault>)>) {
    let refused = |row: &usize| checked.refused.iter().any(|(refused, _)| refused == row);
    let rows: Vec<usize> = (0..batch.rows()).filter(|row| !refused(row)).collect();
    (table.land(batch, checked, &rows, &[], &origin()).unwrap().standard, checked.refused.clone())
}

fn text() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        Just(None),
        Just(Some(String::new())),
        Just(Some("NaN".to_owned())),
        "[0-9]{1,3}".prop_map(Some),
        "[ a,\"\n中Ａ]{0,4}".prop_map(Some),
    ]
}

/// Batches with unreadable records among the others, with or without original bytes.
fn batches() -> impl Strategy<Value = RawBatch> {
    let row = (proptest::collection::vec(text(), 4), proptest::bool::weighted(0.2));
    (proptest::collection::vec(row, 0..12), any::<bool>()).prop_map(|(rows, with_bytes)| {
        let fields = ["编号", "姓名", "age", "a b"];
        let values = |(row, broken): &(Vec<Option<String>>, bool)| {
            row.iter().map(|value| value.clone().filter(|_| !broken)).collect::<Vec<_>>()
        };
        let rows_of: Vec<Vec<Option<String>>> = rows.iter().map(values).collect();
        let borrowed: Vec<Vec<Option<&str>>> =
            rows_of.iter().map(|row| row.iter().map(Option::as_deref).collect()).collect();
        let mut batch = raw(&fields, &borrowed);
        let fault = |row| {
            (
                row,
                Fault {
                    code: "text.ragged".to_owned(),
                    item: String::new(),
                    found: String::new(),
                    message: Text::default(),
                },
            )
        };
        batch.faults = rows.iter().enumerate().filter(|(_, (_, broken))| *broken).map(|(row, _)| fault(row)).collect();
        batch.bytes =
            with_bytes.then(|| rows.iter().map(|row| Some(format!("{row:?}").into_bytes())).collect::<BinaryArray>());
        batch
    })
}

proptest! {
    #[test]
    fn what_is_read_back_from_the_raw_table_lands_the_same_rows(batch in batches(), extra in any::<bool>()) {
        let mut table = bound(&["编号", "姓名", "age", "a b"]);
        let checked = table.check(&batch);
        let refused: Vec<usize> = checked.refused.iter().map(|(row, _)| *row).collect();
        let current: Vec<usize> = (0..batch.rows()).filter(|row| !refused.contains(row)).collect();
        let raw = table.land(&batch, &checked, &current, &refused, &origin()).unwrap().raw;
        let Some(first) = raw.first() else { return Ok(()) };
        let mut stored = arrow_select::concat::concat_batches(&first.schema(), &raw).unwrap();
        if extra {
            // The raw table may have got a column since, from another file.
            let mut fields = stored.schema().fields().to_vec();
            fields.insert(0, arrow_schema::Field::new("later", arrow_schema::DataType::Utf8, true).into());
            let mut columns = stored.columns().to_vec();
            columns.insert(0, arrow_array::new_null_array(&arrow_schema::DataType::Utf8, stored.num_rows()));
            stored = RecordBatch::try_new(std::sync::Arc::new(arrow_schema::Schema::new(fields)), columns).unwrap();
        }
        let expected = landed(&table, &batch, &checked);
        let restored = from_raw(&stored).unwrap();
        prop_assert_eq!(restored.len(), usize::from(batch.rows() > 0));
        for restored in restored {
            let again = table.check_restored(&restored).unwrap();
            prop_assert_eq!(&again.hash, &checked.hash);
            prop_assert_eq!(&again.key, &checked.key);
            prop_assert_eq!(landed(&table, &restored.batch, &again), expected.clone());
            let identities = table.identities(&expected.0).unwrap();
            let known: Vec<_> = identities.iter().map(|row| (row.hash, row.key)).collect();
            let refused = |row: &usize| checked.refused.iter().any(|(refused, _)| refused == row);
            let given: Vec<_> = (0..batch.rows()).filter(|row| !refused(row)).map(|row| (checked.hash[row], checked.key[row])).collect();
            prop_assert_eq!(known, given);
        }
    }
}

/// A code is judged on its row's own date, and the two coordinates of a place are one thing.
#[test]
fn items_of_a_row_are_checked_together() {
    let mut city = city();
    for (id, kind) in [("baidu_lon", "longitude"), ("baidu_lat", "latitude")] {
        let standard = serde_json::json!({ "title": id, "kind": kind, "crs": "bd09" });
        city.standards.insert(id.to_owned(), serde_json::from_value(standard).unwrap());
    }
    let district = Item { as_of: Some("day".to_owned()), ..item("district", "division_code") };
    let items = vec![district, item("day", "date"), item("lon", "baidu_lon"), item("lat", "baidu_lat")];
    let mut table = Table::new(&city, &resource(items)).unwrap();
    let fields = ["district", "day", "lon", "lat"];
    table.bind(&words(&fields)).unwrap();
    let row = |cells: [&'static str; 4]| cells.map(Some).to_vec();
    let checked = table.check(&raw(
        &fields,
        &[
            row(["330283", "2016-10-01", "121.555", "29.875"]),
            row(["330283", "2016-12-01", "29.875", "85.5"]),
            row(["330213", "2016-10-01", "", "29.875"]),
        ],
    ));
    assert!(codes(&checked, 0).is_empty());
    assert_eq!(codes(&checked, 1), ["division_code.abolished", "position.swapped"]);
    assert_eq!(codes(&checked, 2), ["division_code.not_yet"]);
    let told = &checked.refused[0].1[0].message;
    assert!(told.zh.contains("330213 奉化区") && told.en.contains("330213 奉化区"), "{told:?}");
    let float = |at: usize| checked.columns[at].as_primitive::<arrow_array::types::Float64Type>();
    assert_eq!((float(2).value(0), float(3).value(0)), (121.5444122, 29.87127219));
    assert!(float(2).is_null(1) && float(2).is_null(2) && float(3).is_null(2));
}
