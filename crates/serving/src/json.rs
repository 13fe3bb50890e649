//! Rows as JSON text. Made here, where code is always optimised, and without a tree of values: an answer of a hundred rows has a
//! thousand of them.

use crate::Value;

/// An array of objects, one a row; `names` are those of the columns, in the order of the rows' values.
pub fn objects(names: &[&str], rows: &[Vec<Value>]) -> String {
    let keys: Vec<String> = names.iter().map(|name| format!("{}:", serde_json::Value::from(*name))).collect();
    let mut out = Vec::with_capacity(64 + rows.len() * (16 * names.len() + 64));
    out.push(b'[');
    for (at, row) in rows.iter().enumerate() {
        out.extend_from_slice(if at == 0 { b"{" } else { b",{" });
        for (at, (key, value)) in keys.iter().zip(row).enumerate() {
            if at > 0 {
                out.push(b',');
            }
            out.extend_from_slice(key.as_bytes());
            // A value has no map with keys that are none, and memory does not refuse: this does not fail.
            let _ = serde_json::to_writer(&mut out, value);
        }
        out.push(b'}');
    }
    out.push(b']');
    String::from_utf8(out).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_a_tree_of_values_would_be() {
        let rows = vec![
            vec![Value::Null, Value::Integer(-7), Value::Number(0.5), Value::Decimal { units: -105, scale: 2 }, Value::Boolean(true), Value::Text("a\"\n停".to_owned())],
            vec![Value::Number(f64::INFINITY), Value::Integer(0), Value::Null, Value::Decimal { units: 5, scale: 0 }, Value::Boolean(false), Value::Text(String::new())],
        ];
        let names = ["a", "b\"", "c", "d", "e", "停"];
        let tree = |row: &Vec<Value>| names.iter().map(|name| (*name).to_owned()).zip(row.iter().map(|value| serde_json::to_value(value).expect("a value"))).collect::<serde_json::Map<_, _>>();
        let expected: serde_json::Value = rows.iter().map(|row| serde_json::Value::Object(tree(row))).collect();
        assert_eq!(serde_json::from_str::<serde_json::Value>(&objects(&names, &rows)).expect("JSON"), expected);
        assert_eq!(objects(&names, &[]), "[]");
    }
}
