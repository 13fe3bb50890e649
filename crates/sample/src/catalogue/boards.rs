//! The boards of the sample city: SQL over the standard layer, and what each figure is and is not.

use data::declare::PanelKind::{self, Bar, Figure, Line, Map, Table};

/// Id, kind, title, English title, unit, English unit, SQL, what it is.
pub type Panel = (&'static str, PanelKind, [&'static str; 2], [&'static str; 2], &'static str, [&'static str; 2]);

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
    ("residents", Figure, ["户籍人口", "Registered residents"], ["人", "persons"],
        "SELECT count(*) FROM standard.hukou_persons",
        ["示例户籍人员记录数，不含流动人口。", "Records of registered residents in the sample; without incomers."]),
    ("companies", Figure, ["存续企业", "Active companies"], ["家", "companies"],
        "SELECT count(*) FROM standard.companies WHERE status = '1'",
        ["登记状态为存续的企业。", "Companies whose registration is active."]),
    ("calls", Figure, ["热线诉求", "Hotline calls"], ["件", "calls"],
        "SELECT count(*) FROM standard.hotline_calls",
        ["近一年 12345 热线诉求，不含作废与退回前的重复登记。", "Calls to 12345 in the last year."]),
    ("aqi", Figure, ["最近一日空气质量指数", "Air quality, latest day"], ["", ""],
        "SELECT round(avg(aqi), 0) FROM standard.air_daily WHERE day = (SELECT max(day) FROM standard.air_daily)",
        ["最近一日十个区县指数的平均数。", "Mean of the ten districts' index on the latest day."]),
    ("residents_map", Map, ["各区县户籍人口", "Residents by district"], ["人", "persons"],
        "SELECT district, count(*) AS value FROM standard.hukou_persons GROUP BY district ORDER BY district",
        ["按户籍所属区县统计。", "By the district of registration."]),
    ("companies_map", Map, ["各区县企业数", "Companies by district"], ["家", "companies"],
        "SELECT district, count(*) AS value FROM standard.companies GROUP BY district ORDER BY district",
        ["按登记住所所属区县统计。", "By the district of the registered seat."]),
    ("calls_map", Map, ["各区县热线诉求", "Hotline calls by district"], ["件", "calls"],
        "SELECT district, count(*) AS value FROM standard.hotline_calls GROUP BY district ORDER BY district",
        ["按诉求所属区县统计。", "By the district that the call is about."]),
    ("aqi_map", Map, ["各区县空气质量", "Air quality by district"], ["", ""],
        "SELECT district, round(avg(aqi), 1) AS value FROM standard.air_daily WHERE day >= (SELECT max(day) FROM standard.air_daily) - INTERVAL '30 days' GROUP BY district ORDER BY district",
        ["近三十日空气质量指数平均数。", "Mean index over the last thirty days."]),
    ("calls_by_class", Bar, ["热线诉求分类", "Calls by class"], ["件", "calls"],
        "SELECT hotline_class, count(*) AS value FROM standard.hotline_calls GROUP BY hotline_class ORDER BY value DESC",
        ["诉求分类代码见代码集“热线诉求分类代码”。", "Classes as in the code list of hotline classes."]),
    ("calls_by_month", Line, ["热线诉求逐月", "Calls by month"], ["件", "calls"],
        "SELECT to_char(called_at, '%Y-%m') AS label, count(*) AS value FROM standard.hotline_calls GROUP BY 1 ORDER BY 1",
        ["按受理时间（协调世界时）分月；首尾两月不完整。", "By month of the call (UTC); the first and last months are not whole."]),
    ("aqi_by_day", Line, ["全市空气质量逐日", "Air quality by day"], ["", ""],
        "SELECT CAST(day AS VARCHAR) AS label, round(avg(aqi), 1) AS value FROM standard.air_daily WHERE day >= (SELECT max(day) FROM standard.air_daily) - INTERVAL '90 days' GROUP BY day ORDER BY day",
        ["近九十日十个区县指数的平均数。", "Mean of the ten districts' index over the last ninety days."]),
    ("visits_by_kind", Bar, ["就诊人次（按类型）", "Visits by kind"], ["人次", "visits"],
        "SELECT visit_kind, count(*) AS value FROM standard.visits GROUP BY visit_kind ORDER BY value DESC",
        ["全民健康信息平台就诊记录。", "Visits recorded by the health platform."]),
];

const DISTRICT: &[Panel] = &[
    ("residents", Figure, ["户籍人口", "Registered residents"], ["人", "persons"],
        "SELECT district, count(*) AS value FROM standard.hukou_persons GROUP BY district",
        ["示例户籍人员记录数。", "Records of registered residents in the sample."]),
    ("companies", Figure, ["企业", "Companies"], ["家", "companies"],
        "SELECT district, count(*) AS value FROM standard.companies GROUP BY district",
        ["登记住所在本区的企业。", "Companies with their seat in the district."]),
    ("calls", Figure, ["热线诉求", "Hotline calls"], ["件", "calls"],
        "SELECT district, count(*) AS value FROM standard.hotline_calls GROUP BY district",
        ["近一年诉求。", "Calls in the last year."]),
    ("aqi", Figure, ["近三十日空气质量", "Air quality, thirty days"], ["", ""],
        "SELECT district, round(avg(aqi), 1) AS value FROM standard.air_daily WHERE day >= (SELECT max(day) FROM standard.air_daily) - INTERVAL '30 days' GROUP BY district",
        ["空气质量指数平均数。", "Mean index."]),
    ("calls_by_class", Bar, ["热线诉求分类", "Calls by class"], ["件", "calls"],
        "SELECT district, hotline_class, count(*) AS value FROM standard.hotline_calls GROUP BY district, hotline_class ORDER BY district, value DESC",
        ["诉求分类代码见代码集。", "Classes as in the code list."]),
    ("companies_by_type", Bar, ["企业类型", "Companies by type"], ["家", "companies"],
        "SELECT district, enterprise_type, count(*) AS value FROM standard.companies GROUP BY district, enterprise_type ORDER BY district, value DESC",
        ["按登记类型统计。", "By registered type."]),
    ("aqi_by_day", Line, ["空气质量逐日", "Air quality by day"], ["", ""],
        "SELECT district, CAST(day AS VARCHAR) AS label, aqi AS value FROM standard.air_daily WHERE aqi IS NOT NULL AND day >= (SELECT max(day) FROM standard.air_daily) - INTERVAL '60 days' ORDER BY district, day",
        ["近六十日空气质量指数。", "Index over the last sixty days."]),
    ("urban_cases", Bar, ["城市管理案件", "City cases by kind"], ["件", "cases"],
        "SELECT district, case_kind, count(*) AS value FROM standard.urban_cases GROUP BY district, case_kind ORDER BY district, value DESC",
        ["近三百日数字城管立案。", "Cases opened in the last three hundred days."]),
    ("stations", Figure, ["5G 基站", "5G base stations"], ["座", "stations"],
        "SELECT district, count(*) AS value FROM standard.base_stations_5g GROUP BY district",
        ["已开通的 5G 基站。", "5G base stations in service."]),
];

const INDUSTRY: &[Panel] = &[
    ("machines", Figure, ["接入设备", "Machines online"], ["台", "machines"],
        "SELECT count(*) FROM standard.machine_list",
        ["接入工业互联网平台的设备。", "Machines connected to the industrial internet."]),
    ("subsidies", Figure, ["政策兑付金额", "Paid to companies"], ["元", "yuan"],
        "SELECT sum(amount) FROM standard.subsidy_payouts",
        ["近一年对企业的政策兑付合计。", "Policies paid out to companies in the last year."]),
    ("added_value_map", Map, ["工业增加值（最近一月）", "Added value, latest month"], ["亿元", "100m yuan"],
        "SELECT district, sum(added_value) AS value FROM standard.industrial_monthly WHERE month = (SELECT max(month) FROM standard.industrial_monthly) GROUP BY district ORDER BY district",
        ["各区县最近一月工业增加值。", "Each district's added value in the latest month."]),
    ("factories_by_district", Bar, ["规上工业企业", "Larger factories"], ["家", "companies"],
        "SELECT district AS label, count(*) AS value FROM standard.factories GROUP BY district ORDER BY value DESC",
        ["规模以上工业企业数。", "Companies above the size limit."]),
    ("power_by_month", Line, ["工业用电量逐月", "Power by month"], ["万千瓦时", "10 MWh"],
        "SELECT month AS label, sum(power) AS value FROM standard.industrial_monthly GROUP BY month ORDER BY month",
        ["全市工业用电量。", "The city's industrial power."]),
    ("machine_states", Bar, ["设备状态", "Machine states"], ["条", "readings"],
        "SELECT machine_state, count(*) AS value FROM standard.machine_states GROUP BY machine_state ORDER BY value DESC",
        ["设备运行状态记录数。", "Readings by state."]),
    ("top_policies", Table, ["兑付最多的政策", "Policies paid out most"], ["", ""],
        "SELECT p.policy_name AS \"政策\", count(*) AS \"笔数\", sum(s.amount) AS \"金额（元）\" FROM standard.subsidy_payouts s JOIN standard.policy_list p ON p.policy_no = s.policy_no GROUP BY p.policy_name ORDER BY 3 DESC LIMIT 10",
        ["按兑付金额排序的前十类政策。", "The ten kinds of policy with the most money."]),
];
