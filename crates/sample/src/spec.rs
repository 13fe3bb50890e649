//! How a table of the sample city is described: what it is called in the catalogue, what its columns hold,
//! how many rows it has, and in what form its department delivers it.

use data::declare::{Grade, ItemClass, OpenType, ResourceClass, ShareType, UpdatePeriod};

use crate::calendar::DateForm;
use crate::row::Row;
use crate::world::{Person, World};

/// Writes one cell.
pub type Make = Box<dyn Fn(&mut Row, &mut String) + Send + Sync>;

/// A column: an item of the resource, and how its cells come about.
pub struct Column {
    pub name: &'static str,
    /// The department's own name for it.
    pub source: &'static str,
    pub title: &'static str,
    pub title_en: &'static str,
    /// Standard or built-in kind.
    pub standard: &'static str,
    pub class: ItemClass,
    pub grade: Option<Grade>,
    pub key: bool,
    pub required: bool,
    pub unit: &'static str,
    /// Share of rows in which it is empty.
    pub gaps: f64,
    pub make: Make,
}

/// How many rows a table has; counts are those at scale 1.
#[derive(Clone, Copy, Debug)]
pub enum Rows {
    /// This share of all persons, each once.
    Persons(f64),
    /// This share of all households, each once; the person is its head.
    Households(f64),
    /// This share of all companies, each once.
    Companies(f64),
    /// So many rows, each about any person.
    OfPersons(u64),
    /// So many rows, each about any company.
    OfCompanies(u64),
    /// So many rows about nobody.
    Plain(u64),
    /// So many rows, and never more.
    AtMost(u64),
    /// So many rows at every scale.
    Fixed(u64),
    /// A row for each of `things` at each of `steps` times, `seconds` apart, ending today.
    Grid { things: u64, steps: u64, seconds: u64 },
}

/// Step of a grid by the month, in seconds.
pub const MONTH: u64 = 2_629_746;
/// Step of a grid by the year, in seconds.
pub const YEAR: u64 = 31_556_952;

/// Delimited text: in which encoding and with what around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Utf8Bom,
    Gbk,
    Gb18030,
}

/// How an API answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// `?page=&size=` → `{"code":0,"data":{"rows":[…],"total":n}}`
    Page,
    /// `?pageNum=&pageSize=` → `{"success":true,"result":{"records":[…],"count":n}}`
    PageNum,
    /// `?offset=&limit=` → `{"status":"ok","count":n,"list":[…]}`
    Offset,
    /// `?cursor=` → `{"items":[…],"next":"…"}`
    Cursor,
    /// → `{"value":[…],"links":{"next":"/…"}}`
    Link,
    /// The whole table as CSV.
    Csv,
}

/// The form in which a table arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    Csv { encoding: Encoding, delimiter: char, titled: bool, noted: bool, ragged: bool },
    /// A workbook whose header stands in this row.
    Xlsx { header: u32 },
    /// `{"code":0,"data":{"rows":[…]}}`
    Json,
    /// `[{…parent…,"children":[{…}]}]`: columns whose source begins with `^.` stand above.
    Nested(&'static str),
    Ndjson,
    Geojson,
    Parquet,
    Sqlite,
    Api(Answer),
}

/// Share of persons that a table is about.
pub type Filter = fn(&World, &Person) -> bool;

/// A table: one resource of the catalogue and what its system holds for it.
pub struct Table {
    pub system: &'static str,
    pub id: &'static str,
    pub title: &'static str,
    pub title_en: &'static str,
    pub summary: &'static str,
    pub summary_en: &'static str,
    pub class: ResourceClass,
    /// Subject word: decides the class path in the code, and stands among the keywords.
    pub subject: &'static str,
    pub keywords: &'static [&'static str],
    pub office: &'static str,
    pub share: ShareType,
    pub open: OpenType,
    pub grade: Grade,
    pub period: UpdatePeriod,
    pub rows: Rows,
    pub only: Option<Filter>,
    pub delivery: Delivery,
    pub dates: DateForm,
    /// Days back from today in which its rows fall.
    pub span: i32,
    /// Item by which corrections are told from what they correct.
    pub version: Option<&'static str>,
    pub cursor: Option<&'static str>,
    /// Share of rows that a second delivery corrects.
    pub corrections: f64,
    /// Whether numbers carry thousands separators.
    pub thousands: bool,
    /// Words for "no value".
    pub null: &'static [&'static str],
    /// Share of rows with a planted defect.
    pub defects: f64,
    pub related: &'static [&'static str],
    pub columns: Vec<Column>,
}

/// A table with the usual manners: of its department, grade L2, monthly, UTF-8 CSV.
pub fn table(system: &'static str, id: &'static str, titles: [&'static str; 2], summaries: [&'static str; 2]) -> Table {
    Table {
        system,
        id,
        title: titles[0],
        title_en: titles[1],
        summary: summaries[0],
        summary_en: summaries[1],
        class: ResourceClass::Department,
        subject: "",
        keywords: &[],
        office: "",
        share: ShareType::Unconditional,
        open: OpenType::Conditional,
        grade: Grade::L2,
        period: UpdatePeriod::Monthly,
        rows: Rows::Plain(100),
        only: None,
        delivery: Delivery::Csv { encoding: Encoding::Utf8, delimiter: ',', titled: false, noted: false, ragged: false },
        dates: DateForm::Iso,
        span: 365,
        version: None,
        cursor: None,
        corrections: 0.0,
        thousands: false,
        null: &[],
        defects: 0.009,
        related: &[],
        columns: Vec::new(),
    }
}

impl Table {
    /// 基础信息资源 with its subject, e.g. `人口`.
    pub fn base(mut self, subject: &'static str) -> Table {
        (self.class, self.subject) = (ResourceClass::Base, subject);
        self
    }

    /// 主题信息资源 with its subject, e.g. `公共服务`.
    pub fn topic(mut self, subject: &'static str) -> Table {
        (self.class, self.subject) = (ResourceClass::Topic, subject);
        self
    }

    /// Grade of the whole, and the share and open types that usually go with it.
    pub fn grade(mut self, grade: Grade) -> Table {
        self.grade = grade;
        (self.share, self.open) = match grade {
            Grade::L1 => (ShareType::Unconditional, OpenType::Unconditional),
            Grade::L2 => (ShareType::Unconditional, OpenType::Conditional),
            Grade::L3 => (ShareType::Conditional, OpenType::None),
            Grade::L4 => (ShareType::None, OpenType::None),
        };
        self
    }

    pub fn l1(self) -> Table {
        self.grade(Grade::L1)
    }
    pub fn l3(self) -> Table {
        self.grade(Grade::L3)
    }
    /// Sensitive, and shared only case by case.
    pub fn l4(self) -> Table {
        self.grade(Grade::L4)
    }
    /// Shared on conditions, whatever the grade.
    pub fn on_request(mut self) -> Table {
        self.share = ShareType::Conditional;
        self
    }

    pub fn words(mut self, keywords: &'static [&'static str]) -> Table {
        self.keywords = keywords;
        self
    }
    pub fn office(mut self, office: &'static str) -> Table {
        self.office = office;
        self
    }
    pub fn every(mut self, period: UpdatePeriod) -> Table {
        self.period = period;
        self
    }
    pub fn rows(mut self, rows: Rows) -> Table {
        self.rows = rows;
        self
    }
    pub fn only(mut self, filter: Filter) -> Table {
        self.only = Some(filter);
        self
    }
    pub fn span(mut self, days: i32) -> Table {
        self.span = days;
        self
    }
    pub fn dates(mut self, form: DateForm) -> Table {
        self.dates = form;
        self
    }
    pub fn null(mut self, words: &'static [&'static str]) -> Table {
        self.null = words;
        self
    }
    /// Large numbers are written `1,234.50`.
    pub fn thousands(mut self) -> Table {
        self.thousands = true;
        self
    }
    pub fn related(mut self, ids: &'static [&'static str]) -> Table {
        self.related = ids;
        self
    }
    /// A list that an office keeps by hand and checks: nothing is planted in it.
    pub fn clean(mut self) -> Table {
        self.defects = 0.0;
        self
    }
    pub fn version(mut self, item: &'static str) -> Table {
        self.version = Some(item);
        self
    }
    /// A second delivery corrects this share of the rows; `updated_at` decides.
    pub fn corrected(mut self, share: f64) -> Table {
        self.corrections = share;
        self.version("updated_at")
    }
    pub fn incremental(mut self, cursor: &'static str) -> Table {
        self.cursor = Some(cursor);
        self
    }

    fn text(mut self, encoding: Encoding, delimiter: char) -> Table {
        self.delivery = Delivery::Csv { encoding, delimiter, titled: false, noted: false, ragged: false };
        self
    }
    pub fn bom(self) -> Table {
        self.text(Encoding::Utf8Bom, ',')
    }
    pub fn gbk(self) -> Table {
        self.text(Encoding::Gbk, ',')
    }
    pub fn gb18030(self) -> Table {
        self.text(Encoding::Gb18030, ',')
    }
    pub fn piped(self) -> Table {
        self.text(Encoding::Utf8, '|')
    }
    pub fn tabbed(self) -> Table {
        self.text(Encoding::Utf8, '\t')
    }
    /// A title line stands above the header.
    pub fn titled(mut self) -> Table {
        if let Delivery::Csv { titled, .. } = &mut self.delivery {
            *titled = true;
        }
        self
    }
    /// A remark stands below the last row.
    pub fn noted(mut self) -> Table {
        if let Delivery::Csv { noted, .. } = &mut self.delivery {
            *noted = true;
        }
        self
    }
    /// Some rows end too early.
    pub fn ragged(mut self) -> Table {
        if let Delivery::Csv { ragged, .. } = &mut self.delivery {
            *ragged = true;
        }
        self
    }
    pub fn by(mut self, delivery: Delivery) -> Table {
        self.delivery = delivery;
        self
    }
    pub fn xlsx(self, header: u32) -> Table {
        self.by(Delivery::Xlsx { header })
    }
    pub fn ndjson(self) -> Table {
        self.by(Delivery::Ndjson)
    }
    pub fn sqlite(self) -> Table {
        self.by(Delivery::Sqlite)
    }
    pub fn api(self, answer: Answer) -> Table {
        self.by(Delivery::Api(answer))
    }
    pub fn columns(mut self, columns: Vec<Column>) -> Table {
        self.columns = columns;
        self
    }

    /// The grade of the whole: its own, or that of its gravest column.
    pub fn gravest(&self) -> Grade {
        self.columns.iter().filter_map(|column| column.grade).fold(self.grade, Grade::max)
    }

    /// Path inside the folder of its system; a glob where several deliveries lie.
    pub fn from(&self) -> String {
        match self.delivery {
            Delivery::Sqlite => self.id.to_owned(),
            Delivery::Api(Answer::Csv) => format!("{}/export.csv", self.id),
            Delivery::Api(_) => self.id.to_owned(),
            _ if self.corrections > 0.0 => format!("{}-*.{}", self.stem(), self.extension()),
            _ => format!("{}.{}", self.stem(), self.extension()),
        }
    }

    /// File names of the first delivery and of the one with corrections.
    pub fn files(&self) -> [String; 2] {
        let (stem, extension) = (self.stem(), self.extension());
        match self.corrections > 0.0 {
            true => [format!("{stem}-20261031.{extension}"), format!("{stem}-20261120.{extension}")],
            false => [format!("{stem}.{extension}"), String::new()],
        }
    }

    /// Workbooks carry Chinese names, as people send them; other files are named by machines.
    fn stem(&self) -> &'static str {
        match self.delivery {
            Delivery::Xlsx { .. } | Delivery::Csv { titled: true, .. } => self.title,
            _ => self.id,
        }
    }

    fn extension(&self) -> &'static str {
        match self.delivery {
            Delivery::Csv { delimiter: '\t', .. } => "tsv",
            Delivery::Csv { delimiter: '|', .. } => "txt",
            Delivery::Csv { .. } => "csv",
            Delivery::Xlsx { .. } => "xlsx",
            Delivery::Json | Delivery::Nested(_) => "json",
            Delivery::Ndjson | Delivery::Api(_) => "ndjson",
            Delivery::Geojson => "geojson",
            Delivery::Parquet => "parquet",
            Delivery::Sqlite => "db",
        }
    }
}

impl Column {
    pub fn key(mut self) -> Column {
        (self.key, self.required) = (true, true);
        self
    }
    pub fn required(mut self) -> Column {
        self.required = true;
        self
    }
    pub fn unit(mut self, unit: &'static str) -> Column {
        self.unit = unit;
        self
    }
    /// Empty in this share of the rows, and so not required.
    pub fn gaps(mut self, share: f64) -> Column {
        (self.gaps, self.required) = (share, false);
        self
    }
    pub fn personal(mut self, grade: Grade) -> Column {
        (self.class, self.grade) = (ItemClass::Personal, Some(grade));
        self
    }
    pub fn sensitive(mut self, grade: Grade) -> Column {
        (self.class, self.grade) = (ItemClass::Sensitive, Some(grade));
        self
    }
    pub fn business(mut self) -> Column {
        self.class = ItemClass::Business;
        self
    }
    pub fn graded(mut self, grade: Grade) -> Column {
        self.grade = Some(grade);
        self
    }
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Table({}/{}, {} columns)", self.system, self.id, self.columns.len())
    }
}
