//! A real MariaDB: a snapshot with odd values, a cursor, and errors that tell no secret.

use std::collections::HashMap;

use collect::connect::{self, Context};
use collect::{CollectError, Position};
use data::declare::{Connector, Item, Mode, Resource, System};

use crate::city::{column, context, drain, item, resource, system};
use crate::mariadb::MariaDb;
use crate::server::PASSWORD;

fn declared(from: &str, mode: Mode) -> Resource {
    let id = Item { key: true, ..item("id", "integer") };
    let mut resource = resource(vec![id, item("at", "datetime")]);
    resource.collect.from = from.to_owned();
    resource.collect.mode = mode;
    resource.collect.cursor = Some("at".to_owned());
    resource
}

fn server_system(port: u16, user: &str) -> System {
    system(Connector::Mysql { url: format!("mysql://{user}:${{DB_PASSWORD}}@127.0.0.1:{port}/city") })
}

fn with_password(runtime: &tokio::runtime::Runtime) -> Context {
    context(runtime, HashMap::from([("DB_PASSWORD".to_owned(), PASSWORD.to_owned())]))
}

fn fails(ctx: &Context, system: &System, resource: &Resource) -> CollectError {
    let error = connect::open(ctx, system, resource, &Position::default()).err().unwrap();
    assert!(!format!("{error:?} {error}").contains(PASSWORD), "{error:?}");
    error
}

#[test]
fn a_table_is_streamed_exactly_and_by_cursor() {
    let Some(server) = MariaDb::start() else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let ctx = with_password(&runtime);
    let system = server_system(server.port, "reader");
    every_type_is_exact_text(&server, &ctx, &system);
    the_cursor_goes_on(&server, &ctx, &system);
    many_rows_in_one_snapshot(&server, &ctx, &system);
    errors_are_plain(&server, &ctx, &system);
}

fn every_type_is_exact_text(server: &MariaDb, ctx: &Context, system: &System) {
    server.execute(
        "SET sql_mode = 'NO_BACKSLASH_ESCAPES,ALLOW_INVALID_DATES';
         CREATE TABLE city.`odd``ta'b\\le` (
           id bigint unsigned PRIMARY KEY, `na,me` text, amount decimal(40,10), d date, dt datetime(6), ts timestamp(3) NULL,
           t time(1), y year, b bit(12), f float, g double, j json, e enum('甲','乙''丙'), s set('a','b'), bin varbinary(8),
           old varchar(20) CHARACTER SET gbk, west varchar(20) CHARACTER SET latin1, p point, at datetime);
         SET time_zone = '+08:00';
         INSERT INTO city.`odd``ta'b\\le` VALUES
           (18446744073709551615, '', 123456789012345678901234567890.0123456789, '0000-00-00', '2026-01-02 03:04:05.678901',
            '2026-01-02 03:04:05.678', '-838:59:59.0', 1999, b'101010101010', 16777217.5, 0.1, '{\"a\":1.10}', '乙''丙', 'a,b', x'00ff',
            '三江口', 'Café', ST_GeomFromText('POINT(121.5 29.9)'), NULL),
           (2, '张\"三\"\\n\n𠮷', -0.5, '2026-02-30', NULL, NULL, NULL, NULL, NULL, 0.1, 1e300, NULL, NULL, '', '', NULL, NULL, NULL, NULL);",
    );
    let mut source = connect::open(ctx, system, &declared("odd`ta'b\\le", Mode::Full), &Position::default()).unwrap();
    server.execute("DELETE FROM city.`odd``ta'b\\le` WHERE id = 2");
    assert_eq!(source.progress().rows_total, Some(2));
    let batches = drain(source.as_mut());
    assert_eq!(&*batches[0].file, "city.odd`ta'b\\le");
    assert!(batches[0].faults.is_empty());
    let rows: Vec<Vec<Option<String>>> = (0..batches[0].fields.len()).map(|index| column(&batches, index)).collect();
    let row = |number: usize| -> Vec<&str> { rows.iter().map(|column| column[number].as_deref().unwrap_or("NULL")).collect() };
    assert_eq!(
        row(1),
        [
            "18446744073709551615", "", "123456789012345678901234567890.0123456789", "0000-00-00", "2026-01-02 03:04:05.678901",
            "2026-01-01 19:04:05.678+00:00", "-838:59:59.0", "1999", "2730", "16777218.0", "0.1", "{\"a\":1.10}", "乙'丙", "a,b",
            "00ff", "三江口", "Café", "POINT(121.5 29.9)", "NULL"
        ]
    );
    assert_eq!(row(0)[..4], ["2", "张\"三\"\\n\n𠮷", "-0.5000000000", "2026-02-30"]);
    assert_eq!(row(0)[9..15], ["0.1", "1e300", "NULL", "NULL", "", ""]);
    assert_eq!(source.position().files["city.odd`ta'b\\le"].rows, 2);
    assert!(source.position().files["city.odd`ta'b\\le"].complete);
}

fn the_cursor_goes_on(server: &MariaDb, ctx: &Context, system: &System) {
    server.execute(
        "CREATE TABLE city.event (id bigint PRIMARY KEY, at timestamp NULL);
         SET time_zone = '+00:00';
         INSERT INTO city.event VALUES (1, NULL), (2, '2026-01-01 00:00:00'), (3, '2026-01-02 00:00:00');",
    );
    let by_cursor = declared("EVENT", Mode::Incremental);
    let open = |position: &Position| connect::open(ctx, system, &by_cursor, position).unwrap();
    let mut source = open(&Position::default());
    assert_eq!(column(&drain(source.as_mut()), 0).len(), 3);
    let position = source.position();
    assert_eq!(position.cursor.as_deref(), Some("2026-01-02 00:00:00+00:00"));
    server.execute("SET time_zone = '+00:00'; INSERT INTO city.event VALUES (4, '2026-01-02 00:00:00'), (5, '2026-03-01 00:00:00'), (6, '2025-01-01 00:00:00')");
    let mut ids: Vec<_> = column(&drain(open(&position).as_mut()), 0).into_iter().flatten().collect();
    ids.sort();
    assert_eq!(ids, ["1", "3", "4", "5"], "the empty one, the last one again, its equal, and the newer");
    let stale = Position { cursor: Some("x' OR 1=1".to_owned()), ..Position::default() };
    let mut source = open(&stale);
    assert_eq!(source.decisions()[0].what, "cursor");
    assert_eq!(column(&drain(source.as_mut()), 0).len(), 6);
}

fn many_rows_in_one_snapshot(server: &MariaDb, ctx: &Context, system: &System) {
    server.execute("USE city; CREATE TABLE big AS SELECT seq AS id, NOW() AS at, REPEAT('江', 100) AS t FROM seq_1_to_100000");
    let mut source = connect::open(ctx, system, &declared("city.big", Mode::Full), &Position::default()).unwrap();
    server.execute("DELETE FROM city.big WHERE id % 2 = 0");
    let mut rows = 0;
    while let Some(batch) = source.next(8192).unwrap() {
        assert!(batch.rows() <= 8192 && batch.lines[0] == rows + 1);
        rows += batch.rows() as u64;
    }
    assert_eq!(rows, 100_000);
    let mut dropped = connect::open(ctx, system, &declared("big", Mode::Full), &Position::default()).unwrap();
    dropped.next(10).unwrap();
}

fn errors_are_plain(server: &MariaDb, ctx: &Context, system: &System) {
    let error = fails(ctx, system, &declared("bgi", Mode::Full));
    assert!(error.code == "mysql.table_missing" && error.message.zh.contains("「big」"), "{error:?}");
    assert_eq!(fails(ctx, &server_system(server.port, "nobody"), &declared("big", Mode::Full)).code, "mysql.login");
    let mut elsewhere = server_system(server.port, "reader");
    elsewhere.connector = Connector::Mysql { url: format!("mysql://reader:${{DB_PASSWORD}}@127.0.0.1:{}/other", server.port) };
    assert!(["mysql.permission", "mysql.database_missing"].contains(&fails(ctx, &elsewhere, &declared("big", Mode::Full)).code));
    let gone = fails(ctx, &server_system(1, "reader"), &declared("big", Mode::Full));
    assert!(gone.code == "mysql.connect" && gone.transient, "{gone:?}");
}
