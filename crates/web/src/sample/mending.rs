//! The invented city's schedule, and a refused row of it that is being mended.

use desk::correct::{Repair, RepairField, RowPlace};
use desk::schedule::{Pause, Scheduled, SystemSchedule, Waits};

use super::*;

pub(crate) fn schedule() -> Vec<SystemSchedule> {
    let resource = |id: &str, waits, cron: Option<&str>| Scheduled {
        resource: id.into(),
        title: Text::new("城市空气质量日报", "Daily air quality"),
        cron: cron.map(str::to_owned),
        period: data::declare::UpdatePeriod::Daily,
        jitter_minutes: 10,
        last_started: Some(ago(600)),
        last_success: Some(ago(590)),
        failed: matches!(waits, Waits::Until(_)),
        waits,
        today: vec![150, 870],
    };
    let later = ago(-120);
    let all = [Waits::Due, Waits::Running, Waits::Until(later), Waits::Blackout(later), Waits::Paused, Waits::Pushed, Waits::Asked];
    let system = |id: &str, pause| SystemSchedule {
        system: id.into(),
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
