//! What a query asks, from the parameters of its address: `item=value`, `item.from`, `item.to`, `item.starts`, `limit`, `offset`,
//! `order`, `count`. Only items that are lent as they stand are asked by, and keys; else answers would tell what masks hide.

use data::share::Terms;
use kernel::Text;
use serving::{Condition, Question};

use super::door::Pass;
use super::invalid;
use crate::{Answer, asked};

const WORDS: [&str; 4] = ["limit", "offset", "order", "count"];

/// What a query asks, and the values of the keys that it names.
#[derive(Debug)]
pub(super) struct Asked {
    pub question: Question,
    /// Parameters by name, in order: by them two queries are the same.
    pub canonical: String,
    /// Keys with their values.
    pub keys: Vec<(String, String)>,
}

/// Reads parameters under a grant. Behind the columns that the answer shows stand those of [`Pass::about`].
pub(super) fn read(pass: &Pass, parameters: &[(String, String)]) -> Answer<Asked> {
    let by_name = asked::by_name(parameters)?;
    let terms = &pass.terms;
    let missing: Vec<&str> = terms.keys.iter().map(String::as_str).filter(|key| !by_name.contains_key(key)).collect();
    if !missing.is_empty() {
        return Err(invalid(
            format!("缺少必填查询项：{}", missing.join("、")),
            format!("the grant asks for these keys: {}", missing.join(", ")),
        ));
    }
    let mut all: Vec<Condition> = pass.condition.iter().cloned().collect();
    for (name, values) in by_name.iter().filter(|(name, _)| !WORDS.contains(name)) {
        all.push(part(terms, name, values)?);
    }
    let most = u64::from(pass.city.info.share.rows);
    let limit = asked::number(&by_name, "limit", most)?.unwrap_or(most.min(100));
    let offset = asked::number(&by_name, "offset", asked::OFFSET_MAX)?.unwrap_or(0);
    let key = |key: &String| by_name.get(key.as_str()).into_iter().flatten().map(|value| (key.clone(), (*value).to_owned())).collect::<Vec<_>>();
    Ok(Asked {
        canonical: canonical(parameters),
        keys: terms.keys.iter().flat_map(key).collect(),
        question: Question {
            columns: terms.items.iter().map(|item| item.name.clone()).chain(pass.about()).collect(),
            condition: Some(Condition::All(all)),
            order: order(pass, by_name.get("order").and_then(|values| values.first()).copied().unwrap_or_default())?,
            limit: Some(limit),
            offset,
            count: by_name.get("count").is_some_and(|values| values.first() == Some(&"true")),
        },
    })
}

/// One parameter as a condition.
fn part(terms: &Terms, name: &str, values: &[&str]) -> Answer<Condition> {
    let (item, way) = name.split_once('.').unwrap_or((name, ""));
    let key = terms.keys.iter().any(|key| key == item);
    let whole = terms.items.iter().find(|one| one.name == item).map(|one| one.whole);
    match (key, whole, way) {
        (true, _, "") | (_, Some(true), _) => {}
        (false, Some(false), _) => {
            return Err(invalid(format!("{item} 以脱敏值提供，不能作为查询条件"), format!("{item} is lent masked and cannot be asked by")));
        }
        (true, _, _) => return Err(invalid(format!("必填查询项 {item} 只能给出确切的值"), format!("the key {item} takes exact values only"))),
        (false, None, _) => {
            let known = terms.items.iter().filter(|one| one.whole).map(|one| one.name.as_str()).chain(terms.keys.iter().map(String::as_str)).chain(WORDS);
            let Text { zh, en } = asked::meant(item, known);
            return Err(invalid(format!("授权中没有可查询的信息项 {item}{zh}"), format!("the grant has no item {item} to ask by{en}")));
        }
    }
    asked::condition(item, way, values)
}

/// `name`, `-name`: items that are lent as they stand; the key of the resource behind them, so that pages follow each other.
fn order(pass: &Pass, text: &str) -> Answer<Vec<(String, bool)>> {
    let mut order = Vec::new();
    for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let (name, down) = word.strip_prefix('-').map_or((word, false), |name| (name, true));
        if !pass.terms.items.iter().any(|item| item.whole && item.name == name) {
            return Err(invalid(format!("不能按 {name} 排序"), format!("rows cannot be put in order by {name}")));
        }
        order.push((name.to_owned(), down));
    }
    let key = pass.resource.items.iter().filter(|item| item.key).map(|item| (item.name.clone(), false));
    order.extend(key);
    Ok(order)
}

/// The parameters as one text, whatever order they came in.
pub(super) fn canonical(parameters: &[(String, String)]) -> String {
    let mut sorted: Vec<&(String, String)> = parameters.iter().collect();
    sorted.sort();
    serde_json::to_string(&sorted).unwrap_or_default()
}
