//! SoQL is read as it is meant; what is no question is refused with a word, and nothing that anybody sends breaks the reader.

use opendata::soda::{Operator, Query, Term};

fn filter(text: &str) -> Result<Term, String> {
    Query::read([("$where", text)]).map(|query| query.filter.expect("a filter")).map_err(|error| error.message.en)
}

fn shown(term: &Term) -> String {
    let list = |terms: &[Term]| terms.iter().map(shown).collect::<Vec<_>>().join(",");
    match term {
        Term::Name(name) => name.clone(),
        Term::Text(text) => format!("'{text}'"),
        Term::Number(digits) => digits.clone(),
        Term::Boolean(yes) => yes.to_string(),
        Term::Null => "null".into(),
        Term::All => "*".into(),
        Term::Call(name, of) => format!("{name}({})", list(of)),
        Term::Binary(operator, left, right) => format!("({operator:?} {} {})", shown(left), shown(right)),
        Term::Not(of) => format!("(not {})", shown(of)),
        Term::Negate(of) => format!("(- {})", shown(of)),
        Term::In(of, among) => format!("({} in {})", shown(of), list(among)),
        Term::Between(of, low, high) => format!("({} between {} {})", shown(of), shown(low), shown(high)),
        Term::Like(of, pattern) => format!("({} like {})", shown(of), shown(pattern)),
        Term::IsNull(of) => format!("({} is null)", shown(of)),
    }
}

#[test]
fn terms_are_read_as_they_bind() {
    for (text, tree) in [
        ("a = 1 or b > 2 and not c < 3", "(Or (Equal a 1) (And (Greater b 2) (not (Less c 3))))"),
        ("a + b * -2 - c = 4", "(Equal (Subtract (Add a (Multiply b -2)) c) 4)"),
        ("(a or b) and c", "(And (Or a b) c)"),
        ("name like '三%' AND name not in ('a''b', \"c\")", "(And (name like '三%') (not (name in 'a''b','c')))"),
        ("day between '2026-01-01' and '2026-02-01' or x is not null", "(Or (day between '2026-01-01' '2026-02-01') (not (x is null)))"),
        ("within_circle(location, 29.8, 121.5, 500.5)", "within_circle(location,29.8,121.5,500.5)"),
        ("UPPER(`order`) <> 'X' and 名称 == 'y'", "(And (Unequal upper(order) 'X') (Equal 名称 'y'))"),
        (":id = 7 and ok = true and 1e-3 < .5", "(And (Equal :id 7) (And (Equal ok true) (Less 1e-3 .5)))"),
        ("not not a", "a"),
    ] {
        assert_eq!(shown(&filter(text).unwrap_or_else(|error| panic!("{text}: {error}"))).replace("'a'b'", "'a''b'"), tree, "{text}");
    }
}

#[test]
fn clauses_are_read_one_by_one_or_together() {
    let apart = Query::read([
        ("$select", "district, count(*) as n, avg(price)"),
        ("$where", "price > 3"),
        ("$group", "district"),
        ("$having", "n >= 2"),
        ("$order", "n desc, district"),
        ("$limit", "20"),
        ("$offset", "5"),
    ]);
    let together = "select district, count(*) as n, avg(price) where price > 3 group by district having n >= 2 order by n DESC, district limit 20 offset 5";
    assert_eq!(apart, Query::read([("$query", together)]));
    let query = apart.expect("read");
    assert_eq!((query.limit, query.offset, query.order[0].1), (Some(20), Some(5), true));
    assert_eq!(query.select[1], (Term::Call("count".into(), vec![Term::All]), Some("n".into())));
    let simple = Query::read([("district", "330203"), ("$q", " 月湖 ")]).expect("read");
    assert_eq!((simple.equals, simple.words.as_deref()), (vec![("district".to_owned(), "330203".to_owned())], Some("月湖")));
}

#[test]
fn what_is_no_question_is_refused() {
    let deep = format!("{}a{}", "(".repeat(100), ")".repeat(100));
    let calls = format!("{}a{}", "f(".repeat(10_000), ")".repeat(10_000));
    let long = vec!["a"; 200].join(" + ");
    for text in ["", "a =", "= 1", "a = 'b", "a in ()", "a in (1", "a between 1", "a ; drop table held", "a is 1", "a b", "select", "a = 1.2.3", "a not", &deep, &calls, &long] {
        let error = filter(text).expect_err(text);
        assert!(!error.is_empty());
    }
    for (name, value) in [("$limit", "-1"), ("$limit", "50001"), ("$offset", "x"), ("$wher", "a"), ("$select", "a as"), ("$order", "a up"), ("$query", "order id")] {
        assert!(Query::read([(name, value)]).is_err(), "{name}={value}");
    }
    assert!(Query::read([("$limit", "1"), ("$limit", "2")]).is_err());
    let near = Query::read([("$wher", "a")]).expect_err("no such clause");
    assert!(near.message.en.contains("$where"), "{}", near.message.en);
    let many = vec!["a = 1"; 900].join(" or ");
    assert!(matches!(filter(&many), Ok(Term::Binary(Operator::Or, ..))), "many parts are not deep");
}

#[test]
fn garbage_never_panics() {
    let pieces = ["a", "'", "\"", "`", "(", ")", ",", "=", "<", ">=", "||", "-", "1", ".", "1e", "三", " and ", " or ", " not ", " in ", " between ", " like ", " is ", " null ", "*", "count(", "\u{0}", "😀", "%", "distinct ", ":", "@"];
    let mut state = 7_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or_default()
    };
    let mut read = 0;
    for _ in 0..20_000 {
        let length = next() % 12;
        let text: String = (0..length).map(|_| pieces[next() % pieces.len()]).collect();
        for clause in ["$select", "$where", "$group", "$order", "$query"] {
            read += usize::from(Query::read([(clause, text.as_str())]).is_ok());
        }
    }
    assert!(read > 100, "some of it means something: {read}");
}
