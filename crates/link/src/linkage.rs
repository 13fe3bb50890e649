//! The whole way: kinds of columns, comparisons, rules, model, pairs, entities; and what was chosen, in words.

use kernel::Text;

use crate::block::Rule;
use crate::cluster::{self, Edge};
use crate::compare::UNKNOWN;
use crate::field::{COMPARISONS_MOST, Field};
use crate::key::{Key, Part};
use crate::kind::{Kind, kind_of};
use crate::model::{Model, Options, Pair, Scored, Waterfall, drawn, probability};
use crate::plan::{LIKELY_MOST, Plan, candidates};
use crate::table::Records;

/// Something that was chosen, and why.
#[derive(Clone, Debug)]
pub struct Choice {
    /// `compare`, `leave out`, `block`, `prior`.
    pub what: Text,
    pub about: String,
    pub chosen: Text,
    pub why: Text,
}

/// Pairs and entities, as found.
#[derive(Clone, Debug, Default)]
pub struct Linked {
    /// Pairs of one entity, in order.
    pub pairs: Vec<Pair>,
    /// Entities of two or more records.
    pub entities: Vec<Vec<u32>>,
    /// Pairs that were compared.
    pub compared: u64,
}

/// What was learnt from records, ready to link them.
pub struct Linkage<'r> {
    field: Field<'r>,
    plan: Plan,
    model: Model,
    options: Options,
    left_out: Vec<(usize, Text)>,
}

impl<'r> Linkage<'r> {
    /// Learns from the records what to compare, how, and what it is worth. `rules` are blocking rules that somebody
    /// declared (`given_name+dob:year`); none means that they are learnt too.
    pub fn learn(records: &'r Records, kinds: &[(String, Kind)], rules: &[String], options: &Options) -> Result<Linkage<'r>, Text> {
        let (kinds, left_out) = kinds_of(records, kinds);
        let field = Field::new(records, &kinds, options.threads);
        let random = drawn(&field, options);
        let candidates = candidates(&field, options);
        let narrow = Plan::narrow(&field, &candidates, options);
        let model = Model::train(&field, &narrow, &random, options);
        let plan = match rules {
            [] => {
                let likely = model.likely_pairs(&field, &narrow, LIKELY_MOST, options);
                Plan::learn(&field, candidates, &likely, options)
            }
            rules => {
                let rules = rules.iter().map(|rule| read_rule(&field, rule)).collect::<Result<_, _>>()?;
                Plan::declared(&field, rules, options)
            }
        };
        let plan = if plan.rules.is_empty() { narrow } else { plan };
        let model = model.among(&field, &plan, options);
        Ok(Linkage { field, plan, model, options: options.clone(), left_out })
    }

    /// The pairs and entities.
    pub fn link(&self) -> Linked {
        let cut = (self.options.threshold / (1.0 - self.options.threshold)).log2();
        let Scored { pairs, compared } = self.model.score(&self.field, &self.plan, cut - 10.0, &self.options);
        let edges: Vec<Edge> = pairs.iter().map(|(a, b, bits)| (*a, *b, bits - cut as f32)).collect();
        let memory = std::cell::RefCell::new(self.field.memory());
        let score = |a: u32, b: u32| {
            let pattern = self.field.pattern(&mut memory.borrow_mut(), a, b);
            (self.model.total_bits(&self.field, pattern, a, b) - cut) as f32
        };
        let entities = cluster::entities(self.field.records.len(), &edges, &score);
        let mut pairs = Vec::new();
        for entity in &entities {
            // What holds the whole together speaks for each pair in it.
            let whole = cluster::cohesion(entity, &score);
            for (at, a) in entity.iter().enumerate() {
                for b in entity.iter().skip(at + 1).filter(|b| self.field.records.may_pair(*a, **b)) {
                    let bits = f64::from(score(*a, *b).max(whole)) + cut;
                    pairs.push(Pair { a: *a, b: *b, probability: probability(bits) });
                }
            }
        }
        pairs.sort_unstable_by_key(|pair| (pair.a, pair.b));
        Linked { pairs, entities, compared }
    }

    /// Why a pair has its probability.
    pub fn explain(&self, a: u32, b: u32) -> Waterfall {
        self.model.explain(&self.field, a.min(b), a.max(b))
    }

    /// What was chosen.
    pub fn choices(&self) -> Vec<Choice> {
        let mut choices = Vec::new();
        for (place, comparison) in self.field.comparisons.iter().enumerate() {
            let levels: Vec<(u8, f64)> = crate::em::levels(&self.field, place).map(|level| (level as u8, self.model.bits[place][level])).rev().collect();
            let say = |of: fn(&Text) -> String| {
                levels.iter().map(|(level, bits)| format!("{} {bits:+.1}", of(&comparison.say(*level)))).collect::<Vec<_>>().join("；")
            };
            choices.push(Choice {
                what: Text::new("比对", "compare"),
                about: self.field.name(place).to_owned(),
                chosen: comparison.kind.title(),
                why: Text::new(say(|text| text.zh.clone()), say(|text| text.en.clone()).replace('；', "; ")),
            });
        }
        for (column, why) in &self.left_out {
            let about = self.field.records.columns.get(*column).map(|column| column.name.clone()).unwrap_or_default();
            choices.push(Choice { what: Text::new("不比对", "leave out"), about, chosen: Text::default(), why: why.clone() });
        }
        for chosen in &self.plan.rules {
            let (pairs, share) = (chosen.pairs, chosen.brings * 100.0);
            choices.push(Choice {
                what: Text::new("分组", "block"),
                about: String::new(),
                chosen: Plan::say(&self.field, &chosen.rule),
                why: Text::new(format!("约 {pairs:.0} 对，覆盖可能匹配的 {share:.1}%"), format!("about {pairs:.0} pairs, {share:.1} % of the likely matches")),
            });
        }
        let prior = self.model.prior;
        choices.push(Choice {
            what: Text::new("先验", "prior"),
            about: String::new(),
            chosen: Text::new(format!("{prior:.2e}"), format!("{prior:.2e}")),
            why: Text::new("任取两条记录属于同一实体的概率", "the probability that two records drawn at random are of one entity"),
        });
        choices
    }
}

type Kinds = (Vec<(usize, Kind)>, Vec<(usize, Text)>);

/// The kind of each column worth comparing, and why the others are not.
fn kinds_of(records: &Records, declared: &[(String, Kind)]) -> Kinds {
    let (mut kinds, mut left_out) = (Vec::new(), Vec::new());
    for (at, column) in records.columns.iter().enumerate() {
        let kind = declared.iter().find(|(name, _)| *name == column.name).map(|(_, kind)| *kind);
        if !declared.is_empty() && kind.is_none() {
            continue;
        }
        match kind.or_else(|| kind_of(column)) {
            Some(kind) => kinds.push((at, kind, column.filled())),
            None => left_out.push((at, Text::new("取值全同、全不同或为空，不能作证据", "all values the same, all different, or none: no evidence in it"))),
        }
    }
    // The fullest columns say most; their order stays that of the table.
    if kinds.len() > COMPARISONS_MOST {
        let mut by_fill: Vec<(usize, Kind, usize)> = kinds.clone();
        by_fill.sort_by_key(|(at, _, filled)| (std::cmp::Reverse(*filled), *at));
        for (at, _, _) in by_fill.iter().skip(COMPARISONS_MOST) {
            left_out.push((*at, Text::new("列太多，只比对最完整的 16 列", "too many columns: the sixteen fullest ones are compared")));
            kinds.retain(|(kept, _, _)| kept != at);
        }
    }
    (kinds.into_iter().map(|(at, kind, _)| (at, kind)).collect(), left_out)
}

/// Reads `given_name+dob:year+zip:3`.
fn read_rule(field: &Field, text: &str) -> Result<Rule, Text> {
    let mut keys = Vec::new();
    for key in text.split('+') {
        let (column, part) = key.rsplit_once(':').unwrap_or((key, ""));
        let comparison = (0..field.width()).find(|at| field.name(*at) == column.trim());
        let (Some(comparison), Some(part)) = (comparison, Part::parse(part.trim())) else {
            return Err(Text::new(
                format!("分组规则 `{text}` 中的 `{key}` 读不懂；请写成 列名 或 列名:4、列名:year 等"),
                format!("`{key}` in the blocking rule `{text}` cannot be read; write COLUMN, COLUMN:4, COLUMN:year and the like"),
            ));
        };
        keys.push(Key { comparison, part });
    }
    debug_assert_eq!(UNKNOWN, 0);
    Ok(Rule { keys })
}
