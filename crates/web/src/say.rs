//! How figures, times and the words of the city are said to one reader: language, time zone, and "now".

use std::borrow::Borrow;

use jiff::tz::{Offset, TimeZone};
use kernel::{Lang, Moment, Text};
use serde_json::Value;

use crate::html::{Html, escape};
use crate::words::{Arg, grouped, say};

/// Speaks to one reader.
#[derive(Clone, Debug)]
pub struct Say {
    pub lang: Lang,
    pub zone: TimeZone,
    pub now: Moment,
}

/// The zone of that IANA name; China's where the machine has no zone files.
pub fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or_else(|_| TimeZone::fixed(Offset::constant(8)))
}

impl Say {
    pub fn t(&self, key: &str) -> String {
        say(self.lang, key, &[])
    }

    pub fn t1(&self, key: &str, a: &(&str, impl Arg)) -> String {
        say(self.lang, key, &[(a.0, &a.1)])
    }

    pub fn t2(&self, key: &str, a: &(&str, impl Arg), b: &(&str, impl Arg)) -> String {
        say(self.lang, key, &[(a.0, &a.1), (b.0, &b.1)])
    }

    pub fn t3(&self, key: &str, a: &(&str, impl Arg), b: &(&str, impl Arg), c: &(&str, impl Arg)) -> String {
        say(self.lang, key, &[(a.0, &a.1), (b.0, &b.1), (c.0, &c.1)])
    }

    /// A declared text in the reader's language.
    pub fn text<'a>(&self, text: &'a Text) -> &'a str {
        text.get(self.lang)
    }

    /// A declared pair of texts in the reader's language.
    pub fn pair<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        if self.lang == Lang::En && !en.is_empty() { en } else { zh }
    }

    pub fn int(&self, n: impl Borrow<u64>) -> String {
        grouped(*n.borrow())
    }

    /// A large figure in the reader's own scale, the exact one in the title and for screen readers.
    pub fn big(&self, n: impl Borrow<u64>) -> Html {
        let n = *n.borrow();
        let (figure, scale) = self.scaled(n as f64);
        if scale.is_empty() {
            return Html(grouped(n));
        }
        Html(format!(
            "<data value=\"{n}\" title=\"{exact}\"><span aria-hidden=\"true\">{figure}<span class=\"scale\">{scale}</span></span><span class=\"vh\">{exact}</span></data>",
            exact = grouped(n),
        ))
    }

    /// The same as plain text: `304.2 万`, `3.04 M`.
    pub fn short(&self, n: impl Borrow<u64>) -> String {
        let (figure, scale) = self.scaled(*n.borrow() as f64);
        if scale.is_empty() { figure } else { format!("{figure} {scale}") }
    }

    fn scaled(&self, n: f64) -> (String, &'static str) {
        let scales: &[(f64, &str)] = match self.lang {
            Lang::Zh => &[(1e8, "亿"), (1e4, "万")],
            Lang::En => &[(1e9, "bn"), (1e6, "M"), (1e4, "k")],
        };
        match scales.iter().find(|(from, _)| n >= *from) {
            Some((from, word)) => {
                let unit = if *word == "k" { 1e3 } else { *from };
                (significant(n / unit), word)
            }
            None => (grouped(n.max(0.0) as u64), ""),
        }
    }

    /// `part` of `whole` in percent, with one decimal below ten.
    pub fn percent(&self, part: impl Borrow<u64>, whole: impl Borrow<u64>) -> String {
        let (part, whole) = (*part.borrow(), *whole.borrow());
        if whole == 0 || part == 0 {
            return "0%".to_owned();
        }
        let value = part as f64 * 100.0 / whole as f64;
        if part == whole {
            "100%".to_owned()
        } else if value < 0.1 {
            "<0.1%".to_owned()
        } else if value >= 99.9 {
            ">99.9%".to_owned()
        } else if value < 10.0 {
            format!("{value:.1}%")
        } else {
            format!("{value:.0}%")
        }
    }

    /// A value that a SELECT answered with, for reading.
    pub fn value(&self, value: &Value) -> String {
        match value {
            Value::Null => "—".to_owned(),
            Value::Bool(true) => self.t("value-yes"),
            Value::Bool(false) => self.t("value-no"),
            Value::Number(n) => n.as_u64().map(grouped).unwrap_or_else(|| decimal(n.as_f64().unwrap_or_default())),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }

    pub fn bytes(&self, n: impl Borrow<u64>) -> String {
        let n = *n.borrow() as f64;
        let (unit, name) = [(1e9, "GB"), (1e6, "MB"), (1e3, "kB")].into_iter().find(|(u, _)| n >= *u).unwrap_or((1.0, "B"));
        if unit == 1.0 { format!("{n:.0} B") } else { format!("{} {name}", significant(n / unit)) }
    }

    /// A moment as people say it: 今天 14:05, 11月23日 09:10, 2025年3月1日. In full in the title.
    pub fn when(&self, moment: impl Borrow<Moment>) -> Html {
        let moment = *moment.borrow();
        Html(format!(
            "<time datetime=\"{}\" title=\"{}\">{}</time>",
            moment.rfc3339(),
            escape(&self.full(moment)),
            escape(&self.near(moment))
        ))
    }

    /// The same where there may be none yet.
    pub fn maybe_when(&self, moment: &Option<Moment>) -> Html {
        match moment {
            Some(moment) => self.when(*moment),
            None => Html(escape(&self.t("time-never"))),
        }
    }

    fn near(&self, moment: Moment) -> String {
        let then = moment.to_jiff().to_zoned(self.zone.clone());
        let now = self.now.to_jiff().to_zoned(self.zone.clone());
        let clock = then.strftime("%H:%M").to_string();
        if then.date() == now.date() {
            return self.t1("time-today", &("clock", clock));
        }
        if now.date().yesterday().is_ok_and(|y| y == then.date()) {
            return self.t1("time-yesterday", &("clock", clock));
        }
        if then.year() == now.year() {
            return format!("{} {clock}", self.month_day(then.date()));
        }
        self.date(then.date())
    }

    /// The same in full, as plain text.
    pub fn moment(&self, moment: Moment) -> String {
        self.full(moment)
    }

    fn full(&self, moment: Moment) -> String {
        let then = moment.to_jiff().to_zoned(self.zone.clone());
        format!("{} {}", self.date(then.date()), then.strftime("%H:%M:%S"))
    }

    fn month_day(&self, date: jiff::civil::Date) -> String {
        match self.lang {
            Lang::Zh => date.strftime("%-m月%-d日").to_string(),
            Lang::En => date.strftime("%-d %b").to_string(),
        }
    }

    fn date(&self, date: jiff::civil::Date) -> String {
        match self.lang {
            Lang::Zh => date.strftime("%Y年%-m月%-d日").to_string(),
            Lang::En => date.strftime("%-d %b %Y").to_string(),
        }
    }

    /// `2026-11-24` as 11月24日; anything else as it is.
    pub fn day(&self, text: &str) -> String {
        text.parse::<jiff::civil::Date>().map(|d| self.month_day(d)).unwrap_or_else(|_| text.to_owned())
    }

    /// `2026-11-24` as 2026年11月24日; anything else as it is.
    pub fn full_day(&self, text: &str) -> String {
        text.parse::<jiff::civil::Date>().map(|d| self.date(d)).unwrap_or_else(|_| text.to_owned())
    }

    /// A value of a table: a moment by the clocks of the city, `2026-11-24 18:00:00`; anything else as it is.
    pub fn cell(&self, text: &str) -> String {
        let stamp = || text.ends_with('Z').then(|| text.parse::<jiff::Timestamp>().ok()).flatten();
        stamp().map_or_else(|| text.to_owned(), |then| then.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string())
    }

    /// How long ago: 3 天前, 2 hours ago.
    pub fn age(&self, moment: impl Borrow<Moment>) -> String {
        let seconds = self.now.seconds_since(*moment.borrow()).max(0) as u64;
        match seconds {
            0..60 => self.t("age-now"),
            60..3_600 => self.t1("age-minutes", &("n", seconds / 60)),
            3_600..172_800 => self.t1("age-hours", &("n", seconds / 3_600)),
            _ => self.t1("age-days", &("n", seconds / 86_400)),
        }
    }

    /// How long something took, or takes.
    pub fn span(&self, seconds: impl Borrow<u64>) -> String {
        match *seconds.borrow() {
            0 => self.t("span-instant"),
            s @ 1..60 => self.t1("span-seconds", &("s", s)),
            s @ 60..3_600 => self.t2("span-minutes", &("m", s / 60), &("s", s % 60)),
            s => self.t2("span-hours", &("h", s / 3_600), &("m", s % 3_600 / 60)),
        }
    }
}

/// Three or four significant digits: 3.04, 30.4, 304.2, 3042.
fn significant(value: f64) -> String {
    let text = match value {
        v if v < 10.0 => format!("{v:.2}"),
        v if v < 1000.0 => format!("{v:.1}"),
        v => return grouped(v.round() as u64),
    };
    let trimmed = text.trim_end_matches('0').trim_end_matches('.');
    trimmed.to_owned()
}

/// A measured number, grouped, with at most two decimals (four below one).
pub fn decimal(value: f64) -> String {
    if !value.is_finite() {
        return "—".to_owned();
    }
    let places = if value.abs() < 1.0 { 4 } else { 2 };
    let text = format!("{:.places$}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let whole = whole.parse::<u64>().map(grouped).unwrap_or_else(|_| whole.to_owned());
    let fraction = fraction.trim_end_matches('0');
    let sign = if value < 0.0 && (whole != "0" || !fraction.is_empty()) { "−" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(lang: Lang) -> Say {
        // 2026-11-24 14:05 in Ningbo.
        Say { lang, zone: zone("Asia/Shanghai"), now: Moment(1_795_500_300_000_000) }
    }

    #[test]
    fn says_figures_in_the_readers_scale() {
        let (zh, en) = (reader(Lang::Zh), reader(Lang::En));
        for (n, chinese, english) in [
            (0, "0", "0"),
            (9_876, "9,876", "9,876"),
            (12_340, "1.23 万", "12.3 k"),
            (3_042_117, "304.2 万", "3.04 M"),
            (10_400_000_000, "104 亿", "10.4 bn"),
        ] {
            assert_eq!(zh.short(n), chinese);
            assert_eq!(en.short(n), english);
        }
        assert!(zh.big(3_042_117).0.contains("3,042,117"));
        assert_eq!((zh.percent(1, 3), zh.percent(1, 100_000), zh.percent(99_999, 100_000)), ("33%".into(), "<0.1%".into(), ">99.9%".into()));
        assert_eq!((decimal(-1234.5), decimal(0.00012), decimal(-0.0)), ("−1,234.5".into(), "0.0001".into(), "0".into()));
        assert_eq!(zh.bytes(1_234_567), "1.23 MB");
    }

    #[test]
    fn says_times_as_people_do_in_the_citys_zone() {
        let said = ["2026-11-19T10:00:00Z", "2026-11-19", "Z", "沪A·T00Z"].map(|text| reader(Lang::Zh).cell(text));
        assert_eq!(said, ["2026-11-19 18:00:00", "2026-11-19", "Z", "沪A·T00Z"]);
        let (zh, en) = (reader(Lang::Zh), reader(Lang::En));
        let hours = |h: i64| Moment(zh.now.0 - h * 3_600_000_000);
        let shown = |say: &Say, m| say.near(m);
        assert_eq!(shown(&zh, zh.now), "今天 14:05");
        assert_eq!(shown(&en, hours(20)), "yesterday 18:05");
        assert_eq!(shown(&zh, hours(24 * 10)), "11月14日 14:05");
        assert_eq!(shown(&zh, hours(24 * 400)), "2025年10月20日");
        assert_eq!(en.age(hours(72)), "3 days ago");
        assert_eq!(zh.span(83), "1 分 23 秒");
        assert_eq!(zh.day("2026-11-03"), "11月3日");
    }
}
