//! Several tables in one text, stacked: which of them is wanted, and which one the reading has come to.

use data::standard::Fault;

use super::super::ReadOptions;
use super::super::decide::decision;
use super::super::input::Input;
use super::super::rows::fault;
use crate::CollectError;
use crate::source::Decision;

/// Titles kept for telling which tables there are.
const TITLES: usize = 100;

/// Which table of a text is to be read.
pub(crate) enum Wanted {
    /// None was named: the first, and what belongs to others is refused rather than lost.
    Undeclared,
    /// Its number, from 1.
    Number(u32),
    /// A part of its title.
    Title(String),
}

impl Wanted {
    /// In an archive the declared table is the member.
    pub fn of(options: &ReadOptions, input: &Input) -> Wanted {
        match options.table.as_deref().filter(|_| !input.is_member()) {
            None | Some("") => Wanted::Undeclared,
            Some(table) => table.parse().map_or_else(|_| Wanted::Title(table.to_owned()), Wanted::Number),
        }
    }

    pub fn is_declared(&self) -> bool {
        !matches!(self, Wanted::Undeclared)
    }
}

pub(super) struct Tables {
    wanted: Wanted,
    now: u32,
    /// Whether the table here is the wanted one.
    here: bool,
    /// The wanted one lies behind.
    over: bool,
    /// Blank lines since the last record.
    blank: bool,
    /// The title since the last record.
    title: String,
    titles: Vec<String>,
    /// Lines of tables that nobody asked for.
    elsewhere: u64,
}

impl Tables {
    /// At the first table.
    pub fn new(wanted: Wanted, title: String) -> Tables {
        let mut tables = Tables {
            wanted,
            now: 0,
            here: false,
            over: false,
            blank: false,
            title,
            titles: Vec::new(),
            elsewhere: 0,
        };
        tables.begin();
        tables
    }

    /// Another table begins, under the title last seen, which is returned.
    pub fn begin(&mut self) -> String {
        self.now += 1;
        self.over |= self.here && self.wanted.is_declared();
        let wanted = match &self.wanted {
            Wanted::Undeclared => self.now == 1,
            Wanted::Number(number) => self.now == *number,
            Wanted::Title(part) => self.title.contains(part.as_str()),
        };
        self.here = wanted && !self.over;
        let title = std::mem::take(&mut self.title);
        if self.titles.len() < TITLES {
            self.titles.push(title.clone());
        }
        self.record();
        title
    }

    pub fn here(&self) -> bool {
        self.here
    }

    pub fn over(&self) -> bool {
        self.over
    }

    pub fn blank(&mut self) {
        self.blank = true;
    }

    pub fn titled(&mut self, title: &str) {
        self.title = title.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|' | '"')).chars().take(200).collect();
    }

    pub fn record(&mut self) {
        self.blank = false;
        self.title.clear();
    }

    /// Whether blank lines lie between here and the last record.
    pub fn is_apart(&self) -> bool {
        self.blank
    }

    /// Whether a title does.
    pub fn is_titled(&self) -> bool {
        !self.title.is_empty()
    }

    /// Why a line of another table is refused; `None` when another resource is declared to read it.
    pub fn refuse(&mut self, line: &str) -> Option<Fault> {
        if self.wanted.is_declared() {
            return None;
        }
        self.elsewhere += 1;
        let (number, title) = (self.now, self.titles.last().map_or("", String::as_str));
        Some(fault(
            "row.other_table",
            line.trim(),
            format!("属于文件中的第 {number} 张表（{title}）；请为它另行声明信息资源，注明 table = \"{number}\""),
            format!("it belongs to table {number} of the file ({title}); declare another resource for it with table = \"{number}\""),
        ))
    }

    pub fn decision(&self, about: &str) -> Option<Decision> {
        if self.now < 2 {
            return None;
        }
        let list: Vec<String> = self.titles.iter().enumerate().map(|(i, title)| format!("{} {title}", i + 1)).collect();
        let (count, list) = (self.now, list.join("；"));
        let here = match &self.wanted {
            Wanted::Undeclared => "1".to_owned(),
            Wanted::Number(number) => number.to_string(),
            Wanted::Title(title) => title.clone(),
        };
        let (zh, en) = match self.wanted.is_declared() {
            true => ("按声明".to_owned(), "as declared".to_owned()),
            false => (
                format!("文件里有 {count} 张表：{list}；读第 1 张，其余 {} 行留作问题数据；用 table 指定其他", self.elsewhere),
                format!("the file holds {count} tables: {list}; the first is read, {} lines of others are refused; name another one with `table`", self.elsewhere),
            ),
        };
        Some(decision("table", about, here, zh, en))
    }

    pub fn missing(&self, name: &str) -> CollectError {
        let count = self.now;
        CollectError::new(
            "text.table",
            name,
            format!("没有声明的那张表；文件里有 {count} 张，用序号（从 1 起）或标题指定"),
            format!("the declared table is not there; the file holds {count}: name one by its number from 1, or by its title"),
        )
    }
}
