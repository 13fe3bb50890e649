//! One measurement: the statements of a resource's rules run one after the other, then results, score and defects are
//! kept together or not at all.

use std::collections::BTreeSet;
use std::time::Duration;

use data::declare::{Model, Rule};
use data::rule::Scene;
use data::rule::clock;
use data::rule::measure::{self, Measure, Split, Statement, Told, Way};
use data::rule::score::{self, Finding};
use kernel::{Moment, Text, uuid_v7};
use serde_json::Value;
use store::defect::Verdict;
use store::quality::{QualityResult, QualityRun};

use super::{Subject, declared};
use crate::port::Layer;
use crate::state::States;
use crate::view::SqlError;
use crate::{Answer, Desk, internal};

/// For a statement over a large table.
const DEADLINE: Duration = Duration::from_secs(600);

/// What does not fit at once is asked in so many parts, then in as many times more, up to these.
const MORE_PARTS: u64 = 8;
const MOST_PARTS: u64 = 4_096;

/// How long changes are gathered before they are measured.
const MOMENT: Duration = Duration::from_secs(5);

/// What the statements told, by measure.
#[derive(Default)]
struct Tally {
    rows: u64,
    failed: Vec<Option<u64>>,
    newest: Vec<Option<Moment>>,
}

impl Desk {
    /// Measures the rules of a resource or a model. Nothing happens where there are neither rules nor rows. A statement that fails is
    /// kept as the measurement's error; scores and defects stay as they were.
    pub(crate) async fn measure_quality(&self, id: &str, started_by: &'static str) -> Answer<()> {
        let (city, models) = (self.city(), self.compiled());
        let Some(subject) = Subject::find(&city, &models, id) else { return Ok(()) };
        let states = self.states().await?;
        let own = self.rows_of_subject(&subject, &states).await?;
        let rows = |other: &str| if other == id { own } else { rows_of(&states, other) };
        if own == 0 || (subject.rules.is_empty() && self.store().quality_runs(id, 1).await.map_err(internal)?.is_empty()) {
            return Ok(());
        }
        let started = self.now();
        let scene = self.scene(&city, started);
        let measures = subject.measures();
        let tally = self.tally(measure::statements(id, own, &measures, &scene), measures.len(), &rows).await;
        let mut run = QualityRun {
            id: uuid_v7(started, self.chance()),
            resource: id.to_owned(),
            department: subject.department.map(|found| found.id.clone()).unwrap_or_default(),
            started_by: started_by.to_owned(),
            started,
            ended: self.now(),
            rows: 0,
            score: None,
            error: None,
        };
        let day = scene.today().to_string();
        let mut names: Vec<String> = subject.rules.iter().map(|rule| rule.name.clone()).collect();
        names.extend(crate::register::conflict_rules(&city, id));
        let (results, verdicts): (Vec<QualityResult>, Vec<Verdict>) = match tally {
            Ok(tally) => {
                let findings = self.findings(subject.rules, &measures, &tally, &scene);
                run.rows = tally.rows;
                run.score = score::of_resource(&findings.iter().map(|found| found.0).collect::<Vec<_>>());
                findings.into_iter().map(|(_, result, verdict)| (result, verdict)).unzip()
            }
            Err(error) => {
                run.error = Some(error.message);
                (Vec::new(), Vec::new())
            }
        };
        self.store().add_quality(run, day, results, verdicts, names).await.map_err(internal)
    }

    /// The resources and models whose rules may find something else now: those that changed, and those that refer to them.
    pub(crate) fn measured_by(&self, changed: &BTreeSet<String>) -> BTreeSet<String> {
        let city = self.city();
        let resources = city.resources.values().map(|resource| (&resource.id, &resource.rules));
        let models = city.models.values().map(|model| (&model.id, &model.rules));
        let refers = |(_, rules): &(&String, &Vec<Rule>)| {
            let mut others = rules.iter().filter_map(|rule| rule.references.as_ref());
            others.any(|reference| changed.contains(&reference.resource))
        };
        let referring = resources.chain(models).filter(refers).map(|(id, _)| id);
        changed.iter().chain(referring).cloned().collect()
    }

    /// Measures in a moment, once for all that comes in until then: corrections and pushes arrive one by one.
    pub(crate) fn measure_soon(&self, resource: &str) {
        let begun = self
            .0
            .live
            .lock()
            .unwrap_or_else(|e| e.into_inner())
            .measuring
            .insert(resource.to_owned());
        if !begun {
            return;
        }
        let desk = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(MOMENT).await;
            desk.measure_pending().await;
        });
    }

    /// Measures now what would be measured in a moment; for commands that end before it is over.
    pub async fn measure_pending(&self) {
        let waiting = std::mem::take(&mut self.0.live.lock().unwrap_or_else(|e| e.into_inner()).measuring);
        if waiting.is_empty() {
            return;
        }
        for resource in self.measured_by(&waiting) {
            if let Err(error) = self.measure_quality(&resource, "collection").await {
                tracing::error!(%error, resource, "quality not measured");
            }
        }
    }

    /// Why the rows that a model's SELECT gives now may not be published: the first rule that holds them.
    pub(crate) async fn held_by_rule(&self, model: &Model) -> Answer<Option<Text>> {
        let (city, models) = (self.city(), self.compiled());
        if !model.rules.iter().any(|rule| rule.holds) {
            return Ok(None);
        }
        let Some(subject) = Subject::find(&city, &models, &model.id) else { return Ok(None) };
        let holds = |one: &Measure| model.rules.get(one.rule).is_some_and(|rule| rule.holds);
        let measures: Vec<Measure> = subject.measures().into_iter().filter(holds).collect();
        let scene = self.scene(&city, self.now());
        let states = self.states().await?;
        let rows = |id: &str| rows_of(&states, id);
        let statements = measure::statements_of_select(model.sql.trim(), &measures, &scene);
        let tally = match self.tally(statements, measures.len(), &rows).await {
            Ok(tally) => tally,
            Err(error) => return Ok(Some(error.message)),
        };
        let findings = self.findings(&model.rules, &measures, &tally, &scene);
        let failed = findings.iter().find(|(_, result, _)| result.state == "failed");
        Ok(failed.map(|(_, result, verdict)| {
            let (failed, checked) = (result.failed, result.checked);
            Text::new(
                format!("规则“{}”有 {failed} / {checked} 行不满足，这一版没有发布，上一版保留。", verdict.title.zh),
                format!("{failed} of {checked} rows fail the rule “{}”: this version was not published, the last one stays.", verdict.title.en),
            )
        }))
    }

    /// Rows of the table that rules are declared for.
    pub(super) async fn rows_of_subject(&self, subject: &Subject<'_>, states: &States) -> Answer<u64> {
        match subject.table.layer {
            Layer::Standard => Ok(rows_of(states, &subject.id)),
            _ => Ok(self.0.ports.lake.size(&subject.table).await.map_err(internal)?.rows),
        }
    }

    async fn tally(&self, statements: Vec<Statement>, measures: usize, rows: &(dyn Fn(&str) -> u64 + Sync)) -> Result<Tally, SqlError> {
        let mut tally = Tally {
            rows: 0,
            failed: vec![None; measures],
            newest: vec![None; measures],
        };
        let possible = statements.into_iter().filter(|one| one.needs.as_deref().is_none_or(|other| rows(other) > 0));
        for statement in possible.collect::<Vec<_>>() {
            let mut answers = vec![self.one_row(&statement.sql).await?];
            if let Some(split) = statement.split.as_ref().filter(|_| answers.iter().flatten().any(Value::is_null)) {
                answers = self.in_parts(split).await?;
            }
            for (told, cell) in answers.iter().flat_map(|row| statement.columns.iter().zip(row)) {
                tally.note(*told, whole(cell));
            }
        }
        Ok(tally)
    }

    /// Asks a question in ever more parts, until each can hold what it must.
    async fn in_parts(&self, split: &Split) -> Result<Vec<Vec<Value>>, SqlError> {
        let mut parts = MORE_PARTS;
        while parts <= MOST_PARTS {
            let mut answers = Vec::new();
            for sql in split.parts(parts) {
                let row = self.one_row(&sql).await?;
                if row.iter().any(Value::is_null) {
                    break;
                }
                answers.push(row);
            }
            if answers.len() as u64 == parts {
                return Ok(answers);
            }
            parts *= MORE_PARTS;
        }
        Err(no_answer())
    }

    async fn one_row(&self, sql: &str) -> Result<Vec<Value>, SqlError> {
        let answer = self.0.ports.sql.run(sql, 1, DEADLINE, None).await?;
        answer.rows.into_iter().next().ok_or_else(no_answer)
    }

    /// Each rule that was measured, with its result and what that means for its defect.
    fn findings(&self, rules: &[Rule], measures: &[Measure], tally: &Tally, scene: &Scene) -> Vec<(Finding, QualityResult, Verdict)> {
        let today = scene.today();
        let calendar = self.city().calendar();
        let each = measures.iter().enumerate().filter_map(|(n, one)| {
            let rule = rules.get(one.rule)?;
            let newest = tally.newest.get(n).copied().flatten();
            let (checked, failed) = match one.way {
                // The table as a whole is late or is not.
                Way::Fresh { .. } => (
                    1,
                    Some(u64::from(newest.is_none_or(|newest| !measure::is_fresh(one, newest, scene)))),
                ),
                _ => (tally.rows, tally.failed.get(n).copied().flatten()),
            };
            let finding = Finding {
                severity: rule.severity,
                checked,
                failed: failed?,
            };
            let passed = finding.passes(rule.allowed);
            let result = QualityResult {
                rule: rule.name.clone(),
                state: if passed { "passed" } else { "failed" }.to_owned(),
                checked,
                failed: finding.failed,
                newest,
                declared: declared(rule),
            };
            let verdict = Verdict {
                rule: rule.name.clone(),
                title: Text::new(&rule.title, if rule.title_en.is_empty() { &rule.title } else { &rule.title_en }),
                severity: rule.severity.word().to_owned(),
                checked,
                failed: finding.failed,
                passed,
                opens: rule
                    .clock()
                    .map(|days| (uuid_v7(scene.now, self.chance()), clock::due(&calendar, today, days).to_string())),
            };
            Some((finding, result, verdict))
        });
        each.collect()
    }
}

/// Rows of a resource's standard table.
pub(super) fn rows_of(states: &States, resource: &str) -> u64 {
    states.get(resource).map_or(0, |state| state.standard_rows)
}

impl Tally {
    fn note(&mut self, told: Told, value: Option<i64>) {
        let count = value.and_then(|value| u64::try_from(value).ok());
        match told {
            Told::Rows => self.rows = count.unwrap_or(0),
            Told::Failed(n) => {
                if let (Some(sum), Some(count)) = (self.failed.get_mut(n), count) {
                    *sum = Some(sum.unwrap_or(0) + count);
                }
            }
            Told::Newest(n) => {
                if let Some(newest) = self.newest.get_mut(n) {
                    *newest = value.map(Moment);
                }
            }
        }
    }
}

/// A whole number, which is a text when it is very large.
fn whole(cell: &serde_json::Value) -> Option<i64> {
    cell.as_i64().or_else(|| cell.as_str().and_then(|text| text.parse().ok()))
}

fn no_answer() -> SqlError {
    let message = Text::new("质量规则没有得到回答，请重试。", "The rules got no answer; try again.");
    SqlError {
        message,
        line: 0,
        column: 0,
        length: 0,
        suggestion: None,
    }
}
