//! What `sanjiang risk` says: text for people in either language, JSON for programs. Values of rows at risk are masked.

use std::io::{self, Write};

use ::risk::{Anonymity, Assessment, Exposed, Part, Proposal, Role};
use data::mask::{HIDDEN, Mask, Masker, default_for};
use data::standard::Value as Held;
use kernel::Lang;
use serde_json::{Value, json};

use super::risk::{Found, TOLD};
use crate::show::say;

pub fn text(out: &mut impl Write, found: &Found<'_>, lang: Lang) -> io::Result<()> {
    let measured = found.measured;
    let (rows, columns, file) = (found.rows, measured.parts.len(), &found.file);
    match lang {
        Lang::Zh => writeln!(out, "{file}：{rows} 行，{columns} 列")?,
        Lang::En => writeln!(out, "{file}: {rows} rows, {columns} columns")?,
    }
    if found.unread > 0 {
        let unread = found.unread;
        match lang {
            Lang::Zh => writeln!(out, "{unread} 行读不成记录，没有参加测量；`sanjiang read --explain` 可列出原因。")?,
            Lang::En => writeln!(out, "{unread} rows cannot be read as records and are left out; `sanjiang read --explain` tells why.")?,
        }
    }
    heading(out, say(lang, "列", "Columns"))?;
    for part in &measured.parts {
        writeln!(out, "  {}  [{}]  {}（{}）", part.name, part.role.title().get(lang), part.why.get(lang), differing(part, lang))?;
    }
    crowds(out, &measured.anonymity, measured.limits.k, lang)?;
    sensitive(out, measured, lang)?;
    singled(out, measured, lang)?;
    worst(out, measured, lang)?;
    together(out, found, lang)?;
    verdict(out, measured, lang)?;
    proposed(out, found, lang)
}

fn heading(out: &mut impl Write, title: &str) -> io::Result<()> {
    writeln!(out, "\n{title}")
}

fn differing(part: &Part, lang: Lang) -> String {
    let distinct = part.distinct;
    match lang {
        Lang::Zh => format!("{distinct} 种值"),
        Lang::En => format!("{distinct} different values"),
    }
}

fn crowds(out: &mut impl Write, told: &Anonymity, k: u32, lang: Lang) -> io::Result<()> {
    heading(out, say(lang, "k-匿名：准标识都相同的行为一组", "k-anonymity: rows with the same quasi-identifiers are a group"))?;
    let (least, unique, share, below) = (told.k, told.unique, told.unique_share() * 100.0, told.below);
    let (highest, average) = (told.highest_risk() * 100.0, told.average_risk * 100.0);
    match lang {
        Lang::Zh => writeln!(out, "  k = {least}；独一无二 {unique} 行（{share:.2}%）；不足 {k} 行的组共 {below} 行；认出一行的可能性最高 {highest:.1}%，平均 {average:.2}%")?,
        Lang::En => writeln!(out, "  k = {least}; {unique} rows unique ({share:.2}%); {below} rows in groups below {k}; chance of naming a row at most {highest:.1}%, on average {average:.2}%")?,
    }
    for bucket in told.histogram.iter().filter(|bucket| bucket.classes > 0) {
        let size = match bucket.to {
            Some(to) if to == bucket.from => bucket.from.to_string(),
            Some(to) => format!("{}–{to}", bucket.from),
            None => format!("≥ {}", bucket.from),
        };
        let (classes, rows) = (bucket.classes, bucket.rows);
        match lang {
            Lang::Zh => writeln!(out, "  {size:>10} 行的组 {classes:>9} 个，共 {rows} 行")?,
            Lang::En => writeln!(out, "  groups of {size:>10}: {classes:>9}, {rows} rows")?,
        }
    }
    Ok(())
}

fn sensitive(out: &mut impl Write, measured: &Assessment, lang: Lang) -> io::Result<()> {
    if !measured.sensitive.is_empty() {
        heading(out, say(lang, "l-多样性与 t-接近：一组人的敏感值有多不同", "l-diversity and t-closeness: how different a group's sensitive values are"))?;
    }
    for one in &measured.sensitive {
        let (name, told) = (name(measured, one.column), &one.diversity);
        let ratio = told.whole_c().map_or("—".to_owned(), |c| format!("({c}, {})", told.l));
        let ordered = one.closeness.ordered.map_or("—".to_owned(), |t| format!("{t:.3}"));
        let (distinct, entropy, below, equal) = (told.distinct, told.entropy, told.below, one.closeness.equal);
        match lang {
            Lang::Zh => writeln!(out, "  {name}：l = {distinct}（熵 {entropy:.2}，递归 (c, l) = {ratio}），不足的组共 {below} 行；t = {equal:.3}（按大小 {ordered}）")?,
            Lang::En => writeln!(out, "  {name}: l = {distinct} (entropy {entropy:.2}, recursive (c, l) = {ratio}), {below} rows in groups below; t = {equal:.3} (by order {ordered})")?,
        }
    }
    Ok(())
}

fn singled(out: &mut impl Write, measured: &Assessment, lang: Lang) -> io::Result<()> {
    let told = &measured.uniques;
    if told.found.is_empty() {
        return Ok(());
    }
    heading(out, say(lang, "使行成为唯一的最小组合", "The smallest combinations that single rows out"))?;
    for one in told.found.iter().take(TOLD / 2) {
        let (names, rows) = (names(measured, &one.columns), one.minimal);
        match lang {
            Lang::Zh => writeln!(out, "  {names}：{rows} 行")?,
            Lang::En => writeln!(out, "  {names}: {rows} rows")?,
        }
    }
    let left = told.left;
    match lang {
        _ if left == 0 => Ok(()),
        Lang::Zh => writeln!(out, "  （另有 {left} 个组合因表太大没有看）"),
        Lang::En => writeln!(out, "  ({left} further combinations were not looked at: the table is too large)"),
    }
}

fn worst(out: &mut impl Write, measured: &Assessment, lang: Lang) -> io::Result<()> {
    if measured.worst.is_empty() {
        return Ok(());
    }
    heading(out, say(lang, "风险最大的组（值已脱敏）", "Groups at most risk (values masked)"))?;
    let quasi: Vec<&Part> = measured.parts.iter().filter(|part| part.role == Role::Quasi).collect();
    for group in &measured.worst {
        let values: Vec<String> =
            quasi.iter().zip(&group.values).map(|(part, value)| format!("{} {}", part.name, masked(part, value.as_deref()))).collect();
        let (size, row) = (group.size, group.row + 1);
        match lang {
            Lang::Zh => writeln!(out, "  {size} 行（首行为第 {row} 条记录）：{}", values.join("，"))?,
            Lang::En => writeln!(out, "  {size} rows (first: record {row}): {}", values.join(", "))?,
        }
    }
    Ok(())
}

fn together(out: &mut impl Write, found: &Found<'_>, lang: Lang) -> io::Result<()> {
    let Some(joint) = &found.joint else { return Ok(()) };
    heading(out, say(lang, "与已公开的合在一起", "Together with what is open"))?;
    for (one, other, columns) in &joint.joins {
        writeln!(out, "  {one} + {other}：{}", columns.join(" + "))?;
    }
    let (alone, k, below, more) = (joint.k_alone, joint.k, joint.below, joint.below.saturating_sub(joint.below_alone));
    match lang {
        Lang::Zh => writeln!(out, "  k = {k}（单独时 {alone}）；不足的共 {below} 行，其中 {more} 行单独公开时不会")?,
        Lang::En => writeln!(out, "  k = {k} (alone {alone}); {below} rows below the limits, {more} of them only together")?,
    }
    for one in &joint.exposed {
        let (row, by, k, alone) = (one.row + 1, ways(one), one.k, one.alone);
        match lang {
            Lang::Zh => writeln!(out, "  第 {row} 条记录：{alone} 人剩 {k} 人，凭 {by}")?,
            Lang::En => writeln!(out, "  record {row}: {k} of {alone} persons remain, by {by}")?,
        }
    }
    let left = joint.left;
    match lang {
        _ if left == 0 => Ok(()),
        Lang::Zh => writeln!(out, "  （{left} 行因组太大没有看）"),
        Lang::En => writeln!(out, "  ({left} rows were not looked at: their groups are too large)"),
    }
}

fn ways(one: &Exposed) -> String {
    one.by.iter().map(|(opening, columns)| format!("{opening}（{}）", columns.join(" + "))).collect::<Vec<_>>().join(" × ")
}

fn verdict(out: &mut impl Write, measured: &Assessment, lang: Lang) -> io::Result<()> {
    heading(out, say(lang, "结论", "Verdict"))?;
    if measured.passes() {
        return writeln!(out, "  {}", say(lang, "按这些要求可以原样公开。", "By these limits it may be opened as it is."));
    }
    for reason in &measured.reasons {
        writeln!(out, "  ✗ {}", reason.text(&measured.parts, measured.limits).get(lang))?;
    }
    Ok(())
}

fn proposed(out: &mut impl Write, found: &Found<'_>, lang: Lang) -> io::Result<()> {
    if found.measured.passes() {
        return Ok(());
    }
    heading(out, say(lang, "建议", "Proposal"))?;
    let Some(proposal) = &found.proposal else {
        return writeln!(out, "  {}", say(lang, "没有找到达到要求的办法；请减少列，或允许略去更多的行（--leave-out）。", "No way reaches the limits; leave columns away, or allow more rows to be left out (--leave-out)."));
    };
    for change in &proposal.changes {
        writeln!(out, "  {} → {}  {}", change.name, change.spelled, change.title.get(lang))?;
    }
    let (loss, left, rows, looked) = (proposal.loss * 100.0, proposal.left_out, proposal.rows, proposal.looked);
    let sure = match (proposal.optimal, lang) {
        (true, Lang::Zh) => "没有损失更小的办法",
        (true, Lang::En) => "nothing cheaper exists",
        (false, Lang::Zh) => "限时内最好的办法",
        (false, Lang::En) => "the best found within the effort",
    };
    match lang {
        Lang::Zh => writeln!(out, "  信息损失 {loss:.1}%；略去 {left} 行，共 {rows} 行；{sure}（试了 {looked} 种组合）")?,
        Lang::En => writeln!(out, "  {loss:.1}% of the information lost; {left} of {rows} rows left out; {sure} ({looked} combinations measured)")?,
    }
    if let Some(after) = &found.after {
        let k = after.anonymity.k;
        let l = after.sensitive.iter().map(|one| one.diversity.distinct).min().map_or("—".to_owned(), |l| l.to_string());
        match lang {
            Lang::Zh => writeln!(out, "  写出后重新测量：k = {k}，l = {l}")?,
            Lang::En => writeln!(out, "  measured again as written: k = {k}, l = {l}")?,
        }
    }
    Ok(())
}

fn name(measured: &Assessment, column: usize) -> &str {
    measured.parts.get(column).map_or("", |part| part.name.as_str())
}

fn names(measured: &Assessment, columns: &[usize]) -> String {
    columns.iter().map(|column| name(measured, *column)).collect::<Vec<_>>().join(" + ")
}

/// A value as those may see it who must not know whose it is: of what nothing is known only the first sign.
fn masked(part: &Part, value: Option<&str>) -> String {
    let Some(value) = value else { return "—".to_owned() };
    let mask = match part.info {
        Some(info) => default_for(Some(info), info.grade()),
        None => Some(Mask::Keep { first: 1, last: 0, hidden: 1 }),
    };
    let Some(mask) = mask else { return value.to_owned() };
    match Masker::new(mask, None, "Asia/Shanghai").map(|masker| masker.apply(&Held::Text(value.into()))) {
        Some(Held::Text(text)) => text.into_owned(),
        _ => HIDDEN.to_owned(),
    }
}

pub fn json(out: &mut impl Write, found: &Found<'_>, lang: Lang) -> io::Result<()> {
    let measured = found.measured;
    let told = json!({
        "file": found.file,
        "rows": found.rows,
        "unread": found.unread,
        "passes": measured.passes(),
        "reasons": measured.reasons.iter().map(|reason| reason.text(&measured.parts, measured.limits).get(lang).to_owned()).collect::<Vec<_>>(),
        "limits": measured.limits,
        "columns": measured.parts,
        "anonymity": measured.anonymity,
        "sensitive": measured_values(measured),
        "uniques": measured.uniques.found.iter().take(100).map(|one| json!({
            "columns": one.columns.iter().map(|column| name(measured, *column)).collect::<Vec<_>>(),
            "unique": one.unique,
            "minimal": one.minimal,
        })).collect::<Vec<_>>(),
        "uniques_left": measured.uniques.left,
        "worst": measured.worst.iter().map(|group| json!({ "size": group.size, "record": group.row + 1, "values": group_values(measured, &group.values) })).collect::<Vec<_>>(),
        "mosaic": found.joint,
        "proposal": found.proposal.as_ref().map(|proposal: &Proposal| json!(proposal)),
        "after": found.after.as_ref().map(|after| json!({ "passes": after.passes(), "anonymity": after.anonymity, "sensitive": measured_values(after) })),
    });
    serde_json::to_writer_pretty(&mut *out, &told)?;
    writeln!(out)
}

fn group_values(measured: &Assessment, values: &[Option<String>]) -> Vec<Value> {
    let quasi = measured.parts.iter().filter(|part| part.role == Role::Quasi);
    quasi.zip(values).map(|(part, value)| json!({ "column": part.name, "value": masked(part, value.as_deref()) })).collect()
}

fn measured_values(measured: &Assessment) -> Vec<Value> {
    let one = |one: &::risk::Sensitive| json!({
        "column": name(measured, one.column),
        "l": one.diversity.distinct,
        "entropy_l": one.diversity.entropy,
        "recursive_l": one.diversity.l,
        "recursive_c": one.diversity.whole_c(),
        "below": one.diversity.below,
        "t_equal": one.closeness.equal,
        "t_ordered": one.closeness.ordered,
    });
    measured.sensitive.iter().map(one).collect()
}
