//! The invented city's schedule, and a refused row of it that is being mended.

use desk::correct::{Repair, RepairField, RowPlace};
use desk::corrections::{ChangedField, CorrectedView, CorrectionDetail, CorrectionView};
use desk::schedule::{Pause, Scheduled, SystemSchedule, Waits};

use super::*;

pub(crate) fn schedule() -> Vec<SystemSchedule> {
    let resource = |id: &str, waits, cron: Option<&str>| Scheduled {
        resource: id.into(),
        title: Text::new("城市空气质量日报", "Daily air quality"),
        cron: cron.map(str::to_owned),
        days: data::declare::RunDays::Workdays,
        period: data::declare::UpdatePeriod::Daily,
        jitter_minutes: 10,
        last_started: Some(ago(600)),
        last_success: Some(ago(590)),
        failed: matches!(waits, Waits::Until(_)),
        waits,
        today: vec![150, 870],
    };
    let later = ago(-120);
    let all = [Waits::Due, Waits::Running, Waits::Until(later), Waits::Blackout(later), Waits::Paused, Waits::Pushed, Waits::Called, Waits::Asked];
    let system = |id: &str, pause| SystemSchedule {
        system: id.into(),
        department: "ecology".into(),
        title: Text::new("空气质量监测系统", "Air quality monitoring"),
        pause,
        blackout: vec!["mon-fri 08:30-17:30".into()],
        blackout_today: vec![(510, 1050)],
        resources: all.iter().map(|waits| resource("air_daily", *waits, Some("30 2 * * *"))).chain([resource("air_daily", Waits::Due, None)]).collect(),
    };
    let pause = Pause { by: "陈".into(), since: ago(30), reason: "来源系统升级".into() };
    vec![system("air", None), system("water", Some(pause))]
}

pub(crate) fn repair() -> Repair {
    let field = |name: &str, title: &str, value: Option<&str>, faults: Vec<Fault>| RepairField {
        name: name.into(),
        title: Text::new(title, name),
        value: value.map(str::to_owned),
        standard: "text".into(),
        required: name == "aqi",
        key: name == "station",
        faults,
    };
    let fault = Fault { code: "integer.form".into(), item: "aqi".into(), found: "一百".into(), message: Text::new("不是整数", "not a whole number") };
    let whole = Fault { item: String::new(), ..fault.clone() };
    Repair {
        resource: resource(),
        place: RowPlace { batch: 3, row: 17 },
        fields: vec![field("station", "监测站", Some("海曙"), vec![]), field("aqi", "AQI", Some("一百"), vec![fault]), field("note", "备注", None, vec![])],
        faults: vec![whole],
        file: "daily-2026.csv".into(),
        line: 18,
        text: "海曙,一百,".into(),
        time: ago(44),
    }
}

/// Corrections of two rows, of which so many were taken back.
pub(crate) fn correction(undone: u64) -> CorrectionDetail {
    let row = |row: u64, state: (bool, bool)| CorrectedView {
        place: RowPlace { batch: 3, row },
        changes: vec![
            ChangedField { name: "aqi".into(), title: Text::new("AQI", "AQI"), before: Some("一百<b>".into()), after: Some("100".into()) },
            ChangedField { name: "note".into(), title: Text::new("备注", "Note"), before: None, after: Some("经核实".into()) },
        ],
        key: if row == 17 { vec!["海曙".into(), "2026-11-23".into()] } else { Vec::new() },
        confirmed: state.0.then(|| ago(20)),
        gave_way: None,
        undone: state.1.then(|| ago(10)),
    };
    CorrectionDetail {
        correction: CorrectionView {
            id: "019c".into(),
            resource: "air_daily".into(),
            resource_title: Text::new("城市空气质量日报", "Daily air quality"),
            who: "chen".into(),
            reason: "经<监测站>核实".into(),
            origin: "bulk".into(),
            edits: false,
            time: ago(44),
            rows: 2,
            undone,
        },
        rows: vec![row(17, (false, undone > 0)), row(18, (true, undone > 1))],
        undoings: (0..undone).map(|n| ("li".to_owned(), ago(10 + n as i64))).collect(),
    }
}

pub(crate) fn corrections() -> Vec<CorrectionView> {
    [correction(0), correction(1), correction(2), edits()].map(|detail| detail.correction).to_vec()
}

/// A row that has landed, for editing.
pub(crate) fn edit() -> desk::edit::EditForm {
    let Repair { resource, fields, .. } = repair();
    let fields = fields.into_iter().map(|field| RepairField { faults: Vec::new(), ..field }).collect();
    desk::edit::EditForm { resource, row: format!("{:032x}", 7), fields, fixed: vec!["station".into()], file: "daily-2026.csv".into(), line: 18, batch: 3 }
}

/// An edit of two rows, one of which has given way.
pub(crate) fn edits() -> CorrectionDetail {
    let mut detail = correction(0);
    detail.correction.edits = true;
    detail.rows.iter_mut().for_each(|row| (row.place.batch, row.gave_way, row.confirmed) = (0, (row.place.row > 17).then(|| ago(5)), None));
    detail
}
