//! A real PostgreSQL: a snapshot with odd values, a cursor, and errors that tell no secret.

use std::collections::HashMap;

use collect::connect::{self, Context};
use collect::{CollectError, Position};
use data::declare::{Connector, Item, Mode, Resource, System};

use crate::city::{column, context, drain, item, resource, system};
use crate::server::{PASSWORD, Server};

fn declared(from: &str, mode: Mode) -> Resource {
    let id = Item { key: true, ..item("id", "integer") };
    let mut resource = resource(vec![id, item("at", "datetime")]);
    resource.collect.from = from.to_owned();
    resource.collect.mode = mode;
    resource.collect.cursor = Some("at".to_owned());
    resource
}

fn server_system(port: u16, user: &str) -> System {
    system(Connector::Postgres { url: format!("postgres://{user}:${{DB_PASSWORD}}@127.0.0.1:{port}/postgres") })
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
    let Some(server) = Server::start() else { return };
    server.execute(
        "CREATE SCHEMA \"Odd\";
         CREATE TABLE \"Odd\".\"per\"\"son\" (id bigint PRIMARY KEY, \"na,me\" text, amount numeric(30,10), at timestamptz, ok boolean, raw bytea, f float8);
         INSERT INTO \"Odd\".\"per\"\"son\" VALUES
           (3, NULL, NULL, NULL, NULL, NULL, NULL),
           (1, '', 12345678901234567890.0123456789, '2026-01-02 03:04:05.678901+08', true, '\\x00ff', 0.1),
           (2, E'张\"三\"\\n,\\\\N\\t', -0.5, '2026-01-01 00:00:00+00', false, '', 'NaN');",
    );
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let ctx = with_password(&runtime);
    let system = server_system(server.port, "postgres");
    let mut source = connect::open(&ctx, &system, &declared("Odd.per\"son", Mode::Full), &Position::default()).unwrap();
    server.execute("DELETE FROM \"Odd\".\"per\"\"son\" WHERE id = 1");
    assert_eq!(source.progress().rows_total, Some(3));
    let batches = drain(source.as_mut());
    assert_eq!(&*batches[0].file, "postgres#Odd.per\"son");
    assert_eq!(batches[0].fields[1], "na,me");
    let texts =
        |index| column(&batches, index).into_iter().map(|value| value.unwrap_or("NULL".to_owned())).collect::<Vec<_>>();
    assert_eq!(texts(0), ["1", "2", "3"]);
    assert_eq!(texts(1), ["", "张\"三\"\n,\\N\t", "NULL"]);
    assert_eq!(texts(2), ["12345678901234567890.0123456789", "-0.5000000000", "NULL"]);
    assert_eq!(texts(3), ["2026-01-01 19:04:05.678901+00", "2026-01-01 00:00:00+00", "NULL"]);
    assert_eq!(texts(4), ["true", "false", "NULL"]);
    assert_eq!(texts(5), ["\\x00ff", "\\x", "NULL"]);
    assert_eq!(texts(6), ["0.1", "NaN", "NULL"]);
    assert_eq!(source.position().files["Odd.per\"son"].rows, 3);

    let by_cursor = declared("per\"son", Mode::Incremental);
    let open = |position: &Position| connect::open(&ctx, &system, &by_cursor, position).unwrap();
    let mut source = open(&Position::default());
    assert_eq!(column(&drain(source.as_mut()), 0).len(), 2);
    let position = source.position();
    assert_eq!(position.cursor.as_deref(), Some("2026-01-01 00:00:00+00"));
    server.execute("INSERT INTO \"Odd\".\"per\"\"son\"(id, at) VALUES (4, '2026-01-01'::timestamp at time zone 'UTC'), (5, '2026-03-01'), (6, '2025-01-01')");
    let ids: Vec<_> = column(&drain(open(&position).as_mut()), 0).into_iter().flatten().collect();
    assert_eq!(ids.len(), 4, "the empty one, the last one again, its equal, and the newer: {ids:?}");
    let stale = Position { cursor: Some("text:x'".to_owned()), ..Position::default() };
    let mut source = open(&stale);
    assert_eq!(source.decisions()[0].what, "cursor");
    assert_eq!(column(&drain(source.as_mut()), 0).len(), 5);

    every_type_is_exact_text(&server, &ctx, &system);
    many_rows_and_a_dropped_source(&server, &ctx, &system);
    errors_are_plain(&server, &ctx, &system);
}

fn every_type_is_exact_text(server: &Server, ctx: &Context, system: &System) {
    server.execute(
        "ALTER ROLE postgres SET bytea_output = 'escape';
         ALTER ROLE postgres SET IntervalStyle = 'iso_8601';
         ALTER ROLE postgres SET DateStyle = 'German, DMY';
         ALTER ROLE postgres SET TimeZone = 'Asia/Shanghai';
         CREATE TYPE colour AS ENUM ('红', '绿');
         CREATE TABLE kinds (id bigint PRIMARY KEY, n numeric, f4 real, f8 float8, at timestamptz, naive timestamp, d date, t timetz,
           iv interval, raw bytea, words text[], nested int[][], span tstzrange, j json, jb jsonb, u uuid, bits bit varying(9),
           e colour, net inet, fixed char(4), x xml, p point);
         INSERT INTO kinds VALUES
           (9223372036854775807, 'NaN', 'Infinity', '-Infinity', 'infinity', '-infinity', '0044-03-15 BC', '23:59:59.999999+08',
            '1 year 2 mons 3 days 04:05:06.7', '\\x005c0aff', ARRAY['a,b', 'NULL', NULL, '\"', E'\n\t\\\\'], '{{1,2},{3,NULL}}',
            '[2026-01-01 00:00+08,)', '{\"a\" : 1.10}', '{\"b\": 12345678901234567890.10}', '00000000-0000-0000-0000-00000000000A',
            B'010', '绿', '10.1.0.0/16', 'ab', '<a>&amp;</a>', '(121.5,29.9)'),
           (2, 123456789012345678901234567890.000000000012345678900, 16777216, 5e-324, '294276-12-31 23:59:59.999999+00', '2026-02-28 24:00',
            '5874897-12-31', NULL, '-178000000 years', '', '{}', NULL, 'empty', 'null', 'null', NULL, B'', NULL, '::1', '', NULL, NULL);",
    );
    let mut source = connect::open(ctx, system, &declared("kinds", Mode::Full), &Position::default()).unwrap();
    let batches = drain(source.as_mut());
    let columns: Vec<Vec<Option<String>>> = (0..batches[0].fields.len()).map(|index| column(&batches, index)).collect();
    let row = |number: usize| -> Vec<&str> { columns.iter().map(|column| column[number].as_deref().unwrap_or("∅")).collect() };
    assert_eq!(
        row(1),
        [
            "9223372036854775807", "NaN", "Infinity", "-Infinity", "infinity", "-infinity", "0044-03-15 BC", "23:59:59.999999+08",
            "1 year 2 mons 3 days 04:05:06.7", "\\x005c0aff", "{\"a,b\",\"NULL\",NULL,\"\\\"\",\"\n\t\\\\\"}", "{{1,2},{3,NULL}}",
            "[\"2025-12-31 16:00:00+00\",)", "{\"a\" : 1.10}", "{\"b\": 12345678901234567890.10}",
            "00000000-0000-0000-0000-00000000000a", "010", "绿", "10.1.0.0/16", "ab  ", "<a>&amp;</a>", "(121.5,29.9)",
        ]
    );
    assert_eq!(
        row(0),
        [
            "2", "123456789012345678901234567890.000000000012345678900", "1.6777216e+07", "5e-324", "294276-12-31 23:59:59.999999+00",
            "2026-03-01 00:00:00", "5874897-12-31", "∅", "-178000000 years", "\\x", "{}", "∅", "empty", "null", "null", "∅", "", "∅",
            "::1", "    ", "∅", "∅",
        ]
    );
    server.execute("ALTER ROLE postgres RESET ALL");
}

fn many_rows_and_a_dropped_source(server: &Server, ctx: &Context, system: &System) {
    server.execute(
        "CREATE TABLE big AS SELECT i AS id, now() AS at, repeat('江', 100) AS t FROM generate_series(1, 100000) i",
    );
    let mut source = connect::open(ctx, system, &declared("big", Mode::Full), &Position::default()).unwrap();
    let mut rows = 0;
    while let Some(batch) = source.next(8192).unwrap() {
        assert_eq!(batch.lines[0], rows + 1);
        rows += batch.rows() as u64;
    }
    assert_eq!(rows, 100_000);
    let mut dropped = connect::open(ctx, system, &declared("big", Mode::Full), &Position::default()).unwrap();
    dropped.next(10).unwrap();
}

fn errors_are_plain(server: &Server, ctx: &Context, system: &System) {
    let error = fails(ctx, system, &declared("bgi", Mode::Full));
    assert!(error.code == "postgres.table_missing" && error.message.zh.contains("「big」"), "{error:?}");
    server.execute("CREATE ROLE guest LOGIN PASSWORD 'p@ss/w?rd #1''%41'");
    assert_eq!(
        fails(ctx, &server_system(server.port, "guest"), &declared("big", Mode::Full)).code,
        "postgres.permission"
    );
    assert_eq!(fails(ctx, &server_system(server.port, "nobody"), &declared("big", Mode::Full)).code, "postgres.login");
    let gone = fails(ctx, &server_system(1, "postgres"), &declared("big", Mode::Full));
    assert!(gone.code == "postgres.connect" && gone.transient, "{gone:?}");
    let unset = Context { variables: HashMap::new(), ..ctx.clone() };
    assert_eq!(fails(&unset, system, &declared("big", Mode::Full)).code, "connect.variable");
}
