//! Hostile statements that are made: chains, depths, lists, texts that swell, and soups of words.

/// How long a chain or how deep a nesting is that must be refused before it costs anything.
const MANY: usize = 3_000;
/// As many as are allowed, about.
const FEW: usize = 55;

/// What comes behind an expression again and again.
const LINKS: &[&str] = &[
    " + 1", " - 1", " * 1", " / 1", " % 1", " || 'a'", " & 1", " | 1", " ^ 1", " # 1", " << 1", " >> 1", " = 1", " == 1", " <> 1", " < 1",
    " >= 1", " <=> 1", " AND true", " OR false", " XOR true", " IS NULL", " IS NOT NULL", " IS TRUE", " IS NOT UNKNOWN", " LIKE 'a'",
    " NOT LIKE 'a'", " ILIKE 'a'", " SIMILAR TO 'a'", " RLIKE 'a'", " ~ 'a'", " !~* 'a'", " BETWEEN 0 AND 1", " COLLATE c",
    " AT TIME ZONE 'UTC'", " -> 'a'", " ->> 'a'", " #> 'a'", " #>> 'a'", " @> 1", " <@ 1", " ? 'a'", " ?| 'a'", " @@ 'a'", "::int",
    "::text", "[1]", "[1:2]", ".a", " IN (1)", " NOT IN (2)", " IN (SELECT 1)", " IS DISTINCT FROM 1", " IS NOT DISTINCT FROM 1",
    " UNION SELECT 1", " UNION ALL SELECT 1", " EXCEPT SELECT 1", " INTERSECT SELECT 1", " UNION ALL VALUES (1)", ", 1", " DIV 1", "!",
    " OVERLAPS 1", " OPERATOR(+) 1", " = ANY (SELECT 1)", " MEMBER OF (1)",
];

/// What opens before an expression, and what closes behind it.
const NESTS: &[(&str, &str)] = &[
    ("(", ")"), ("- ", ""), ("+ ", ""), ("NOT ", ""), ("~ ", ""), ("! ", ""), ("@ ", ""), ("|/ ", ""), ("[", "]"), ("ARRAY[", "]"), ("{'a': ", "}"),
    ("abs(", ")"), ("coalesce(1, ", ")"), ("coalesce(", ", 1)"), ("concat('a', ", ")"), ("struct(", ")"), ("named_struct('a', ", ")"),
    ("CAST(", " AS INT)"), ("TRY_CAST(", " AS INT)"), ("CASE WHEN true THEN ", " END"), ("CASE WHEN ", " THEN 1 END"), ("(SELECT ", ")"),
    ("(SELECT a FROM (SELECT ", " AS a) AS x)"), ("EXISTS (SELECT ", ")"), ("1 IN (SELECT ", ")"), ("1 + (", ")"), ("(1, ", ")"),
    ("extract(year FROM ", ")"), ("position('a' IN ", ")"), ("INTERVAL ", ""), ("max(", ")"), ("count(DISTINCT ", ")"), ("x -> ", ""),
    ("sum(1) OVER (ORDER BY ", ")"), ("first_value(1 ORDER BY ", ")"), ("mask_keep(", ", 1, 0, 1)"), ("map([1], [", "])"), ("ROW(", ")"),
];

fn chain(link: &str, times: usize) -> String {
    format!("SELECT 1{}", link.repeat(times))
}

fn nest((open, close): (&str, &str), times: usize) -> String {
    format!("SELECT {}1{}", open.repeat(times), close.repeat(times))
}

fn list(times: usize, one: impl Fn(usize) -> String) -> String {
    (0..times).map(one).collect::<Vec<_>>().join(", ")
}

pub fn all() -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    all.extend(LINKS.iter().flat_map(|link| [chain(link, MANY), chain(link, FEW)]));
    all.extend(NESTS.iter().flat_map(|nest_of| [nest(*nest_of, MANY), nest(*nest_of, FEW)]));
    all.extend(tables());
    all.extend(lists());
    all.extend(swelling());
    all.extend(long());
    all
}

/// Many tables, and tables within tables.
fn tables() -> Vec<String> {
    let froms = |times| format!("SELECT count(*) FROM {}", list(times, |at| format!("xeast e{at}")));
    let joins = |times: usize, kind: &str| {
        let more: String = (1..times).map(|at| format!(" {kind} JOIN xeast e{at} ON e{at}.id = e{}.id", at - 1)).collect();
        format!("SELECT count(*) FROM xeast e0{more}")
    };
    let within = |open: &str, times: usize| format!("SELECT * FROM {}xeast{}", open.repeat(times), ") AS x".repeat(times));
    let mut all = vec![froms(300), froms(90), joins(300, ""), joins(60, ""), joins(40, "LEFT"), joins(30, "FULL"), joins(90, "NATURAL")];
    all.extend(["(SELECT * FROM ", "(SELECT DISTINCT * FROM ", "(VALUES (1)) AS y, ("].iter().flat_map(|open| [within(open, FEW), within(open, MANY)]));
    all.push(format!("SELECT 1 FROM {}xeast{}", "(".repeat(FEW), ")".repeat(FEW)));
    all.push(format!("SELECT * FROM xeast WHERE id IN {}(1){}", "(SELECT id FROM xeast WHERE id IN ".repeat(30), ")".repeat(30)));
    all.push(format!("SELECT * FROM xeast a0{}", (1..50).map(|at| format!(", LATERAL (SELECT a{}.id) a{at}", at - 1)).collect::<String>()));
    all
}

fn lists() -> Vec<String> {
    let numbers = |times| list(times, |at| at.to_string());
    let texts = |times| list(times, |at| format!("'{at}'"));
    let columns = |times| list(times, |at| format!("{at} AS c{at}"));
    vec![
        format!("SELECT id FROM xeast WHERE id IN ({})", numbers(3_900)),
        format!("SELECT id FROM xeast WHERE id IN ({})", numbers(9_000)),
        format!("SELECT id FROM xeast WHERE name NOT IN ({})", texts(3_900)),
        format!("SELECT id FROM xeast WHERE (id, name) IN ({})", list(1_000, |at| format!("({at}, 'a')"))),
        format!("SELECT count(*) FROM (VALUES {}) v", list(1_900, |at| format!("({at})"))),
        format!("SELECT count(*) FROM (VALUES {}) v, xeast, xwest", list(1_900, |at| format!("({at})"))),
        format!("SELECT {}", numbers(3_900)),
        format!("SELECT {} FROM xeast a, xeast b, xeast c", columns(1_500)),
        format!("SELECT {} FROM xeast a, xeast b, xeast c", columns(2_000)),
        format!("SELECT {} FROM xeast", list(2_000, |_| "name".to_owned())),
        format!("SELECT {} FROM xeast", list(1_000, |at| format!("max(name) AS m{at}"))),
        format!("SELECT {} FROM xeast", list(300, |at| format!("sum(id) OVER (ORDER BY id + {at}) AS s{at}"))),
        format!("SELECT concat({})", texts(3_900)),
        format!("SELECT coalesce({})", texts(3_900)),
        format!("SELECT greatest({})", numbers(3_900)),
        format!("SELECT array_max([{}])", numbers(3_900)),
        format!("SELECT struct({})", numbers(3_900)),
        format!("SELECT named_struct({})", list(1_900, |at| format!("'a{at}', {at}"))),
        format!("SELECT CASE {} END", (0..400).map(|at| format!("WHEN {at} < 0 THEN {at} ")).collect::<String>()),
        format!("SELECT CASE id {} END FROM xeast", (0..1_900).map(|at| format!("WHEN {at} THEN {at} ")).collect::<String>()),
        format!("SELECT id FROM xeast GROUP BY {}", list(1_500, |at| format!("id, {at}"))),
        format!("SELECT id FROM xeast ORDER BY {}", list(400, |at| format!("id + {at}"))),
        format!("SELECT count(*) FROM xeast GROUP BY CUBE ({})", list(24, |at| format!("id + {at}"))),
        format!("SELECT count(*) FROM xeast GROUP BY GROUPING SETS ({})", list(900, |at| format!("(id, kind, {at})"))),
        format!("SELECT count(*) FROM xeast WHERE {}", (0..240).map(|at| format!("id = {at}")).collect::<Vec<_>>().join(" OR ")),
        format!("SELECT count(*) FROM xeast WHERE {}", (0..240).map(|at| format!("name LIKE '%{at}%'")).collect::<Vec<_>>().join(" AND ")),
        format!("WITH {} SELECT * FROM a500", list(501, |at| format!("a{at} AS (SELECT {at} AS x)"))),
        format!("SELECT * EXCLUDE ({}) FROM xeast", list(2_000, |at| format!("c{at}"))),
        format!("SELECT id FROM xeast WINDOW {}", list(500, |at| format!("w{at} AS (ORDER BY id)"))),
    ]
}

/// Short texts of which each step is a multiple of the one before.
fn swelling() -> Vec<String> {
    let steps = |times: usize, first: &str, step: &dyn Fn(usize) -> String, last: &str| {
        let more: String = (1..=times).map(|at| format!(", a{at} AS ({})", step(at - 1))).collect();
        format!("WITH a0 AS ({first}){more} SELECT {last} FROM a{times}")
    };
    let text = "SELECT 'aaaaaaaaaaaaaaaa' AS x";
    let a = |times: usize| "a".repeat(times);
    vec![
        steps(40, text, &|at| format!("SELECT concat(x, x) AS x FROM a{at}"), "length(x)"),
        steps(40, text, &|at| format!("SELECT x || x AS x FROM a{at}"), "length(x)"),
        steps(40, text, &|at| format!("SELECT replace(x, 'a', 'aaaaaaaaaaaaaaaa') AS x FROM a{at}"), "length(x)"),
        steps(40, text, &|at| format!("SELECT regexp_replace(x, 'a', 'aaaaaaaa', 'g') AS x FROM a{at}"), "length(x)"),
        steps(40, text, &|at| format!("SELECT encode(x, 'hex') AS x FROM a{at}"), "length(x)"),
        steps(40, text, &|at| format!("SELECT translate(x, 'a', 'b') || x AS x FROM a{at}"), "x"),
        steps(40, "SELECT [1] AS x", &|at| format!("SELECT array_concat(x, x) AS x FROM a{at}"), "cardinality(x)"),
        steps(25, "SELECT [1] AS x", &|at| format!("SELECT [x, x] AS x FROM a{at}"), "x"),
        steps(25, "SELECT struct(1) AS x", &|at| format!("SELECT struct(x, x) AS x FROM a{at}"), "x"),
        steps(6, "SELECT 1 AS x", &|at| format!("SELECT x FROM a{at} UNION ALL SELECT x FROM a{at}"), "count(*)"),
        steps(14, "SELECT 1 AS x", &|at| format!("SELECT x FROM a{at} UNION ALL SELECT x FROM a{at}"), "count(*)"),
        steps(14, "SELECT 1 AS x", &|at| format!("SELECT l.x FROM a{at} l, a{at} r"), "count(*)"),
        steps(12, "SELECT id AS x FROM xeast", &|at| format!("SELECT l.x FROM a{at} l JOIN a{at} r ON l.x = r.x"), "count(*)"),
        steps(12, "SELECT id AS x FROM xeast", &|at| format!("SELECT x FROM a{at} WHERE x IN (SELECT x FROM a{at})"), "count(*)"),
        steps(20, "SELECT 1.5 AS x", &|at| format!("SELECT x * x AS x FROM a{at}"), "x"),
        format!("SELECT replace(replace(replace('{}', 'a', '{}'), 'a', '{}'), 'a', 'bb')", a(5_000), a(5_000), a(200)),
        format!("SELECT length(replace('{}', '', '{}'))", a(20_000), a(20_000)),
        format!("SELECT CAST(replace('{}', 'a', '{}') AS INT)", a(5_000), "b".repeat(5_000)),
        format!("SELECT regexp_like('{}', '{}')", a(20_000), "(a*)*".repeat(100) + "b"),
        format!("SELECT regexp_like('{}', '{}')", a(20_000), "(a?){50}".repeat(100) + "b"),
        format!("SELECT regexp_replace('{}', '(a*)*b', 'x') FROM xeast a, xeast b, xeast c", a(3_000)),
        format!("SELECT '{}' LIKE '{}'", a(20_000), "%a".repeat(5_000) + "b"),
        format!("SELECT levenshtein('{}', '{}')", a(30_000), "b".repeat(30_000)),
        format!("SELECT '{}' FROM xeast a, xeast b, xeast c", a(50_000)),
        format!("SELECT string_to_array('{}', ''), string_to_array('{}', 'a')", a(20_000), a(20_000)),
        format!("SELECT a._run || '{}' FROM xeast a, xeast b, xeast c ORDER BY 1", a(5_000)),
        format!("SELECT split_part('{}', 'a', 19999), find_in_set('b', '{}')", a(20_000), "a,".repeat(10_000)),
    ]
}

/// Texts that are long, of one piece.
fn long() -> Vec<String> {
    let many = 60_000;
    vec![
        format!("SELECT '{}'", "x".repeat(many)),
        format!("SELECT 1 AS {}", "x".repeat(many)),
        format!("SELECT {}", "x".repeat(many)),
        format!("SELECT {}(1)", "x".repeat(many)),
        format!("SELECT * FROM {}", "x".repeat(many)),
        format!("SELECT {}", "9".repeat(many)),
        format!("SELECT 0.{}", "9".repeat(many)),
        format!("SELECT CAST('{}' AS INT)", "9".repeat(many)),
        format!("SELECT CAST('{}' AS DECIMAL(38, 10))", "9".repeat(many)),
        format!("SELECT 1 /*{}*/", "x".repeat(many)),
        format!("SELECT 1 {}", "/*".repeat(many / 2)),
        format!("SELECT 1 --{}", "-".repeat(many)),
        format!("SELECT{}1", " ".repeat(many)),
        format!("SELECT{}1", "\n".repeat(many)),
        format!("SELECT 1{}", ";".repeat(many)),
        format!("SELECT '{}", "''".repeat(many / 2)),
        format!("SELECT \"{}\"", "\"\"".repeat(many / 4)),
        format!("SELECT '{}'", "中".repeat(many / 4)),
        format!("SELECT '{}'", "x".repeat(64 << 10)),
        format!("SELECT '{}'", "x".repeat(95_000)),
        format!("SELECT '{}'", "\u{0}".repeat(9_000)),
        format!("SELECT '{}'", "\u{feff}\u{202e}\u{200b}".repeat(3_000)),
        "SELECT 1\u{0}".to_owned(),
        "\u{0}".to_owned(),
        "SELECT\u{a0}1".to_owned(),
        "SELECT\u{3000}1".to_owned(),
        "ＳＥＬＥＣＴ １".to_owned(),
        "SELECT 'a\r\nb\tc' -- x\r; DROP TABLE xeast".to_owned(),
        "SELECT 1 -- x\u{2028}; DROP TABLE xeast".to_owned(),
        "SELECT 1 -- x\n; DROP TABLE xeast".to_owned(),
    ]
}

/// Words in any order, always the same ones.
pub fn soup(many: usize) -> Vec<String> {
    const WORDS: &[&str] = &[
        "SELECT", "FROM", "xeast", "xwest", "name", "note", "id", "pay", "(", ")", ",", "*", "=", "<", "'a'", "1", "NULL", "WHERE", "AND", "OR", "NOT",
        "IN", "EXISTS", "UNION", "ALL", "JOIN", "ON", "LEFT", "GROUP BY", "ORDER BY", "HAVING", "LIMIT", "OVER", "PARTITION BY", "CASE", "WHEN", "THEN",
        "END", "max", "count", "WITH", "AS", "VALUES", "LATERAL", "DISTINCT", "BETWEEN", "LIKE", "CAST", "::", "[", "]", ".", "-", "+", "||", ";", "--",
        "EXPLAIN", "ANALYZE", "INTERVAL", "DATE", "standard", "raw", "mask_hash", "$1", "?", "{", "}", "->", "UNNEST", "FILTER", "WITHIN GROUP", "QUALIFY",
    ];
    let mut state = 20_261_128_u64;
    let mut below = |most: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % most
    };
    (0..many)
        .map(|at| {
            let length = 3 + below(40);
            let words: Vec<&str> = (0..length).map(|_| WORDS[below(WORDS.len())]).collect();
            let start = if at % 3 == 0 { "SELECT name FROM xeast " } else { "SELECT " };
            format!("{start}{}", words.join(" "))
        })
        .collect()
}
