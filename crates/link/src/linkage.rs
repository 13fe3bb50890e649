//! The whole way: kinds of columns, comparisons, rules, model, pairs, entities; and what was chosen, in words.

use std::collections::HashMap;

use kernel::Text;

use crate::block::Rule;
use crate::cluster::{self, DIFFERENT, SAME};
pub use crate::cluster::Edge;
use crate::compare::{Method, UNKNOWN, UNLIKE};
use crate::em::known_in;
use crate::field::{COMPARISONS_MOST, Field, Memory};
use crate::key::{Key, Part};
use crate::kind::{Kind, kind_of};
use crate::learned::Learned;
use crate::model::{Model, Options, Pair, Scored, Waterfall, drawn, probability};
use crate::once;
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

/// Evidence of the least pairs that are edges, in bits, the threshold taken off.
pub const LEAST_BITS: f64 = -10.0;

/// What was learnt from records, ready to link them.
pub struct Linkage<'r> {
    field: Field<'r>,
    plan: Plan,
    model: Model,
    options: Options,
    left_out: Vec<(usize, Text)>,
    /// Pairs that people decided, the smaller record first.
    decided: HashMap<(u32, u32), f32>,
}

/// Weighs pairs, and remembers the values it has compared.
pub struct Weigher<'l, 'r> {
    linkage: &'l Linkage<'r>,
    memory: Memory,
}

impl Weigher<'_, '_> {
    /// The evidence about a pair in bits, the threshold taken off, or what was decided.
    pub fn bits(&mut self, a: u32, b: u32) -> f32 {
        let (a, b) = (a.min(b), a.max(b));
        self.linkage.decided.get(&(a, b)).copied().unwrap_or_else(|| self.evidence(a, b))
    }

    /// The evidence alone, whatever was decided.
    pub fn evidence(&mut self, a: u32, b: u32) -> f32 {
        let pattern = self.linkage.field.pattern(&mut self.memory, a, b);
        (self.linkage.model.total_bits(&self.linkage.field, pattern, a, b) - self.linkage.cut()) as f32
    }
}

impl<'r> Linkage<'r> {
    /// Learns from the records what to compare, how, and what it is worth. `rules` are blocking rules that somebody
    /// declared (`given_name+dob:year`); none means that they are learnt too.
    pub fn learn(records: &'r Records, kinds: &[(String, Kind)], rules: &[String], options: &Options) -> Result<Linkage<'r>, Text> {
        let (kinds, left_out) = kinds_of(records, kinds);
        let field = Field::new(records, &kinds, None, options.threads);
        let random = drawn(&field, options);
        let candidates = candidates(&field, options);
        let narrow = Plan::narrow(&field, &candidates, options);
        let mut model = Model::train(&field, &narrow, &random, options);
        let plan = match rules {
            [] => {
                let likely = |plan: &Plan| {
                    model.among(&field, plan, options);
                    model.likely_pairs(&field, plan, LIKELY_MOST, options)
                };
                Plan::learn(&field, candidates, &narrow, likely, options)
            }
            rules => {
                let rules = rules.iter().map(|rule| read_rule(&field, rule)).collect::<Result<_, _>>()?;
                Plan::declared(&field, rules, options)
            }
        };
        let plan = if plan.rules.is_empty() { narrow } else { plan };
        model.among(&field, &plan, options);
        Ok(Linkage { field, plan, model, options: options.clone(), left_out, decided: HashMap::new() })
    }

    /// Takes what was learnt from other records. Columns that these records do not have are as good as empty.
    pub fn with(records: &'r Records, learned: &Learned, options: &Options) -> Linkage<'r> {
        let place = |name: &str| records.columns.iter().position(|column| column.name == name);
        // A place beyond all columns has no values; the comparisons must stay those that were learnt.
        let kinds: Vec<(usize, Kind)> = learned.columns().map(|(name, kind)| (place(name).unwrap_or(usize::MAX), kind)).collect();
        let field = Field::new(records, &kinds, Some(learned), options.threads);
        let (plan, model) = (learned.plan(), learned.model(&field));
        Linkage { field, plan, model, options: options.clone(), left_out: Vec::new(), decided: HashMap::new() }
    }

    /// What was learnt, to be kept.
    pub fn learned(&self) -> Learned {
        Learned::new(&self.field, &self.plan, &self.model)
    }

    /// Notes what people decided of a pair: `same`, or not.
    pub fn decide(&mut self, a: u32, b: u32, same: bool) {
        if a != b {
            self.decided.insert((a.min(b), a.max(b)), if same { SAME } else { DIFFERENT });
        }
    }

    pub fn weigher(&self) -> Weigher<'_, 'r> {
        Weigher { linkage: self, memory: self.field.memory() }
    }

    /// The keys of all records under all rules, in order: records that share one are compared.
    pub fn keys(&self) -> Vec<(u64, u32)> {
        let mut keys = Vec::new();
        for (number, chosen) in self.plan.rules.iter().enumerate() {
            self.field.all_keys(&chosen.rule, &mut |key, record| {
                if chosen.crowded.binary_search(&key).is_err() {
                    keys.push(((key ^ number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15), record));
                }
            });
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Whether two records say different things in a comparison: not the same, or of texts, nothing alike.
    pub fn differs(&self, comparison: usize, a: u32, b: u32) -> bool {
        let Some(compared) = self.field.comparisons.get(comparison) else { return false };
        let (x, y) = (self.field.row(a)[comparison], self.field.row(b)[comparison]);
        let loose = matches!(compared.method, Method::Words | Method::Address | Method::Company);
        x != 0 && y != 0 && x != y && (!loose || compared.level(x, y) == UNLIKE)
    }

    /// Pairs that a rule brings, with at least [`LEAST_BITS`] of evidence, and pairs that were decided; in order. And how many were compared.
    pub fn edges(&self) -> (Vec<Edge>, u64) {
        let Scored { pairs, compared } = self.model.score(&self.field, &self.plan, self.cut() + LEAST_BITS, &self.options);
        let mut edges: Vec<Edge> = pairs.into_iter().map(|(a, b, bits)| (a, b, (f64::from(bits) - self.cut()) as f32)).collect();
        if !self.decided.is_empty() {
            edges.retain(|(a, b, _)| !self.decided.contains_key(&(*a, *b)));
            edges.extend(self.decided.iter().map(|((a, b), bits)| (*a, *b, *bits)));
            edges.sort_unstable_by_key(|edge| (edge.0, edge.1));
        }
        (edges, compared)
    }

    /// Entities of two or more records, by average linkage over edges and all pairs between their records.
    pub fn entities(&self, edges: &[Edge]) -> Vec<Vec<u32>> {
        let weigher = std::cell::RefCell::new(self.weigher());
        cluster::entities(self.field.records.len(), edges, &[], cluster::COMPLETE_SOON, &|a, b| weigher.borrow_mut().bits(a, b))
    }

    /// The same for whole files, where there is time for large groups. Where one of two has every thing once, a record's best
    /// counterpart in it stands alone.
    fn entities_of_files(&self, edges: &[Edge]) -> Vec<Vec<u32>> {
        let weigher = std::cell::RefCell::new(self.weigher());
        let score = |a: u32, b: u32| weigher.borrow_mut().bits(a, b);
        let memory = std::cell::RefCell::new(self.field.memory());
        let is_rival_nearer = |record: u32, best: u32, second: u32| self.is_rival_nearer(&mut memory.borrow_mut(), record, best, second);
        let signs = once::signs(&self.field, edges, &is_rival_nearer);
        cluster::entities(self.field.records.len(), edges, &signs, cluster::COMPLETE_MOST, &score)
    }

    /// Whether the two best counterparts of a record are as alike as it and the best, by what all three have: a column
    /// that only one table has would tell records of that table apart.
    fn is_rival_nearer(&self, memory: &mut Memory, record: u32, best: u32, second: u32) -> bool {
        let mut pattern = |a: u32, b: u32| self.field.pattern(memory, a.min(b), a.max(b));
        let (across, within) = (pattern(record, best), pattern(best, second));
        let known = known_in(across) & known_in(within);
        self.model.weight(within & known) >= self.model.weight(across & known)
    }

    /// The evidence that the threshold asks for, in bits.
    fn cut(&self) -> f64 {
        (self.options.threshold / (1.0 - self.options.threshold)).log2()
    }

    /// The pairs and entities.
    pub fn link(&self) -> Linked {
        let (edges, compared) = self.edges();
        let entities = self.entities_of_files(&edges);
        let weigher = std::cell::RefCell::new(self.weigher());
        let score = |a: u32, b: u32| weigher.borrow_mut().bits(a, b);
        let mut pairs = Vec::new();
        for entity in &entities {
            // What holds the whole together speaks for each pair in it.
            let whole = cluster::cohesion(entity, &score);
            for (at, a) in entity.iter().enumerate() {
                for b in entity.iter().skip(at + 1).filter(|b| self.field.records.may_pair(*a, **b)) {
                    let bits = f64::from(score(*a, *b).max(whole)) + self.cut();
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
        for column in &self.field.records.columns {
            let Some(former) = &column.former else { continue };
            choices.push(Choice {
                what: Text::new("曾用", "former"),
                about: former.name.clone(),
                chosen: Text::new(&column.name, &column.name),
                why: Text::new("一方曾用的与另一方现用的相同，也作证据", "what one record had before may be what another one has: that is evidence too"),
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
