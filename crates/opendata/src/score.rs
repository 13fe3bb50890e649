//! How well datasets are described, by the dimensions and points of the European metadata quality assessment: 405 in all.
//!
//! Each measure is a question that a dataset, or each of its distributions, fulfils or not; its points are won by the share that
//! does. Who loses points is told by name.

use std::collections::BTreeSet;

use data::open::licence;
use kernel::Text;

use crate::dcat::file_type;
use crate::{Distribution, Record};

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dimension {
    Findability,
    Accessibility,
    Interoperability,
    Reusability,
    Contextuality,
}

impl Dimension {
    pub const ALL: [Dimension; 5] =
        [Dimension::Findability, Dimension::Accessibility, Dimension::Interoperability, Dimension::Reusability, Dimension::Contextuality];

    pub fn title(self) -> Text {
        match self {
            Dimension::Findability => Text::new("可发现", "Findability"),
            Dimension::Accessibility => Text::new("可获取", "Accessibility"),
            Dimension::Interoperability => Text::new("可互操作", "Interoperability"),
            Dimension::Reusability => Text::new("可重用", "Reusability"),
            Dimension::Contextuality => Text::new("背景信息", "Contextuality"),
        }
    }
}

/// What a measure asks.
#[derive(Clone, Copy)]
enum Ask {
    Dataset(fn(&Record) -> bool),
    Distribution(fn(&Distribution) -> bool),
    /// Of the addresses of distributions; `None`: this one has no such address, and fails.
    Reached(fn(&Distribution) -> Option<&str>),
}

struct Measure {
    dimension: Dimension,
    points: u32,
    title: (&'static str, &'static str),
    help: (&'static str, &'static str),
    ask: Ask,
}

const fn of(dimension: Dimension, points: u32, title: (&'static str, &'static str), help: (&'static str, &'static str), ask: Ask) -> Measure {
    Measure { dimension, points, title, help, ask }
}

use Dimension::{Accessibility as A, Contextuality as C, Findability as F, Interoperability as I, Reusability as R};

#[rustfmt::skip]
const MEASURES: [Measure; 23] = [
    of(F, 30, ("关键词", "Keywords"), ("在 [open] 中写 keywords", "Give keywords in [open]"), Ask::Dataset(|record| !record.keywords.is_empty())),
    of(F, 30, ("主题", "Theme"), ("在 [open] 中写 theme", "Give a theme in [open]"), Ask::Dataset(|record| !record.themes.is_empty())),
    of(F, 20, ("空间范围", "Where it is about"), ("在 city.toml 中写行政区划 division", "Give the division in city.toml"), Ask::Dataset(|record| !record.places.is_empty() || record.bounds.is_some())),
    of(F, 20, ("时间范围", "When it is about"), ("写明数据的起止时间", "Say from when to when its rows are"), Ask::Dataset(|record| record.period.as_ref().is_some_and(|period| period.start.is_some() || period.end.is_some()))),
    of(A, 50, ("访问地址可达", "Access address answers"), ("地址须能打开", "The address has to answer"), Ask::Reached(|one| Some(one.access_url.as_str()).filter(|url| !url.is_empty()))),
    of(A, 20, ("有下载地址", "Download address"), ("接口没有文件，只有文件有下载地址", "Files have one; an interface or an application has none"), Ask::Distribution(|one| one.download_url.is_some())),
    of(A, 30, ("下载地址可达", "Download address answers"), ("地址须能下载", "The address has to answer"), Ask::Reached(|one| one.download_url.as_deref())),
    of(I, 20, ("格式", "Format"), ("写明格式", "Say its format"), Ask::Distribution(|one| !one.format.is_empty())),
    of(I, 10, ("媒体类型", "Media type"), ("写明媒体类型", "Say its media type"), Ask::Distribution(|one| one.media_type.is_some())),
    of(I, 10, ("格式取自标准词表", "Format of the standard list"), ("欧盟文件类型表中没有的格式（如 Parquet）不得分", "Formats that the European list of file types lacks, such as Parquet, win nothing"), Ask::Distribution(|one| file_type(&one.format).is_some())),
    of(I, 20, ("非专有格式", "Format that nobody owns"), ("XLSX 不计为非专有格式", "XLSX does not count as one"), Ask::Distribution(|one| among(&FREE, &one.format))),
    of(I, 20, ("机器可读", "Read by machines"), ("提供 CSV、JSON 等格式", "Offer CSV, JSON or the like"), Ask::Distribution(|one| among(&READABLE, &one.format))),
    of(I, 30, ("符合 DCAT-AP 必备项", "What DCAT-AP demands is there"), ("补齐名称、说明、发布部门和获取方式", "Give title, summary, publisher and a way to have it"), Ask::Dataset(is_whole)),
    of(R, 20, ("许可", "Licence"), ("在 [open] 中写 licence", "Give a licence in [open]"), Ask::Dataset(|record| record.rights.as_ref().is_some_and(|rights| rights.url.is_some() || !rights.id.is_empty()))),
    of(R, 10, ("许可取自标准词表", "Licence of the standard list"), ("使用欧盟许可词表中的许可", "Take a licence that the European list has"), Ask::Dataset(|record| record.rights.as_ref().is_some_and(|rights| licence(&rights.id).is_some_and(|known| !known.europe.is_empty())))),
    of(R, 10, ("访问权限", "Access rights"), ("写明谁可以使用", "Say who may have it"), Ask::Dataset(|record| record.rights.is_some())),
    // Written by us from a word of two: always one of the European list.
    of(R, 5, ("访问权限取自标准词表", "Access rights of the standard list"), ("写明谁可以使用", "Say who may have it"), Ask::Dataset(|record| record.rights.is_some())),
    of(R, 20, ("联系方式", "Contact"), ("写明联系电话或邮箱：部门的 contact，city.toml 的 [open] contact", "Give contact of the department, or of [open] in city.toml"), Ask::Dataset(|record| record.contact.as_ref().is_some_and(|contact| contact.email.is_some() || contact.telephone.is_some() || contact.url.is_some()))),
    of(R, 10, ("发布者", "Publisher"), ("写明发布部门", "Say which department publishes it"), Ask::Dataset(|record| record.publisher.name != Text::default())),
    of(C, 5, ("使用条件", "Terms of use"), ("写明许可或使用条件", "Say under which terms it is used"), Ask::Dataset(|record| record.rights.as_ref().is_some_and(|rights| rights.url.is_some() || rights.condition != Text::default()))),
    of(C, 5, ("文件大小", "Size of files"), ("文件在第一次下载时生成，此后才有大小；接口没有大小", "Files are made when they are first asked for, and have a size from then on; an interface has none"), Ask::Distribution(|one| one.bytes.is_some())),
    of(C, 5, ("发布日期", "Date of issue"), ("写明发布日期", "Say when it was first published"), Ask::Dataset(|record| record.issued.is_some())),
    of(C, 5, ("更新日期", "Date of change"), ("写明更新日期", "Say when it last changed"), Ask::Dataset(|record| record.modified.is_some())),
];

/// Formats that nobody owns, and those that machines read.
const FREE: [&str; 11] = ["CSV", "JSON", "NDJSON", "GEOJSON", "XML", "PARQUET", "HTML", "TXT", "TSV", "RDF", "KML"];
const READABLE: [&str; 11] = ["CSV", "JSON", "NDJSON", "GEOJSON", "XML", "PARQUET", "XLSX", "TSV", "RDF", "KML", "ODS"];

fn among(list: &[&str], format: &str) -> bool {
    let name = format.split([' ', ';', '(']).next().unwrap_or_default();
    list.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn is_whole(record: &Record) -> bool {
    let told = |text: &Text| !text.zh.trim().is_empty();
    let had = !record.distributions.is_empty() && record.distributions.iter().all(|one| !one.access_url.is_empty());
    told(&record.title) && told(&record.summary) && told(&record.publisher.name) && had
}

/// What one measure came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    pub dimension: Dimension,
    pub title: Text,
    /// What to do about it.
    pub help: Text,
    /// The most points that there are.
    pub most: u32,
    /// How many datasets or distributions fulfil it, of how many.
    pub fulfilled: u64,
    pub counted: u64,
    /// Ids of the datasets that lose points.
    pub losing: Vec<String>,
}

impl Measured {
    /// Points won, in tenths; none where nothing is there to be measured.
    pub fn tenths(&self) -> u64 {
        (u64::from(self.most) * 10 * self.fulfilled).checked_div(self.counted).unwrap_or(0)
    }
}

/// How good a sum of points is held to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rating {
    Bad,
    Sufficient,
    Good,
    Excellent,
}

impl Rating {
    /// Of points in tenths.
    pub fn of(tenths: u64) -> Rating {
        match tenths / 10 {
            351.. => Rating::Excellent,
            221.. => Rating::Good,
            121.. => Rating::Sufficient,
            _ => Rating::Bad,
        }
    }

    pub fn title(self) -> Text {
        match self {
            Rating::Bad => Text::new("差", "bad"),
            Rating::Sufficient => Text::new("合格", "sufficient"),
            Rating::Good => Text::new("良好", "good"),
            Rating::Excellent => Text::new("优秀", "excellent"),
        }
    }
}

/// All that was measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    pub measured: Vec<Measured>,
}

impl Score {
    /// Points won in a dimension, in tenths, and the most that there are.
    pub fn of(&self, dimension: Dimension) -> (u64, u32) {
        let own = self.measured.iter().filter(|one| one.dimension == dimension);
        own.fold((0, 0), |(tenths, most), one| (tenths + one.tenths(), most + one.most))
    }

    /// Points won in all, in tenths, and the most that there are.
    pub fn total(&self) -> (u64, u32) {
        self.measured.iter().fold((0, 0), |(tenths, most), one| (tenths + one.tenths(), most + one.most))
    }

    pub fn rating(&self) -> Rating {
        Rating::of(self.total().0)
    }
}

/// Measures records. `reached` says whether an address answers.
pub fn score(records: &[Record], reached: impl Fn(&str) -> bool) -> Score {
    Score { measured: MEASURES.iter().map(|measure| one(measure, records, &reached)).collect() }
}

fn one(measure: &Measure, records: &[Record], reached: &impl Fn(&str) -> bool) -> Measured {
    let (mut fulfilled, mut counted, mut losing) = (0, 0, BTreeSet::new());
    for record in records {
        let answers: Vec<bool> = match measure.ask {
            Ask::Dataset(asks) => vec![asks(record)],
            Ask::Distribution(asks) => record.distributions.iter().map(asks).collect(),
            Ask::Reached(address) => record.distributions.iter().map(|one| address(one).is_some_and(reached)).collect(),
        };
        counted += answers.len() as u64;
        fulfilled += answers.iter().filter(|yes| **yes).count() as u64;
        if answers.contains(&false) {
            losing.insert(record.id.clone());
        }
    }
    let text = |(zh, en): (&str, &str)| Text::new(zh, en);
    Measured { dimension: measure.dimension, title: text(measure.title), help: text(measure.help), most: measure.points, fulfilled, counted, losing: losing.into_iter().collect() }
}
