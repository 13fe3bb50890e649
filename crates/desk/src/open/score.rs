//! 自评: how well our own datasets are described, by the European assessment; and the indicators of 中国开放数林 as far as a portal
//! can measure itself.

use data::declare::{OpenTo, Theme};
use kernel::{Moment, Text};
use opendata::score::{Score, score};

use super::portal::view;
use super::OpenStatistics;
use crate::due::promised_micros;
use crate::{Answer, Desk};

/// A dataset is in time while its promise is not overdue by more than a tenth, as everywhere.
const TENTH: i64 = 10;

/// One indicator of 中国开放数林.
#[derive(Clone, Debug)]
pub struct Indicator {
    /// 准备度, 平台层, 数据层, 利用层.
    pub layer: Text,
    pub title: Text,
    /// What was measured; `None`: cannot be measured by the portal itself.
    pub value: Option<Text>,
}

/// What the portal says of itself.
#[derive(Clone, Debug)]
pub struct SelfScore {
    pub score: Score,
    /// How many datasets were measured.
    pub datasets: u64,
    pub indicators: Vec<Indicator>,
}

/// What indicators are reckoned from.
struct Counted {
    datasets: u64,
    late: u64,
    restricted: u64,
    placed: u64,
    themes: u64,
    departments: u64,
    all_departments: u64,
    formats: u64,
}

impl Desk {
    /// Everybody: how well what is open is described. `origin`: where the reader reached us.
    pub async fn open_score(&self, origin: &str, now: Moment) -> Answer<SelfScore> {
        let (live, city) = (self.live(now).await?, self.city());
        let (site, records) = self.open_records(origin, now).await?;
        let address = format!("{}/", site.address);
        let views: Vec<_> = live.iter().filter_map(|(id, one)| view(&city, id, one)).collect();
        let late = |updated: Moment, promised: i64| now.0 - updated.0 > promised + promised / TENTH;
        let statistics = self.open_statistics(now).await?;
        let counted = Counted {
            datasets: views.len() as u64,
            late: views.iter().filter(|view| promised_micros(view.period).is_some_and(|promised| late(view.updated, promised))).count() as u64,
            restricted: views.iter().filter(|view| view.to == OpenTo::Applicants).count() as u64,
            placed: views.iter().filter(|view| view.position.is_some()).count() as u64,
            themes: statistics.themes.len() as u64,
            departments: statistics.departments.len() as u64,
            all_departments: city.departments.len() as u64,
            formats: super::OpenForm::for_dataset(true).count() as u64,
        };
        // What the portal serves itself answers: whoever reads this has just been answered. Other addresses are not called.
        let score = score(&records, |url| url.starts_with(&address));
        Ok(SelfScore { score, datasets: records.len() as u64, indicators: indicators(&counted, &statistics) })
    }
}

fn indicators(counted: &Counted, told: &OpenStatistics) -> Vec<Indicator> {
    let layer = |n: usize| match n {
        0 => Text::new("准备度", "Readiness"),
        1 => Text::new("平台层", "Platform"),
        2 => Text::new("数据层", "Data"),
        _ => Text::new("利用层", "Use"),
    };
    let one = |n, zh: &str, en: &str, value: Option<Text>| Indicator { layer: layer(n), title: Text::new(zh, en), value };
    let Counted { datasets, late, restricted, placed, themes, departments, all_departments, formats } = counted;
    let (totals, all_themes) = (&told.totals, Theme::ALL.len());
    let (said, answered) = told.voices.iter().filter(|one| one.kind.days().is_some()).fold((0, 0), |(said, answered), one| (said + one.total, answered + one.answered));
    vec![
        one(0, "法规政策", "Law and policy", None),
        one(0, "标准规范", "Standards and rules", None),
        one(0, "组织与领导", "Organisation and leadership", None),
        one(1, "平台关系", "Ties to other platforms", Some(Text::new("DCAT-AP 目录、站点地图和变更流，供上级平台采集", "A DCAT-AP catalogue, a sitemap and a feed of changes for other platforms"))),
        one(1, "发现预览", "Finding and preview", Some(Text::new(format!("全部 {datasets} 个数据集可搜索，{placed} 个可在地图上查看"), format!("All {datasets} datasets are searched, {placed} stand on a map")))),
        one(1, "数据获取", "Having the data", Some(Text::new(format!("最多 {formats} 种文件格式，另有查询接口，均无需登录；受限开放 {restricted} 个"), format!("Up to {formats} file formats and an interface, without login; {restricted} datasets on application")))),
        one(1, "成果提交展示", "Showcase of results", None),
        one(1, "互动反馈", "Feedback", Some(Text::new(format!("应答复的公开意见 {said} 条，已答复 {answered} 条"), format!("{answered} of {said} public questions and requests are answered")))),
        one(1, "用户体验", "Ease of use", None),
        one(2, "数据数量", "How much data", Some(Text::new(format!("{} 个数据集，{} 个数据项，{} 行", totals.datasets, totals.items, totals.rows), format!("{} datasets, {} columns, {} rows", totals.datasets, totals.items, totals.rows)))),
        one(2, "数据质量", "Quality", Some(Text::new(format!("{} 个数据集按承诺的周期更新，{late} 个逾期", datasets - late), format!("{} datasets are as new as promised, {late} are late", datasets - late)))),
        one(2, "数据规范", "Rules kept to", Some(Text::new("见上面的元数据得分：许可、说明、更新周期逐集测量", "See the points above: licence, description and period of each dataset"))),
        one(2, "开放范围", "Coverage", Some(Text::new(format!("{themes}/{all_themes} 个主题，{departments}/{all_departments} 个部门"), format!("{themes} of {all_themes} themes, {departments} of {all_departments} departments")))),
        one(3, "利用促进", "Encouraging use", None),
        one(3, "利用多样性", "Variety of use", None),
        one(3, "有效成果数量", "Number of results", None),
        one(3, "成果质量", "Quality of results", None),
        // No indicator of theirs, and what a portal knows of its use.
        one(3, "使用量（补充）", "Use, besides", Some(Text::new(format!("浏览 {}，下载 {}，接口调用 {}", totals.used.views, totals.used.downloads, totals.used.calls), format!("{} views, {} downloads, {} calls", totals.used.views, totals.used.downloads, totals.used.calls)))),
    ]
}
