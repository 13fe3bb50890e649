//! The 22 questions of TPC-H: ten derived by hand, all of them kept as golden text.

use lake::compile;

use super::{bare, declared};

const SCHEMA: &str = "
region: r_regionkey int, r_name, r_comment
nation: n_nationkey int, n_name, n_regionkey int, n_comment
supplier: s_suppkey int, s_name, s_address, s_nationkey int, s_phone, s_acctbal money, s_comment
customer: c_custkey int, c_name, c_address, c_nationkey int, c_phone, c_acctbal money, c_mktsegment, c_comment
part: p_partkey int, p_name, p_mfgr, p_brand, p_type, p_size int, p_container, p_retailprice money, p_comment
partsupp: ps_partkey int, ps_suppkey int, ps_availqty int, ps_supplycost money, ps_comment
orders: o_orderkey int, o_custkey int, o_orderstatus, o_totalprice money, o_orderdate date, o_orderpriority, o_clerk, o_shippriority int, o_comment
lineitem: l_orderkey int, l_partkey int, l_suppkey int, l_linenumber int, l_quantity money, l_extendedprice money, l_discount money, l_tax money, l_returnflag, l_linestatus, l_shipdate date, l_commitdate date, l_receiptdate date, l_shipinstruct, l_shipmode, l_comment
";

fn questions() -> Vec<(String, String)> {
    let text = include_str!("../../../../../bench/sql/tpch.sql");
    let parts = text.split("-- q").skip(1).filter_map(|part| part.split_once('\n'));
    parts
        .map(|(number, sql)| (format!("q{}", number.trim()), sql.trim().to_owned()))
        .collect()
}

#[test]
fn every_column_of_every_question() {
    let tables = declared(SCHEMA);
    let mut golden = String::new();
    for (name, sql) in questions() {
        let told = compile(&sql, &tables)
            .unwrap_or_else(|error| panic!("{name}: {error}"))
            .lineage
            .text();
        golden.push_str(&format!("--- {name}\n{}", told.replace("standard.", "")));
    }
    assert_eq!(golden.matches("--- q").count(), 22);
    insta::assert_snapshot!(golden);
}

/// Derived from the text of the questions with pencil and paper: columns with what they are computed from (`~` through an
/// expression, `Σ` summed up), behind `|` what decides over that column alone; then what decides over the rows.
#[test]
fn ten_questions_by_hand() {
    let by_hand = [
        (
            "q1",
            "l_returnflag = l_returnflag; l_linestatus = l_linestatus; sum_qty = Σl_quantity; sum_base_price = Σl_extendedprice;
             sum_disc_price = Σl_extendedprice Σl_discount; sum_charge = Σl_extendedprice Σl_discount Σl_tax; avg_qty = Σl_quantity;
             avg_price = Σl_extendedprice; avg_disc = Σl_discount; count_order =",
            "l_shipdate l_returnflag l_linestatus",
        ),
        (
            "q4",
            "o_orderpriority = o_orderpriority; order_count =",
            "o_orderdate l_orderkey o_orderkey l_commitdate l_receiptdate o_orderpriority",
        ),
        (
            "q6",
            "revenue = Σl_extendedprice Σl_discount | l_shipdate l_discount l_quantity",
            "",
        ),
        (
            "q11",
            "ps_partkey = ps_partkey; value = Σps_supplycost Σps_availqty",
            "ps_suppkey s_suppkey s_nationkey n_nationkey n_name ps_partkey ps_supplycost ps_availqty",
        ),
        (
            "q12",
            "l_shipmode = l_shipmode; high_line_count = Σo_orderpriority; low_line_count = Σo_orderpriority",
            "o_orderkey l_orderkey l_shipmode l_commitdate l_receiptdate l_shipdate",
        ),
        (
            "q13",
            "c_count = Σo_orderkey; custdist =",
            "c_custkey o_custkey o_comment o_orderkey",
        ),
        (
            "q14",
            "promo_revenue = Σp_type Σl_extendedprice Σl_discount | l_partkey p_partkey l_shipdate",
            "",
        ),
        (
            "q15",
            "s_suppkey = s_suppkey; s_name = s_name; s_address = s_address; s_phone = s_phone; total_revenue = Σl_extendedprice Σl_discount",
            "l_shipdate l_suppkey s_suppkey l_extendedprice l_discount",
        ),
        (
            "q17",
            "avg_yearly = Σl_extendedprice | p_partkey l_partkey p_brand p_container l_quantity",
            "",
        ),
        (
            "q22",
            "cntrycode = ~c_phone; numcust =; totacctbal = Σc_acctbal",
            "c_phone c_acctbal o_custkey c_custkey",
        ),
    ];
    let tables = declared(SCHEMA);
    let questions = questions();
    for (name, columns, rows) in by_hand {
        let (_, sql) = questions.iter().find(|(found, _)| found == name).expect(name);
        let lineage = compile(sql, &tables).expect(name).lineage;
        let told = lineage.text();
        let mut lines = told.lines();
        for wanted in columns.split(';') {
            let line = lines.next().unwrap_or_default();
            let parts = |text: &str| {
                let (column, rest) = text.split_once('=').unwrap_or_default();
                let (value, own) = rest.split_once('|').unwrap_or((rest, ""));
                (column.trim().to_owned(), bare(value), bare(own))
            };
            assert_eq!(parts(line), parts(wanted), "{name}");
        }
        assert_eq!(
            bare(lines.next().and_then(|line| line.strip_prefix("rows:")).unwrap_or_default()),
            bare(rows),
            "{name}"
        );
    }
}
