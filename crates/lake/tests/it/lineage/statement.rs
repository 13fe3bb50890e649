//! Random SELECTs over two small tables: every kind of node that a plan may have, and answers that chance does not change.

/// A small congruential generator: the same seed gives the same statement everywhere.
pub struct Dice(u64);

impl Dice {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n.max(1)
    }

    pub fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// A relation as text, and the names of its columns.
pub struct Made {
    pub sql: String,
    columns: Vec<String>,
}

/// Writes statements over the tables `t` (id, a, b, c) and `u` (id, d, e, f).
pub struct Writer {
    pub dice: Dice,
    names: usize,
}

impl Writer {
    pub fn new(seed: u64) -> Writer {
        Writer {
            dice: Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)),
            names: 0,
        }
    }

    fn fresh(&mut self, letter: &str) -> String {
        self.names += 1;
        format!("{letter}{}", self.names)
    }

    fn base(&mut self) -> Made {
        let (table, columns) = if self.dice.below(2) == 0 {
            ("t", ["id", "a", "b", "c"])
        } else {
            ("u", ["id", "d", "e", "f"])
        };
        let named: Vec<(String, &str)> = columns.iter().map(|column| (self.fresh("c"), *column)).collect();
        let list: Vec<String> = named.iter().map(|(name, column)| format!("{column} AS {name}")).collect();
        Made {
            sql: format!("SELECT {} FROM {table}", list.join(", ")),
            columns: named.into_iter().map(|(name, _)| name).collect(),
        }
    }

    /// A value over columns, which may be qualified.
    fn value(&mut self, columns: &[String], depth: usize) -> String {
        if depth == 0 {
            return self.dice.one(columns).clone();
        }
        let (x, y) = (self.value(columns, depth - 1), self.dice.one(columns).clone());
        match self.dice.below(10) {
            0 => format!("({x} + {y})"),
            1 => format!("({x} - {y} * 2)"),
            2 => format!("CASE WHEN {x} > {y} THEN {y} ELSE 0 END"),
            3 => format!("coalesce({x}, {y})"),
            4 => format!("nullif({x}, 1)"),
            5 => format!("CAST({x} IS NULL AS BIGINT)"),
            6 => {
                let inner = self.fresh("s");
                format!("(SELECT max({inner}.e) FROM u {inner} WHERE {inner}.d = {y})")
            }
            7 => {
                let inner = self.fresh("s");
                format!("(SELECT count(*) FROM t {inner} WHERE {inner}.a < {y})")
            }
            8 => format!("abs({x} % 3)"),
            _ => x,
        }
    }

    fn condition(&mut self, columns: &[String]) -> String {
        let x = self.value(columns, 1);
        let y = self.dice.one(columns).clone();
        let inner = self.fresh("s");
        match self.dice.below(9) {
            0 => format!("{x} > 1"),
            1 => format!("{x} = {y}"),
            2 => format!("{y} IS NOT NULL"),
            3 => format!("{y} IN (SELECT {inner}.d FROM u {inner} WHERE {inner}.f > 0)"),
            4 => format!("{y} NOT IN (SELECT {inner}.a FROM t {inner} WHERE {inner}.a IS NOT NULL)"),
            5 => format!("EXISTS (SELECT 1 FROM t {inner} WHERE {inner}.b = {y})"),
            6 => format!("NOT EXISTS (SELECT 1 FROM u {inner} WHERE {inner}.d = {y} AND {inner}.e > 1)"),
            7 => format!("({x} BETWEEN 0 AND 2 OR {y} < 1)"),
            _ => format!("{x} <> (SELECT min({inner}.f) FROM u {inner})"),
        }
    }

    pub fn relation(&mut self, depth: usize) -> Made {
        if depth == 0 {
            return self.base();
        }
        match self.dice.below(12) {
            0 => self.filtered(depth),
            1 | 2 => self.projected(depth),
            3 | 4 => self.joined(depth),
            5 | 6 => self.grouped(depth),
            7 => self.windowed(depth),
            8 => self.combined(depth),
            9 => self.distinct(depth),
            10 => self.first(depth),
            _ => self.common(depth),
        }
    }

    fn filtered(&mut self, depth: usize) -> Made {
        let (from, q) = (self.relation(depth - 1), self.fresh("q"));
        let condition = self.condition(&from.columns);
        Made {
            sql: format!("SELECT * FROM ({}) {q} WHERE {condition}", from.sql),
            columns: from.columns,
        }
    }

    fn projected(&mut self, depth: usize) -> Made {
        let (from, q) = (self.relation(depth - 1), self.fresh("q"));
        let mut columns = Vec::new();
        let mut list = Vec::new();
        for _ in 0..1 + self.dice.below(4) {
            let (value, name) = (self.value(&from.columns, 2), self.fresh("c"));
            list.push(format!("{value} AS {name}"));
            columns.push(name);
        }
        if self.dice.below(6) == 0 {
            let (x, y, name) = (
                self.dice.one(&from.columns).clone(),
                self.dice.one(&from.columns).clone(),
                self.fresh("c"),
            );
            list.push(format!("unnest(make_array({x}, {y})) AS {name}"));
            columns.push(name);
        }
        Made {
            sql: format!("SELECT {} FROM ({}) {q}", list.join(", "), from.sql),
            columns,
        }
    }

    fn joined(&mut self, depth: usize) -> Made {
        let other = self.dice.below(depth);
        let (left, right) = (self.relation(depth - 1), self.relation(other));
        let (l, r) = (self.fresh("l"), self.fresh("r"));
        let (x, y) = (
            format!("{l}.{}", self.dice.one(&left.columns)),
            format!("{r}.{}", self.dice.one(&right.columns)),
        );
        let all = |one: &str, made: &Made| made.columns.iter().map(|column| format!("{one}.{column}")).collect::<Vec<_>>();
        let mut on = format!("{x} = {y}");
        if self.dice.below(3) == 0 {
            let both = [all(&l, &left), all(&r, &right)].concat();
            on.push_str(&format!(" AND {} < {}", self.dice.one(&both), self.dice.one(&both)));
        }
        let kind = *self
            .dice
            .one(&["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "LEFT SEMI JOIN", "LEFT ANTI JOIN"]);
        let half = kind.contains("SEMI") || kind.contains("ANTI");
        let columns = if half {
            left.columns
        } else {
            [left.columns, right.columns].concat()
        };
        Made {
            sql: format!("SELECT * FROM ({}) {l} {kind} ({}) {r} ON {on}", left.sql, right.sql),
            columns,
        }
    }

    fn grouped(&mut self, depth: usize) -> Made {
        let (from, q) = (self.relation(depth - 1), self.fresh("q"));
        let (mut list, mut columns, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..self.dice.below(3) {
            let (key, name) = (self.dice.one(&from.columns).clone(), self.fresh("c"));
            if keys.contains(&key) {
                continue;
            }
            list.push(format!("{key} AS {name}"));
            columns.push(name);
            keys.push(key);
        }
        for _ in 0..1 + self.dice.below(3) {
            let (x, y, name) = (self.value(&from.columns, 1), self.dice.one(&from.columns).clone(), self.fresh("c"));
            // A subquery inside an aggregate is not what we are after.
            let x = if x.contains("SELECT") { y.clone() } else { x };
            let call = match self.dice.below(6) {
                0 => "count(*)".to_owned(),
                1 => format!("count(DISTINCT {x})"),
                2 => format!("max({x})"),
                3 => format!("min({x})"),
                4 => format!("sum({x}) FILTER (WHERE {y} > 0)"),
                _ => format!("sum({x})"),
            };
            list.push(format!("{call} AS {name}"));
            columns.push(name);
        }
        let group = match (keys.is_empty(), self.dice.below(4)) {
            (true, _) => String::new(),
            (false, 0) => format!(" GROUP BY ROLLUP ({})", keys.join(", ")),
            (false, 1) => format!(" GROUP BY {} HAVING count(*) > 1", keys.join(", ")),
            (false, _) => format!(" GROUP BY {}", keys.join(", ")),
        };
        Made {
            sql: format!("SELECT {} FROM ({}) {q}{group}", list.join(", "), from.sql),
            columns,
        }
    }

    fn windowed(&mut self, depth: usize) -> Made {
        let (from, q, name) = (self.relation(depth - 1), self.fresh("q"), self.fresh("c"));
        let (x, p, o) = (
            self.dice.one(&from.columns).clone(),
            self.dice.one(&from.columns).clone(),
            self.dice.one(&from.columns).clone(),
        );
        let call = match self.dice.below(4) {
            0 => format!("rank() OVER (PARTITION BY {p} ORDER BY {o})"),
            1 => format!("sum({x}) OVER (PARTITION BY {p})"),
            2 => format!("sum({x}) OVER (PARTITION BY {p} ORDER BY {o})"),
            _ => format!("lag({x}) OVER (ORDER BY {})", from.columns.join(", ")),
        };
        let columns = [from.columns, vec![name.clone()]].concat();
        Made {
            sql: format!("SELECT *, CAST({call} AS BIGINT) AS {name} FROM ({}) {q}", from.sql),
            columns,
        }
    }

    fn combined(&mut self, depth: usize) -> Made {
        let (one, other) = (self.relation(depth - 1), self.relation(self.names % depth));
        let width = one.columns.len().min(other.columns.len()).min(2);
        let (x, y) = (self.fresh("q"), self.fresh("q"));
        let kind = *self.dice.one(&["UNION ALL", "UNION", "INTERSECT", "EXCEPT"]);
        let names: Vec<String> = (0..width).map(|_| self.fresh("c")).collect();
        let named = |made: &Made| {
            made.columns
                .iter()
                .zip(&names)
                .map(|(column, name)| format!("{column} AS {name}"))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let sql = format!(
            "SELECT {} FROM ({}) {x} {kind} SELECT {} FROM ({}) {y}",
            named(&one),
            one.sql,
            named(&other),
            other.sql
        );
        Made { sql, columns: names }
    }

    fn distinct(&mut self, depth: usize) -> Made {
        let (from, q) = (self.relation(depth - 1), self.fresh("q"));
        let some: Vec<String> = from.columns.iter().take(2).cloned().collect();
        if self.dice.below(2) == 0 {
            return Made {
                sql: format!("SELECT DISTINCT {} FROM ({}) {q}", some.join(", "), from.sql),
                columns: some,
            };
        }
        let (first, all) = (from.columns[0].clone(), from.columns.join(", "));
        Made {
            sql: format!("SELECT DISTINCT ON ({first}) {all} FROM ({}) {q} ORDER BY {all}", from.sql),
            columns: from.columns,
        }
    }

    /// The first rows by an order that leaves nothing to chance.
    fn first(&mut self, depth: usize) -> Made {
        let from = if self.dice.below(2) == 0 {
            self.base()
        } else {
            self.relation(depth - 1)
        };
        let (q, n) = (self.fresh("q"), 1 + self.dice.below(3));
        let id = from.sql.ends_with(" FROM t") || from.sql.ends_with(" FROM u");
        let order = if id && from.sql.starts_with("SELECT id") {
            from.columns[0].clone()
        } else {
            from.columns.join(", ")
        };
        let some: Vec<String> = from.columns.iter().rev().take(3).cloned().collect();
        Made {
            sql: format!(
                "SELECT {} FROM (SELECT * FROM ({}) {q} ORDER BY {order} LIMIT {n}) {q}x",
                some.join(", "),
                from.sql
            ),
            columns: some,
        }
    }

    /// A relation used twice under two names.
    fn common(&mut self, depth: usize) -> Made {
        let from = self.relation(depth - 1);
        let (w, x, y) = (self.fresh("w"), self.fresh("x"), self.fresh("y"));
        let (a, b) = (self.dice.one(&from.columns).clone(), self.dice.one(&from.columns).clone());
        let (one, two, three) = (self.fresh("c"), self.fresh("c"), self.fresh("c"));
        let other = self.dice.one(&from.columns).clone();
        let sql = format!(
            "SELECT * FROM (WITH {w} AS ({}) SELECT {x}.{a} AS {one}, {y}.{b} AS {two}, {x}.{other} AS {three} FROM {w} {x} JOIN {w} {y} ON {x}.{a} = {y}.{b}) {w}x",
            from.sql
        );
        Made {
            sql,
            columns: vec![one, two, three],
        }
    }
}
