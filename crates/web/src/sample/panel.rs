//! The invented city's panels.

use data::declare::{Better, PanelKind, Period};

use super::*;

fn panel(id: &str, kind: PanelKind, title: (&str, &str), unit: (&str, &str), rows: Value) -> PanelView {
    let rows: Vec<Vec<Value>> = declared(rows);
    PanelView {
        board: "home".into(),
        figure: None,
        headline: None,
        period: None,
        better: None,
        id: id.into(),
        title: Text::new(title.0, title.1),
        kind,
        unit: Text::new(unit.0, unit.1),
        summary: Text::new("按最近一次归集的标准层计算，不含问题数据。", "Computed over the standard layer as last collected, without quarantined rows."),
        sql: format!("SELECT division, count(*) AS n\nFROM standard.{id}\nGROUP BY division"),
        sources: vec!["air_daily".into(), "person".into()],
        columns: (0..rows.first().map(Vec::len).unwrap_or_default()).map(|i| format!("column_{i}")).collect(),
        labels: Default::default(),
        rows,
        as_of: Some(ago(31)),
        error: None,
    }
}

pub(crate) fn home_panels() -> Vec<PanelView> {
    let by_district = |values: [u64; 6]| json!(DISTRICTS.iter().zip(values).map(|(d, v)| json!([d.0, v])).collect::<Vec<_>>());
    let days: Vec<Value> = (1..=24).map(|d| json!([format!("2026-11-{d:02}"), 30.0 + 14.0 * (d as f64 * 0.9).sin() + d as f64 * 0.3])).collect();
    let mut failed = panel("hospital_beds", PanelKind::Bar, ("医院床位使用", "Hospital beds in use"), ("张", "beds"), json!([]));
    failed.error = Some(Text::new("表 standard.hospital 还没有数据，归集后会自动计算。", "The table standard.hospital has no rows yet; it will be computed after collecting."));
    let mut waiting = panel("companies", PanelKind::Figure, ("在册企业", "Registered companies"), ("家", "companies"), json!([]));
    waiting.as_of = None;
    vec![
        panel("population", PanelKind::Map, ("常住人口", "Residents"), ("人", "people"), by_district([62_001, 48_730, 80_112, 51_040, 164_480, 183_900])),
        panel("base_stations", PanelKind::Map, ("5G 基站", "5G base stations"), ("座", "stations"), by_district([1_820, 1_105, 1_660, 1_040, 3_007, 2_220])),
        panel("people", PanelKind::Figure, ("户籍人口", "Registered residents"), ("人", "people"), json!([[1_206_330]])),
        panel("pm25_mean", PanelKind::Figure, ("PM2.5 本月平均", "PM2.5, mean of the month"), ("μg/m³", "μg/m³"), json!([[27.46]])),
        waiting,
        PanelView { figure: Some("good_air".into()), headline: Some(crate::sample_figure::view("good_air", Some(Period::Month)).headline), period: Some(Period::Month), better: Some(Better::Higher), ..panel("good_air", PanelKind::Figure, ("空气优良率", "Good air"), ("%", "%"), json!([[91.5]])) },
        panel("pm25", PanelKind::Line, ("PM2.5 逐日浓度", "PM2.5 by day"), ("μg/m³", "μg/m³"), json!(days)),
        panel("industry", PanelKind::Bar, ("企业数前列的行业", "Industries with most companies"), ("家", "companies"), json!([["批发业", 41_020], ["零售业", 38_410], ["通用设备制造业", 12_873], ["专业技术服务业", 9_002], ["餐饮业", 8_640], ["软件和信息技术服务业", 3_310]])),
        failed,
        panel("calls", PanelKind::Table, ("热线诉求", "Hotline calls"), ("件", "calls"), json!([["噪声扰民", 412, 0.93], ["占道经营", 377, 0.97], ["停车", 301, null]])),
    ]
}

pub(crate) fn district_panels() -> Vec<PanelView> {
    let mut people = panel("d_people", PanelKind::Figure, ("常住人口", "Residents"), ("人", "people"), json!([["330212", 164_480], ["330203", 62_001]]));
    people.columns = vec!["division".into(), "n".into()];
    vec![
        people,
        panel("d_companies", PanelKind::Figure, ("在册企业", "Companies"), ("家", "companies"), json!([["330212", 40_277]])),
        panel("d_schools", PanelKind::Bar, ("各类学校", "Schools by kind"), ("所", "schools"), json!([["330212", "小学", 74], ["330212", "初中", 39], ["330212", "高中", 17], ["330203", "小学", 30]])),
        panel("d_air", PanelKind::Figure, ("空气站", "Air stations"), ("个", "stations"), json!([["330203", 2]])),
    ]
}
