//! Figures planned: what each reads and gives, told without looking at data, with every mistake at its place.

use std::collections::BTreeSet;
use std::ops::Range;

use arrow_schema::{DataType, SchemaRef};
use data::declare::{Figure, Grade};
use data::figure::{Cut, Written, rows, select};
use data::mask::Declassifier;
use data::{City, Diagnostic};
use kernel::{Text, nearest};

use crate::model::{File, Models, Span, declare, exists, grade_of_column, grade_of_made, no_table, span_of};
use crate::port::{How, Planned, Planner, Source, TableName, Tables};
use crate::view::SqlError;

/// A figure that can be worked out.
pub struct PlannedFigure {
    pub table: TableName,
    /// Of the figure as a whole: the period, where it has one, and the value.
    pub planned: Planned,
    /// What its values tell, behind what declassifies them.
    pub grade: Grade,
    /// The city's time zone, where the column of time holds moments.
    zone: Option<String>,
    /// Smaller groups are left out; only where rows tell of persons.
    smallest_group: Option<u64>,
}

impl PlannedFigure {
    /// The SELECT of a figure, broken down by these columns.
    pub fn select(&self, figure: &Figure, by: &[String]) -> String {
        let cut = Cut { by, zone: self.zone.as_deref(), smallest_group: self.smallest_group };
        select(figure, &written(&self.table), cut).sql
    }

    /// The SELECT of the rows that it counts.
    pub fn rows(&self, figure: &Figure, period_start: Option<&str>, only: &[(String, String)]) -> String {
        rows(figure, &written(&self.table), self.zone.as_deref(), period_start, only)
    }

    /// Its value, among the columns of the plan.
    pub fn value(&self) -> Option<&crate::port::PlannedColumn> {
        self.planned.columns.last()
    }
}

/// Plans all figures. Those with mistakes are told and left out.
pub(crate) fn compile(city: &City, planner: &dyn Planner, tables: &mut Tables, done: &mut Models) {
    for figure in city.figures.values() {
        let file = File { path: &figure.path, text: &figure.text };
        let work = Work { city, planner, figure, file };
        match work.plan(tables, done) {
            Ok(Some(planned)) => drop(done.figures.insert(figure.id.clone(), planned)),
            // What it reads is broken, and told there.
            Ok(None) => {}
            Err(mistake) => done.diagnostics.push(*mistake),
        }
    }
}

struct Work<'c> {
    city: &'c City,
    planner: &'c dyn Planner,
    figure: &'c Figure,
    file: File<'c>,
}

type Planning<T> = Result<T, Box<Diagnostic>>;

impl Work<'_> {
    fn plan(&self, tables: &mut Tables, done: &Models) -> Planning<Option<PlannedFigure>> {
        let figure = self.figure;
        let table = TableName::read(&figure.from).filter(|table| exists(self.city, table));
        let Some(table) = table else {
            let meant = TableName::read(&figure.from).unwrap_or_else(|| TableName::standard(&figure.from));
            return Err(Box::new(no_table(self.city, self.file, &meant)));
        };
        declare(self.city, &table, tables);
        let Some(schema) = tables.get(&table).cloned() else { return Ok(None) };
        let zone = self.zone(&schema)?;
        for name in &figure.by {
            self.column(&schema, name)?;
        }
        let smallest = self.city.info.grading.smallest_group;
        let asked = |smallest_group| select(figure, &written(&table), Cut { by: &[], zone: zone.as_deref(), smallest_group });
        let plain = asked(None);
        self.one_table(&table, &plain)?;
        let mut planned = self.planned(&plain, tables)?;
        self.is_a_number(&planned)?;
        let grade = |planned: &Planned| planned.columns.last().map_or(Grade::L1, |value| grade_of_made(self.city, done, value));
        let keys = self.keys(&table, done);
        let mut left = grade(&planned);
        let mut smallest_group = None;
        // What tells of persons is only told of groups of them.
        if left.max(keys) > Grade::L1 {
            planned = self.planned(&asked(Some(smallest)), tables)?;
            // Which groups there are tells no more of a person than how many are in them.
            let group = Declassifier::Aggregate { function: "count".to_owned(), least: smallest };
            left = grade(&planned).max(group.grade(keys, smallest));
            smallest_group = Some(smallest);
        }
        Ok(Some(PlannedFigure { table, planned, grade: left, zone, smallest_group }))
    }

    fn planned(&self, written: &Written, tables: &Tables) -> Planning<Planned> {
        self.planner.plan(&written.sql, tables, false).map_err(|error| Box::new(self.said(written, error)))
    }

    /// The highest grade among the columns that it is broken down by.
    fn keys(&self, table: &TableName, done: &Models) -> Grade {
        let grade = |name: &String| grade_of_column(self.city, done, &Source { table: table.clone(), column: name.clone() });
        self.figure.by.iter().map(grade).max().unwrap_or(Grade::L1)
    }

    /// The city's time zone, where the column of time holds moments rather than days.
    fn zone(&self, schema: &SchemaRef) -> Planning<Option<String>> {
        let Some(time) = self.figure.time.as_deref() else { return Ok(None) };
        match self.column(schema, time)? {
            DataType::Date32 | DataType::Date64 => Ok(None),
            DataType::Timestamp(..) => Ok(Some(self.city.info.time_zone.clone())),
            _ => {
                let message = Text::new(format!("`{time}` 不是日期或日期时间"), format!("`{time}` is neither a date nor a date and time"));
                Err(Box::new(self.file.at_word(time, message)))
            }
        }
    }

    fn column<'s>(&self, schema: &'s SchemaRef, name: &str) -> Planning<&'s DataType> {
        if let Some((_, field)) = schema.column_with_name(name) {
            return Ok(field.data_type());
        }
        let from = &self.figure.from;
        let message = Text::new(format!("`{from}` 没有列 `{name}`"), format!("`{from}` has no column `{name}`"));
        let near = nearest(name, schema.fields().iter().map(|field| field.name().as_str()).filter(|name| !name.starts_with('_')));
        Err(Box::new(Diagnostic { suggestion: near.map(str::to_owned), ..self.file.at_word(name, message) }))
    }

    /// What needs more than one table is a model first: only then can the rows behind a figure be shown.
    fn one_table(&self, table: &TableName, plain: &Written) -> Planning<()> {
        let reads = self.planner.reads(&plain.sql).map_err(|error| Box::new(self.said(plain, error)))?;
        match reads.into_iter().collect::<BTreeSet<_>>().into_iter().find(|read| read != table) {
            None => Ok(()),
            Some(other) => {
                let message = Text::new(
                    format!("指标只读 `from` 一张表，这里还读了 `{other}`"),
                    format!("a figure reads the table of `from` alone, and this one reads `{other}` too"),
                );
                let help = Text::new("先把几张表做成一个模型，再在 `from` 中写该模型", "make a model of these tables first, and name it in `from`");
                Err(Box::new(Diagnostic { help: Some(help), ..self.file.at_word(&other.name, message) }))
            }
        }
    }

    /// One number for all rows together.
    fn is_a_number(&self, planned: &Planned) -> Planning<()> {
        let Some(value) = planned.columns.last() else { return Ok(()) };
        let (line, column) = self.file.find_passage(&self.figure.value).unwrap_or((1, 1));
        let length = self.figure.value.lines().next().map_or(0, |line| line.chars().count());
        let at = |message: Text| Err(Box::new(self.file.at((line, column, length), message, None)));
        if value.value.values().any(|how| *how != How::Folded) {
            return at(Text::new("`value` 应把所有行汇总成一个值，如 `count(*)`、`sum(…)`", "`value` should sum up all rows to one value, such as `count(*)` or `sum(…)`"));
        }
        let number = ["Int", "UInt", "Float", "Decimal"].iter().any(|kind| value.kind.starts_with(kind));
        match number {
            true => Ok(()),
            false => at(Text::new(format!("`value` 应是数值，这里是 {}", value.kind), format!("`value` should be a number, not {}", value.kind))),
        }
    }

    /// What the engine says of a SELECT, at the place in the file that it is about.
    fn said(&self, written: &Written, error: SqlError) -> Diagnostic {
        let told = span_of(&error);
        let condition = self.figure.condition.as_deref();
        let parts: [(&Range<usize>, Option<&str>); 2] = [(&written.value, Some(&self.figure.value)), (&written.condition, condition)];
        let inside = |(lines, text): (&Range<usize>, Option<&str>)| -> Option<Span> {
            let (line, column, length) = told.filter(|(line, ..)| lines.contains(line))?;
            let (first, left) = self.file.find_passage(text?)?;
            let down = line - lines.start;
            Some((first + down, if down == 0 { left + column - 1 } else { column }, length))
        };
        let span = parts.into_iter().find_map(inside).or_else(|| self.file.find_passage(&self.figure.value).map(|(line, column)| (line, column, 0)));
        self.file.said(span.unwrap_or((1, 1, 0)), error)
    }
}

/// The table as SQL names it.
fn written(table: &TableName) -> String {
    format!("{}.\"{}\"", table.layer.word(), table.name)
}
