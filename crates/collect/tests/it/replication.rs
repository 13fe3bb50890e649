//! A real PostgreSQL told of by its own stream: every change once wherever a run is cut, removals, large values that
//! the stream leaves out, a table that is emptied, columns that come, a slot that is lost.

use std::collections::HashMap;

use collect::connect::{self, Context};
use collect::{CollectError, Position, RawBatch, Source};
use data::declare::{Connector, Item, Mode, Resource, System};

use crate::city::{context, item, resource, system};
use crate::server::{PASSWORD, Server};

struct Place {
    server: Server,
    runtime: tokio::runtime::Runtime,
}

impl Place {
    fn ctx(&self) -> Context {
        context(&self.runtime, HashMap::from([("DB_PASSWORD".to_owned(), PASSWORD.to_owned())]))
    }

    fn system(&self, user: &str) -> System {
        system(Connector::Postgres { url: format!("postgres://{user}:${{DB_PASSWORD}}@127.0.0.1:{}/postgres", self.server.port) })
    }

    fn open(&self, resource: &Resource, position: &Position) -> Box<dyn Source> {
        self.try_open("postgres", resource, position).unwrap()
    }

    fn try_open(&self, user: &str, resource: &Resource, position: &Position) -> Result<Box<dyn Source>, CollectError> {
        connect::open(&self.ctx(), &self.system(user), resource, position)
    }

    /// One run, batch by batch of `size` rows, cut off and begun anew after each batch.
    fn cut_after_every_batch(&self, resource: &Resource, position: &mut Position, size: usize) -> Vec<String> {
        let mut told = Vec::new();
        loop {
            let mut source = self.open(resource, position);
            let batch = source.next(size).unwrap();
            *position = source.position();
            match batch {
                Some(batch) => told.extend(rows(&batch)),
                None => return told,
            }
        }
    }

    fn drain(&self, resource: &Resource, position: &mut Position) -> Vec<String> {
        let mut source = self.open(resource, position);
        let mut told = Vec::new();
        while let Some(batch) = source.next(1000).unwrap() {
            told.extend(rows(&batch));
        }
        *position = source.position();
        told
    }
}

fn declared(id: &str, from: &str) -> Resource {
    let key = Item { key: true, ..item("id", "integer") };
    let mut resource = resource(vec![key, item("name", "text")]);
    resource.id = id.to_owned();
    resource.collect.from = from.to_owned();
    resource.collect.mode = Mode::Replication;
    resource
}

/// `id=1 name=甲`, a removal with `-` before it; large values by their length.
fn rows(batch: &RawBatch) -> Vec<String> {
    let cell = |row: usize, index: usize| {
        use arrow_array::Array;
        let column = &batch.columns[index];
        let text = column.is_valid(row).then(|| column.value(row));
        let shown = match text {
            Some(text) if text.len() > 1000 => format!("{}…{}", &text[..1], text.len()),
            text => text.unwrap_or("∅").to_owned(),
        };
        format!("{}={shown}", batch.fields[index])
    };
    let row = |row: usize| {
        let cells: Vec<String> = (0..batch.fields.len()).map(|index| cell(row, index)).collect();
        format!("{}{}", if batch.is_removed(row) { "-" } else { "" }, cells.join(" "))
    };
    (0..batch.rows()).map(row).collect()
}

#[test]
fn every_change_is_told_once_wherever_a_run_is_cut() {
    let Some(server) = Server::start() else { return };
    let place = Place { server, runtime: tokio::runtime::Runtime::new().unwrap() };
    changes(&place);
    a_lost_slot(&place);
    what_the_account_may_not(&place);
}

fn changes(place: &Place) {
    let server = &place.server;
    server.execute(
        "CREATE TABLE t (id int PRIMARY KEY, name text, big text, ok boolean, twice int GENERATED ALWAYS AS (id * 2) STORED);
         ALTER TABLE t ALTER COLUMN big SET STORAGE EXTERNAL;
         INSERT INTO t SELECT i, '名' || i, CASE i WHEN 1 THEN repeat('x', 9000) END, i % 2 = 0 FROM generate_series(1, 3) i;",
    );
    let resource = declared("person", "t");
    let mut position = Position::default();
    let mut source = place.open(&resource, &position);
    // Between the snapshot and the stream, and in neither twice.
    server.execute("UPDATE t SET name = '改' WHERE id = 2");
    let whole = source.next(1000).unwrap().unwrap();
    assert_eq!(rows(&whole), ["id=1 name=名1 big=x…9000 ok=false", "id=2 name=名2 big=∅ ok=true", "id=3 name=名3 big=∅ ok=false"]);
    assert!(source.next(1000).unwrap().is_none() && source.renews() && source.more());
    position = source.position();
    drop(source);
    server.execute(
        "BEGIN; INSERT INTO t VALUES (4, '四', NULL, NULL), (5, '五', '', true); UPDATE t SET name = '一' WHERE id = 1; COMMIT;
         BEGIN; INSERT INTO t VALUES (6, '不', NULL, NULL); ROLLBACK;
         UPDATE t SET id = 30 WHERE id = 3;
         DELETE FROM t WHERE id = 5;
         CREATE TABLE other (id int); INSERT INTO other VALUES (1);
         UPDATE t SET big = repeat('y', 8000) WHERE id = 4;
         UPDATE t SET ok = true WHERE id = 4;
         DELETE FROM t WHERE id = 4;
         ALTER TABLE t ADD COLUMN age int; ALTER TABLE t RENAME COLUMN name TO called;
         INSERT INTO t VALUES (7, '七', NULL, false, DEFAULT, 70);",
    );
    let told = place.cut_after_every_batch(&resource, &mut position, 2);
    assert_eq!(
        told,
        [
            "id=2 name=改 big=∅ ok=true",
            "id=4 name=四 big=∅ ok=∅",
            "id=5 name=五 big= ok=true",
            "id=1 name=一 big=x…9000 ok=false",
            "-id=3 name=∅ big=∅ ok=∅",
            "id=30 name=名3 big=∅ ok=false",
            "-id=5 name=∅ big=∅ ok=∅",
            "id=4 name=四 big=y…8000 ok=∅",
            // The large value was not told again, and the row is gone by now: its removal follows.
            "-id=4 name=∅ big=∅ ok=∅",
            "id=7 called=七 big=∅ ok=false age=70",
        ]
    );
    assert!(place.drain(&resource, &mut position).is_empty(), "nothing twice");
    let kept = position.clone();
    server.execute("INSERT INTO other SELECT generate_series(1, 100)");
    assert!(place.drain(&resource, &mut position).is_empty());
    assert_ne!(kept.cursor, position.cursor, "what others write need not be kept for us");

    server.execute("INSERT INTO t VALUES (8, '八'); TRUNCATE t; INSERT INTO t VALUES (9, '九');");
    let mut source = place.open(&resource, &position);
    assert_eq!(rows(&source.next(1000).unwrap().unwrap()), ["id=8 called=八 big=∅ ok=∅ age=∅"]);
    assert!(source.next(1000).unwrap().is_none() && source.more() && !source.renews());
    position = source.position();
    let mut source = place.open(&resource, &position);
    assert_eq!(rows(&source.next(1000).unwrap().unwrap()), ["id=9 called=九 big=∅ ok=∅ age=∅"]);
    assert!(source.next(1000).unwrap().is_none() && source.renews());
    position = source.position();
    assert!(place.drain(&resource, &mut position).is_empty(), "the snapshot showed what came after");
}

fn a_lost_slot(place: &Place) {
    let server = &place.server;
    server.execute("CREATE TABLE lost (id int PRIMARY KEY, name text); INSERT INTO lost VALUES (1, '一'), (2, '二')");
    let resource = declared("lost", "public.lost");
    let mut position = Position::default();
    assert_eq!(place.drain(&resource, &mut position).len(), 2);
    server.execute("SELECT pg_drop_replication_slot('sanjiang_lost'); DELETE FROM lost WHERE id = 1; INSERT INTO lost VALUES (3, '三')");
    let mut source = place.open(&resource, &position);
    assert!(source.decisions().iter().any(|decision| decision.what == "slot" && decision.why.zh.contains("丢失")));
    assert!(source.renews());
    assert_eq!(rows(&source.next(10).unwrap().unwrap()), ["id=2 name=二", "id=3 name=三"]);
    // Cut off in the middle: the next run reads the whole table again, and the stream what came since the first.
    position = source.position();
    drop(source);
    server.execute("DELETE FROM lost WHERE id = 2");
    assert_eq!(place.drain(&resource, &mut position), ["id=3 name=三"]);
    assert_eq!(place.drain(&resource, &mut position), ["-id=2 name=∅"]);
    server.execute("DROP TABLE lost; CREATE TABLE lost (id int PRIMARY KEY, name text); INSERT INTO lost VALUES (5, '五')");
    assert_eq!(place.drain(&resource, &mut position), ["id=5 name=五"]);
}

fn what_the_account_may_not(place: &Place) {
    let server = &place.server;
    server.execute(
        "CREATE TABLE loose (id int, name text); INSERT INTO loose VALUES (1, 'a');
         CREATE ROLE reader LOGIN PASSWORD 'p@ss/w?rd #1''%41'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;",
    );
    let fails = |user: &str, resource: &Resource| place.try_open(user, resource, &Position::default()).err().unwrap();
    let error = fails("postgres", &declared("loose", "loose"));
    assert!(error.code == "postgres.replica_identity" && error.message.zh.contains("ALTER TABLE \"public\".\"loose\" REPLICA IDENTITY FULL"), "{error:?}");
    let error = fails("reader", &declared("mine", "lost"));
    assert!(error.code == "postgres.publication" && error.message.en.contains("CREATE PUBLICATION \"sanjiang_mine\" FOR TABLE \"public\".\"lost\""), "{error:?}");
    server.execute("CREATE PUBLICATION sanjiang_mine FOR TABLE lost");
    let error = fails("reader", &declared("mine", "lost"));
    assert!(error.code == "postgres.slot" && error.message.zh.contains("REPLICATION"), "{error:?}");
    server.execute("ALTER ROLE reader REPLICATION");
    let mut source = place.try_open("reader", &declared("mine", "lost"), &Position::default()).unwrap();
    assert_eq!(rows(&source.next(10).unwrap().unwrap()), ["id=5 name=五"]);

    server.execute("ALTER TABLE loose REPLICA IDENTITY FULL");
    let resource = declared("loose", "loose");
    let mut position = Position::default();
    assert_eq!(place.drain(&resource, &mut position), ["id=1 name=a"]);
    server.execute("UPDATE loose SET name = 'b'; UPDATE loose SET id = 2; DELETE FROM loose");
    let told = place.drain(&resource, &mut position);
    assert_eq!(told, ["id=1 name=b", "-id=1 name=b", "id=2 name=b", "-id=2 name=b"]);
}
