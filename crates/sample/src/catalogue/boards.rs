//! The boards of the sample city: declared figures, and SELECTs of their own where a panel shows something else.

use data::declare::PanelKind::{self, Bar, Figure, Line, Map, Table};

/// What a panel shows.
pub enum Shown {
    /// A SELECT of its own.
    Sql(&'static str),
    /// A declared figure.
    Of(&'static str),
    /// A declared figure, broken down by a column.
    By(&'static str, &'static str),
}
use Shown::{By, Of, Sql};

/// Id, kind, title, English title, unit, English unit, what it shows, what it is. Of a figure, what is empty is the figure's.
pub type Panel = (&'static str, PanelKind, [&'static str; 2], [&'static str; 2], Shown, [&'static str; 2]);

const THEIRS: [&str; 2] = ["", ""];

/// Id, title, English title, grouping, panels.
pub struct Board {
    pub id: &'static str,
    pub title: &'static str,
    pub title_en: &'static str,
    pub by: Option<&'static str>,
    pub panels: &'static [Panel],
}

pub const BOARDS: &[Board] = &[
    Board { id: "home", title: "城市运行总览", title_en: "The city at a glance", by: None, panels: HOME },
    Board { id: "district", title: "区县运行", title_en: "The district", by: Some("division"), panels: DISTRICT },
    Board { id: "industry", title: "产业运行", title_en: "Industry", by: None, panels: INDUSTRY },
];

const HOME: &[Panel] = &[
    ("residents", Figure, THEIRS, THEIRS, Of("residents"), THEIRS),
    ("companies", Figure, THEIRS, THEIRS, Of("companies"), THEIRS),
    ("calls", Figure, THEIRS, THEIRS, Of("hotline_calls"), THEIRS),
    ("done_rate", Figure, THEIRS, THEIRS, Of("hotline_done_rate"), THEIRS),
    ("aqi", Figure, THEIRS, THEIRS, Of("air_quality"), THEIRS),
    ("good_air", Figure, THEIRS, THEIRS, Of("good_air_share"), THEIRS),
    ("residents_map", Map, ["各区县户籍人口", "Residents by district"], THEIRS, By("residents", "district"), THEIRS),
    ("companies_map", Map, ["各区县企业数", "Companies by district"], THEIRS, By("companies", "district"), THEIRS),
    ("calls_map", Map, ["各区县热线诉求", "Hotline calls by district"], THEIRS, By("hotline_calls", "district"), THEIRS),
    ("aqi_map", Map, ["各区县空气质量", "Air quality by district"], THEIRS, By("air_quality", "district"), THEIRS),
    ("calls_by_class", Bar, ["热线诉求分类", "Calls by class"], THEIRS, By("hotline_calls", "hotline_class"), THEIRS),
    ("calls_by_month", Line, ["热线诉求逐月", "Calls by month"], THEIRS, Of("hotline_calls"), THEIRS),
    ("aqi_by_day", Line, ["全市空气质量逐日", "Air quality by day"], ["", ""],
        Sql("SELECT CAST(day AS VARCHAR) AS label, round(avg(aqi), 1) AS value FROM standard.air_daily WHERE day >= (SELECT max(day) FROM standard.air_daily) - INTERVAL '90 days' GROUP BY day ORDER BY day"),
        ["近九十日十个区县指数的平均数。", "Mean of the ten districts' index over the last ninety days."]),
    ("visits_by_kind", Bar, ["就诊人次（按类型）", "Visits by kind"], THEIRS, By("visits", "visit_kind"), THEIRS),
];

const DISTRICT: &[Panel] = &[
    ("residents", Figure, THEIRS, THEIRS, Of("residents"), THEIRS),
    ("companies", Figure, THEIRS, THEIRS, Of("companies"), THEIRS),
    ("calls", Figure, THEIRS, THEIRS, Of("hotline_calls"), THEIRS),
    ("aqi", Figure, THEIRS, THEIRS, Of("air_quality"), THEIRS),
    ("calls_by_class", Bar, ["热线诉求分类", "Calls by class"], THEIRS, By("hotline_calls", "hotline_class"), THEIRS),
    ("companies_by_type", Bar, ["企业类型", "Companies by type"], THEIRS, By("companies", "enterprise_type"), THEIRS),
    ("aqi_by_day", Line, ["空气质量逐日", "Air quality by day"], THEIRS, Of("air_quality"), THEIRS),
    ("urban_cases", Bar, THEIRS, THEIRS, By("urban_cases", "case_kind"), THEIRS),
    ("stations", Figure, THEIRS, THEIRS, Of("base_stations"), THEIRS),
];

const INDUSTRY: &[Panel] = &[
    ("machines", Figure, THEIRS, THEIRS, Of("machines"), THEIRS),
    ("subsidies", Figure, THEIRS, THEIRS, Of("subsidies_paid"), THEIRS),
    ("added_value_map", Map, ["工业增加值（最近一月）", "Added value, latest month"], ["亿元", "100m yuan"],
        Sql("SELECT district, sum(added_value) AS value FROM standard.industrial_monthly WHERE month = (SELECT max(month) FROM standard.industrial_monthly) GROUP BY district ORDER BY district"),
        ["各区县最近一月工业增加值。", "Each district's added value in the latest month."]),
    ("factories_by_district", Bar, ["规上工业企业", "Larger factories"], ["家", "companies"],
        Sql("SELECT district AS label, count(*) AS value FROM standard.factories GROUP BY district ORDER BY value DESC"),
        ["规模以上工业企业数。", "Companies above the size limit."]),
    ("power_by_month", Line, ["工业用电量逐月", "Power by month"], ["万千瓦时", "10 MWh"],
        Sql("SELECT month AS label, sum(power) AS value FROM standard.industrial_monthly GROUP BY month ORDER BY month"),
        ["全市工业用电量。", "The city's industrial power."]),
    ("machine_states", Bar, ["设备状态", "Machine states"], ["条", "readings"],
        Sql("SELECT machine_state, count(*) AS value FROM standard.machine_states GROUP BY machine_state ORDER BY value DESC"),
        ["设备运行状态记录数。", "Readings by state."]),
    ("top_policies", Table, ["兑付最多的政策", "Policies paid out most"], ["", ""],
        Sql("SELECT p.policy_name AS \"政策\", count(*) AS \"笔数\", sum(s.amount) AS \"金额（元）\" FROM standard.subsidy_payouts s JOIN standard.policy_list p ON p.policy_no = s.policy_no GROUP BY p.policy_name ORDER BY 3 DESC LIMIT 10"),
        ["按兑付金额排序的前十类政策。", "The ten kinds of policy with the most money."]),
];
