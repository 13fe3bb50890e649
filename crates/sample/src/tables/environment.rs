//! Air, water, permits, storm drains, rivers, weather.

use crate::calendar::DateForm;
use data::declare::UpdatePeriod::{Continuous, Daily, Irregular, Monthly, Quarterly};

use crate::row::Row;
use crate::spec::{table, Column, Delivery, Rows, Table};
use crate::stock::*;

const STATIONS: u64 = 40;
/// Boxes at nodes of the industrial park's storm drains.
const BOXES: u64 = 38;

pub fn tables() -> Vec<Table> {
    let mut all = air();
    all.extend(water());
    all.extend(permits());
    all.extend(weather());
    all
}

/// The day's air: one number from which pollutants, index and level follow.
fn air_index(row: &Row) -> i64 {
    let mut chance = row.shared(0xA1);
    let base = chance.unit() * chance.unit();
    (22.0 + base * 150.0) as i64
}

fn pollutant(names: Names, share: f64, places: usize) -> Column {
    col(names, "concentration", move |row, out| {
        let index = air_index(row) as f64;
        decimal(out, index * share * (0.85 + row.rng.unit() * 0.3), places);
    })
    .gaps(0.012)
}

fn index_column(source: &'static str) -> Column {
    col(["aqi", source, "空气质量指数", "Air quality index"], "aqi", |row, out| push(out, air_index(row))).gaps(0.008)
}

fn air() -> Vec<Table> {
    vec![
        table("air_quality", "air_stations", ["空气质量监测站点", "Air stations"], [
            "每行是一个空气质量自动监测站。",
            "One row is one automatic air station.",
        ])
        .topic("生态环保").l1().words(&["空气", "站点"]).office("生态环境监测中心").every(Quarterly).bom().clean().rows(Rows::Fixed(STATIONS)).span(4_000)
        .columns(vec![
            serial(["station_no", "站点编号", "站点编号", "Station"], "KQ"),
            named(["station_name", "站点名称", "站点名称", "Name"], &["三江", "太古", "万里", "环保大楼", "市政府", "水厂"], &["站", "监测点", "国控站"]),
            pick(["control_level", "控制级别", "控制级别", "Controlled by"], &["国控", "省控", "市控", "市控"]),
            address("地址"),
            district_name("区县"),
            longitude("经度"),
            latitude("纬度"),
            on(["built_on", "建成日期", "建成日期", "Built on"], 0, 0),
        ]),
        table("air_quality", "air_hourly", ["空气质量小时值", "Hourly air quality"], [
            "每行是一个站点一小时的六项污染物浓度与指数。",
            "One row is one station's six pollutants and index in one hour.",
        ])
        .topic("生态环保").l1().words(&["空气质量", "AQI", "PM2.5"]).office("生态环境监测中心").every(Continuous).bom().ragged().null(&["—", "NaN"])
        .rows(Rows::Grid { things: STATIONS, steps: 1_000, seconds: 3_600 }).related(&["air_daily", "air_stations"])
        .columns(vec![
            thing(["station_no", "站点编号", "站点编号", "Station"], "KQ"),
            at(["measured_at", "监测时间", "监测时间", "Measured at"]).key(),
            index_column("AQI"),
            pollutant(["pm25", "PM2.5", "细颗粒物", "PM2.5"], 0.55, 1).unit("μg/m³"),
            pollutant(["pm10", "PM10", "可吸入颗粒物", "PM10"], 0.9, 1).unit("μg/m³"),
            pollutant(["so2", "SO2", "二氧化硫", "SO₂"], 0.12, 1).unit("μg/m³"),
            pollutant(["no2", "NO2", "二氧化氮", "NO₂"], 0.5, 1).unit("μg/m³"),
            pollutant(["co", "CO", "一氧化碳", "CO"], 0.011, 3).unit("mg/m³"),
            pollutant(["o3", "O3", "臭氧", "O₃"], 1.1, 1).unit("μg/m³"),
            district_name("区县"),
        ]),
        table("air_quality", "air_daily", ["空气质量日报", "Daily air quality"], [
            "每行是一个区一天的空气质量指数与级别。",
            "One row is one district's air quality on one day.",
        ])
        .topic("生态环保").l1().words(&["空气质量", "AQI"]).office("生态环境监测中心").every(Daily).bom().titled().dates(DateForm::Mixed).null(&["—"])
        .rows(Rows::Grid { things: 10, steps: 730, seconds: 86_400 })
        .columns(vec![
            on(["day", "日期", "日期", "Day"], 0, 0).key(),
            district_name("区县").key(),
            index_column("AQI"),
            col(["level", "级别", "空气质量级别", "Level"], "air_level", |row, out| {
                let index = air_index(row);
                let level = [50, 100, 150, 200, 300].iter().filter(|bound| index > **bound).count();
                push(out, level as i64 + 1);
            }),
            pick(["main_pollutant", "首要污染物", "首要污染物", "Main pollutant"], &["细颗粒物", "臭氧", "可吸入颗粒物", "二氧化氮"]).gaps(0.35),
            pollutant(["pm25", "PM2.5", "细颗粒物", "PM2.5"], 0.55, 0).unit("μg/m³"),
            pollutant(["o3", "O3-8h", "臭氧八小时", "O₃, 8 hours"], 1.0, 0).unit("μg/m³"),
        ]),
    ]
}

fn water() -> Vec<Table> {
    vec![
        table("water_quality", "water_sections", ["地表水监测断面", "Water sections"], [
            "每行是一个地表水监测断面。",
            "One row is one section where surface water is measured.",
        ])
        .topic("生态环保").l1().words(&["水质", "断面"]).office("水生态环境处").every(Quarterly).gbk().clean().rows(Rows::Fixed(120))
        .columns(vec![
            serial(["section_no", "DMBH", "断面编号", "Section"], "DM"),
            named(["section_name", "DMMC", "断面名称", "Name"], &["姚江", "奉化江", "甬江", "三江口", "东钱湖", "四明湖"], &["大闸", "入口", "桥", "断面"]),
            pick(["river", "SSHL", "所属河流", "River"], &["姚江", "奉化江", "甬江", "平原河网", "水库"]),
            coded(["target", "SZMB", "水质目标", "Target class"], "water_grade"),
            district("XZQH"),
            longitude("JD"),
            latitude("WD"),
        ]),
        table("water_quality", "water_readings", ["地表水水质监测", "Water quality"], [
            "每行是一个断面一次四小时的自动监测结果。",
            "One row is one section's automatic readings over four hours.",
        ])
        .topic("生态环保").l1().words(&["水质"]).office("水生态环境处").every(Daily).gbk().null(&["-", "未检出"]).dates(DateForm::Slash)
        .rows(Rows::Grid { things: 120, steps: 300, seconds: 14_400 })
        .columns(vec![
            thing(["section_no", "DMBH", "断面编号", "Section"], "DM"),
            at(["measured_at", "JCSJ", "监测时间", "Measured at"]).key(),
            col(["ph", "PH", "pH值", "pH"], "ph", |row, out| decimal(out, 6.6 + row.rng.unit() * 2.0, 2)),
            num(["oxygen", "RJY", "溶解氧", "Dissolved oxygen"], 2.5, 11.0, 2).unit("mg/L").gaps(0.01),
            num(["permanganate", "GMSY", "高锰酸盐指数", "Permanganate index"], 1.2, 9.0, 1).unit("mg/L"),
            num(["ammonia", "AD", "氨氮", "Ammonia nitrogen"], 0.02, 1.9, 3).unit("mg/L").gaps(0.01),
            num(["phosphorus", "ZL", "总磷", "Total phosphorus"], 0.01, 0.35, 3).unit("mg/L"),
            coded(["water_grade", "SZLB", "水质类别", "Class"], "water_grade"),
            district("XZQH"),
        ]),
        table("storm_drains", "drain_boxes", ["雨水管网监测箱", "Drain boxes"], [
            "每行是工业园区雨水管网节点上的一个监测箱。",
            "One row is one box at a node of an industrial park's storm drains.",
        ])
        .topic("生态环保").words(&["水污染溯源", "5G"]).office("环境执法队").every(Quarterly).ndjson().clean().rows(Rows::Fixed(BOXES)).span(900)
        .columns(vec![
            serial(["box_no", "boxId", "监测箱编号", "Box"], "XZ"),
            pick(["node", "nodeName", "管网节点", "Node"], &["主干上游", "主干中游", "主干下游", "支管东", "支管西", "总排口"]),
            longitude("lng"),
            latitude("lat"),
            num(["depth", "depthM", "管底深度", "Depth"], 1.1, 4.6, 2).unit("m"),
            on(["installed_on", "installDate", "安装日期", "Installed on"], 0, 0),
            col(["ipv6", "ipv6", "IPv6地址", "IPv6 address"], "ipv6_address", |row, out| {
                out.push_str("2001:db8:38::");
                push(out, row.index as i64 + 1);
            }),
        ]),
        table("storm_drains", "drain_readings", ["雨水管网监测数据", "Drain readings"], [
            "每行是一个监测箱十分钟的水质读数，用于污染溯源。",
            "One row is one box's reading over ten minutes, for tracing pollution.",
        ])
        .topic("生态环保").words(&["水污染溯源", "监测"]).office("环境执法队").every(Continuous).ndjson().null(&["NaN"])
        .rows(Rows::Grid { things: BOXES, steps: 1_200, seconds: 600 }).related(&["drain_boxes"])
        .columns(vec![
            thing(["box_no", "boxId", "监测箱编号", "Box"], "XZ"),
            at(["measured_at", "ts", "监测时间", "Measured at"]).key(),
            num(["conductivity", "cond", "电导率", "Conductivity"], 180.0, 2_600.0, 1).unit("μS/cm"),
            num(["cod", "cod", "化学需氧量", "COD"], 6.0, 220.0, 1).unit("mg/L").gaps(0.006),
            col(["ph", "ph", "pH值", "pH"], "ph", |row, out| decimal(out, 5.8 + row.rng.unit() * 3.2, 2)),
            num(["level", "levelM", "水位", "Level"], 0.0, 2.2, 3).unit("m"),
            num(["flow", "flow", "流量", "Flow"], 0.0, 160.0, 2).unit("L/s"),
            flag(["alarm", "alarm", "是否报警", "Alarm"], 0.004),
        ]),
        table("storm_drains", "tracing_cases", ["水污染溯源事件", "Pollution traced"], [
            "每行是一次由监测箱触发的溯源。",
            "One row is one tracing set off by a box.",
        ])
        .topic("生态环保").on_request().office("环境执法队").every(Irregular).ndjson().rows(Rows::OfCompanies(400))
        .columns(vec![
            serial(["tracing_no", "caseNo", "溯源编号", "Tracing"], "SY"),
            reference(["box_no", "boxId", "触发监测箱", "Box"], "XZ", BOXES),
            at(["alarmed_at", "alarmTime", "报警时间", "Alarmed at"]).required(),
            at_after(["found_at", "locateTime", "锁定时间", "Found at"], 1, 30).gaps(0.15),
            company_name_as(["suspect", "suspectEnt", "疑似企业", "Suspect"]).business(),
            uscc_as(["suspect_uscc", "suspectUscc", "疑似企业代码", "Suspect's credit code"]),
            pick(["outcome", "outcome", "处置结果", "Outcome"], &["已查实", "已查实", "排除", "调查中"]),
        ]),
    ]
}

fn permits() -> Vec<Table> {
    vec![
        table("pollution_permits", "discharge_permits", ["排污许可证", "Discharge permits"], [
            "每行是一家单位的排污许可或登记，依法公开。",
            "One row is one unit's permit to discharge, public by law.",
        ])
        .base("电子证照").l1().words(&["排污许可"]).office("行政审批处").every(Monthly).by(Delivery::Json).rows(Rows::Companies(0.12)).span(1_700)
        .columns(vec![
            serial(["permit_no", "permitNo", "许可证编号", "Permit"], "PW"),
            company_name("entName"),
            uscc("creditCode"),
            coded(["permit_class", "mgmtClass", "管理类别", "Class"], "permit_class"),
            industry("industryCode"),
            on(["issued_on", "issueDate", "发证日期", "Issued on"], 0, 0),
            on(["valid_until", "validTo", "有效期至", "Valid until"], 1_825, 1_826),
            address("prodAddr"),
            district("countyCode"),
            longitude("lng"),
            latitude("lat"),
        ]),
        table("pollution_permits", "discharge_readings", ["重点排污单位自动监测", "Discharges of key polluters"], [
            "每行是一家重点排污单位一天的自动监测均值。",
            "One row is one key polluter's mean discharge on one day.",
        ])
        .topic("生态环保").l1().words(&["排污", "监测"]).office("环境执法队").every(Daily).by(Delivery::Json).null(&["停产"]).rows(Rows::Grid { things: 180, steps: 100, seconds: 86_400 })
        .columns(vec![
            thing(["outlet_no", "outletNo", "排口编号", "Outlet"], "PK"),
            on(["day", "monDate", "监测日期", "Day"], 0, 0).key(),
            num(["cod", "codAvg", "化学需氧量", "COD"], 8.0, 90.0, 2).unit("mg/L").gaps(0.02),
            num(["ammonia", "nh3n", "氨氮", "Ammonia nitrogen"], 0.05, 8.0, 3).unit("mg/L"),
            num(["flow", "flowT", "排水量", "Flow"], 10.0, 4_000.0, 1).unit("吨"),
            flag(["exceeded", "isOver", "是否超标", "Exceeded"], 0.01),
            district("countyCode"),
        ]),
    ]
}

fn weather() -> Vec<Table> {
    vec![
        table("hydrology", "river_levels", ["河道水位", "River levels"], [
            "每行是一个水文站半小时的水位与雨量。",
            "One row is one gauge's level and rain in half an hour.",
        ])
        .topic("应急维稳").l1().words(&["水位", "雨量", "防汛"]).office("水文水资源处").every(Continuous).tabbed().null(&["--"])
        .rows(Rows::Grid { things: 130, steps: 280, seconds: 1_800 })
        .columns(vec![
            thing(["gauge_no", "STCD", "测站编码", "Gauge"], "SW"),
            at(["measured_at", "TM", "时间", "Measured at"]).key(),
            num(["level", "Z", "水位", "Level"], 0.6, 5.4, 2).unit("m"),
            num(["rain", "DRP", "时段雨量", "Rain"], 0.0, 32.0, 1).unit("mm").gaps(0.05),
            num(["warning_level", "WRZ", "警戒水位", "Warning level"], 3.2, 4.4, 2).unit("m"),
            district("ADDVCD"),
        ]),
        table("hydrology", "reservoirs", ["水库基本信息", "Reservoirs"], [
            "每行是一座水库。",
            "One row is one reservoir.",
        ])
        .base("自然资源和空间地理").l1().words(&["水库"]).office("运行管理处").every(Quarterly).tabbed().clean().rows(Rows::Fixed(400)).span(20_000)
        .columns(vec![
            serial(["reservoir_no", "RSCD", "水库编码", "Reservoir"], "SK"),
            named(["reservoir_name", "RSNM", "水库名称", "Name"], &["白溪", "横山", "周公宅", "亭下", "皎口", "梅溪", "龙潭"], &["水库", "山塘"]),
            num(["capacity", "TTCP", "总库容", "Capacity"], 10.0, 16_800.0, 1).unit("万m³"),
            num(["flood_limit", "FSLTDZ", "汛限水位", "Flood limit"], 20.0, 190.0, 2).unit("m"),
            district("ADDVCD"),
            longitude("LGTD"),
            latitude("LTTD"),
        ]),
        table("weather", "weather_hourly", ["自动气象站小时值", "Hourly weather"], [
            "每行是一个自动气象站一小时的要素。",
            "One row is one automatic station's weather in one hour.",
        ])
        .topic("应急维稳").l1().words(&["气象", "温度"]).office("气象台").every(Continuous).ndjson().null(&["999999"]).rows(Rows::Grid { things: 180, steps: 200, seconds: 3_600 })
        .columns(vec![
            thing(["station_no", "stationId", "站号", "Station"], "QX"),
            at(["measured_at", "obsTime", "观测时间", "Measured at"]).key(),
            col(["temperature", "TEM", "气温", "Temperature"], "temperature", |row, out| decimal(out, 4.0 + row.rng.unit() * 28.0, 1)).unit("℃"),
            num(["humidity", "RHU", "相对湿度", "Humidity"], 30.0, 100.0, 0).unit("%"),
            num(["rain", "PRE_1h", "小时降水", "Rain"], 0.0, 22.0, 1).unit("mm").gaps(0.02),
            num(["wind", "WIN_S", "风速", "Wind"], 0.0, 19.0, 1).unit("m/s"),
            num(["pressure", "PRS", "气压", "Pressure"], 990.0, 1_035.0, 1).unit("hPa"),
            district("areaCode"),
        ]),
        table("weather", "warnings", ["气象预警信号", "Weather warnings"], [
            "每行是一条发布的气象预警信号。",
            "One row is one weather warning issued.",
        ])
        .topic("应急维稳").l1().words(&["预警", "台风"]).office("预警信息发布中心").every(Irregular).by(Delivery::Nested("signals")).rows(Rows::AtMost(1_600)).span(700)
        .columns(vec![
            col(["district", "^.area", "发布区域", "District"], "district", |row, out| out.push_str(row.district().code)).required(),
            serial(["warning_no", "id", "预警编号", "Warning"], "YJ"),
            pick(["kind", "type", "预警种类", "Kind"], &["台风", "暴雨", "高温", "大风", "大雾", "寒潮", "雷电"]),
            coded(["warning_level", "level", "预警级别", "Level"], "warning_level"),
            at(["issued_at", "issueTime", "发布时间", "Issued at"]).required(),
            at_after(["lifted_at", "liftTime", "解除时间", "Lifted at"], 3, 60).gaps(0.05),
        ]),
        table("weather", "weather_daily", ["分区天气日值", "Daily weather"], [
            "每行是一个区一天的天气。",
            "One row is one district's weather on one day.",
        ])
        .topic("应急维稳").l1().words(&["气象"]).office("气象台").every(Daily).by(Delivery::Json).rows(Rows::Grid { things: 10, steps: 730, seconds: 86_400 }).clean()
        .columns(vec![
            on(["day", "date", "日期", "Day"], 0, 0).key(),
            district("area").key(),
            col(["high", "tmax", "最高气温", "High"], "temperature", |row, out| decimal(out, 12.0 + row.rng.unit() * 24.0, 1)).unit("℃"),
            col(["low", "tmin", "最低气温", "Low"], "temperature", |row, out| decimal(out, row.rng.unit() * 22.0, 1)).unit("℃"),
            num(["rain", "rain24h", "日降水", "Rain"], 0.0, 80.0, 1).unit("mm"),
            pick(["sky", "weather", "天气", "Sky"], &["晴", "多云", "阴", "小雨", "中雨", "雷阵雨"]),
        ]),
    ]
}
