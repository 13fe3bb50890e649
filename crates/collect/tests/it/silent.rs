//! Servers that take a connection and then say nothing: the run ends with a word, and may be tried again.

use std::collections::HashMap;
use std::net::TcpListener;

use collect::Position;
use collect::connect;
use data::declare::Connector;

use crate::city::{context, item, resource, system};

#[test]
fn a_server_that_never_answers_is_given_up() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let connectors = [
        (Connector::Postgres { url: format!("postgres://u@127.0.0.1:{port}/d") }, "postgres.connect"),
        (Connector::Mysql { url: format!("mysql://u@127.0.0.1:{port}/d") }, "mysql.connect"),
    ];
    std::thread::scope(|scope| {
        for (connector, code) in connectors {
            let ctx = context(&runtime, HashMap::new());
            scope.spawn(move || {
                let resource = resource(vec![item("id", "integer")]);
                let error = connect::open(&ctx, &system(connector), &resource, &Position::default()).err().unwrap();
                assert!(error.code == code && error.transient, "{error:?}");
            });
        }
    });
}
