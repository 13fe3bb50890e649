//! The invented city's models, for drawing their pages in tests and previews.

use data::declare::{Grade, ModelMode};
use data::{Diagnostic, Severity};
use desk::model::{Asked, Boarded, Counted, LineageView, ModelColumnView, ModelDetail, ModelRunView, ModelState, ModelView, Step, Tie};
use desk::port::{How, Layer, Source, TableName};
use kernel::Text;

use crate::sample::ago;

fn source(layer: Layer, table: &str, column: &str) -> Source {
    Source {
        table: TableName { layer, name: table.into() },
        column: column.into(),
    }
}

fn run(state: &str, minutes: i64) -> ModelRunView {
    let failed = state == "failed";
    ModelRunView {
        id: format!("019e-{minutes}"),
        model: "topic.air_by_month".into(),
        trigger: "collection".into(),
        state: state.into(),
        started: ago(minutes),
        ended: (state != "running").then(|| ago(minutes - 1)),
        given: if failed { 0 } else { 120 },
        rows: if failed { 0 } else { 12_345 },
        added: state == "done" && minutes > 100,
        error: failed.then(|| {
            Text::new(
                "结果超过 10000000 行的上限，已停止。",
                "The result goes past the limit of 10000000 rows.",
            )
        }),
    }
}

pub(crate) fn model(id: &str, reads: &[&str], state: ModelState) -> ModelView {
    let failed = state == ModelState::Failed;
    ModelView {
        id: id.into(),
        title: Text::new("空气质量<逐月>及其他很长很长的名称", "Air quality by <month>"),
        summary: Text::new("每行是一个区县一个月。", "A row for each district & month."),
        department: Text::new("生态环境局", "Ecology"),
        layer: "topic",
        mode: ModelMode::Incremental,
        cron: failed.then(|| "0 6 * * *".into()),
        days: data::declare::RunDays::Workdays,
        newest: (state != ModelState::Never).then(|| run(if failed { "failed" } else { "done" }, 30)),
        last_good: (state != ModelState::Never).then(|| run("done", 200)),
        state,
        reads: reads.iter().map(|read| (*read).to_owned()).collect(),
        grade: Grade::L2,
    }
}

pub(crate) fn models() -> Vec<ModelView> {
    vec![
        model("master.legal", &["standard.air_daily", "standard.companies"], ModelState::Fresh),
        model("topic.air_by_month", &["standard.air_daily", "master.legal"], ModelState::Failed),
        model(
            "topic.after",
            &["topic.air_by_month"],
            ModelState::Blocked("topic.air_by_month".into()),
        ),
        model(
            "topic.waiting",
            &["standard.none"],
            ModelState::Waiting(vec!["standard.none".into()]),
        ),
        model("topic.running", &["master.legal"], ModelState::Running),
        model("topic.never", &["master.legal"], ModelState::Never),
        model("topic.changed", &["topic.never"], ModelState::Changed),
        model("topic.broken", &[], ModelState::Broken),
    ]
}

pub(crate) fn detail(state: ModelState) -> ModelDetail {
    let broken = state == ModelState::Broken;
    let column = |name: &str, value: Vec<(Source, How)>| ModelColumnView {
        name: name.into(),
        title: Text::new("平均指数", "Mean index"),
        unit: "μg/m³".into(),
        kind: "Float64".into(),
        grade: Grade::L3,
        rows: if value.is_empty() {
            vec![source(Layer::Standard, "air_daily", "level")]
        } else {
            Vec::new()
        },
        value,
    };
    let mistake = Diagnostic {
        severity: Severity::Error,
        file: "models/topic/air_by_month.sql".into(),
        line: 7,
        column: 8,
        excerpt: "SELECT aqqi FROM air_daily WHERE a < 3".into(),
        length: 4,
        message: Text::new("没有列 `aqqi`", "there is no column `aqqi`"),
        help: None,
        suggestion: Some("aqi".into()),
    };
    ModelDetail {
        view: model("topic.air_by_month", &["standard.air_daily"], state),
        sql: "SELECT district, avg(aqi) AS mean\nFROM air_daily WHERE aqi < 500".into(),
        path: "models/topic/air_by_month.sql".into(),
        key: vec!["district".into(), "month".into()],
        cursor: Some("month".into()),
        columns: match broken {
            true => Vec::new(),
            false => vec![
                column(
                    "mean",
                    vec![
                        (source(Layer::Standard, "air_daily", "aqi"), How::Folded),
                        (source(Layer::Master, "legal", "x"), How::Copied),
                    ],
                ),
                column("days", Vec::new()),
            ],
        },
        rows: if broken {
            Vec::new()
        } else {
            vec![source(Layer::Standard, "air_daily", "district")]
        },
        feeds: if broken { Vec::new() } else { vec!["topic.after".into()] },
        figures: vec![("good_air".into(), Text::new("空气<优良>率", "Good air"))],
        boards: if broken { Vec::new() } else { vec!["home".into()] },
        runs: if broken {
            Vec::new()
        } else {
            vec![run("running", 1), run("failed", 30), run("done", 200), run("interrupted", 900)]
        },
        runs_total: if broken { 0 } else { 45 },
        mistakes: if broken { vec![mistake] } else { Vec::new() },
    }
}

pub(crate) fn steps() -> Vec<Step> {
    let step = |depth, table: &str, tie, again| Step {
        depth,
        source: source(Layer::Topic, table, "mean<b>"),
        title: Text::new("平均<指数>", "Mean <index>"),
        grade: Grade::L2,
        tie,
        lowered: vec![data::mask::Declassifier::Aggregate { function: "avg".into(), least: 5 }],
        again,
    };
    vec![
        step(1, "a", Tie::Value(How::Copied), false),
        step(2, "b", Tie::Value(How::Computed), false),
        step(12, "c", Tie::Value(How::Folded), true),
        step(1, "d", Tie::Rows, false),
        Step {
            source: source(Layer::Topic, "e", desk::model::WHOLE),
            ..step(1, "e", Tie::Rows, false)
        },
    ]
}

pub(crate) fn lineage(any: bool) -> LineageView {
    let steps = steps();
    let boarded = Boarded {
        board: "home".into(),
        board_title: Text::new("总览", "Overview"),
        panel_title: Text::new("空气", "Air"),
        tie: Tie::Rows,
    };
    LineageView {
        asked: Asked {
            source: source(Layer::Standard, "air_daily", "aqi"),
            title: Text::new("空气质量指数", "Index"),
            table_title: Text::new("空气质量日报", "Daily air quality"),
            grade: Grade::L1,
            field: any.then(|| ("air".to_owned(), Text::new("空气质量监测", "Air"), "AQI".to_owned())),
        },
        up: if any { steps.clone() } else { Vec::new() },
        down: if any { steps } else { Vec::new() },
        boards: if any { vec![boarded] } else { Vec::new() },
        figures: if any { vec![Counted { figure: "good_air".into(), title: Text::new("空气<优良>率", "Good <air>"), tie: Tie::Rows }] } else { Vec::new() },
        departments: if any {
            vec![("ecology".into(), Text::new("生态环境局", "Ecology"))]
        } else {
            Vec::new()
        },
        models: if any {
            vec![("topic.a".into(), Text::new("甲", "A"))]
        } else {
            Vec::new()
        },
        touched: if any { 17 } else { 0 },
        cut: any,
    }
}
