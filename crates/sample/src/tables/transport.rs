//! Transport: buses, taxis, parking, the port.

use data::declare::UpdatePeriod::{Continuous, Daily, Monthly};

use crate::calendar::digits;
use crate::spec::{table, Answer, Rows, Table};
use crate::stock::*;

const LINES: u64 = 620;
const LOTS: u64 = 860;

pub fn tables() -> Vec<Table> {
    let mut all = streets();
    all.extend(port());
    all
}

fn streets() -> Vec<Table> {
    vec![
        table("bus", "bus_lines", ["公交线路", "Bus lines"], [
            "每行是一条公交线路。",
            "One row is one bus line.",
        ])
        .topic("公共服务").l1().words(&["公交"]).office("公共交通处").every(Monthly).bom().clean().rows(Rows::Fixed(LINES))
        .columns(vec![
            serial(["line_no", "lineNo", "线路编号", "Line"], "GJ"),
            col(["line_name", "lineName", "线路名称", "Name"], "short_text", |row, out| {
                push(out, row.index as i64 + 1);
                out.push('路');
            }),
            int(["stops", "stopNum", "站点数", "Stops"], 8, 56).unit("个"),
            num(["length", "lengthKm", "线路长度", "Length"], 5.0, 62.0, 1).unit("公里"),
            pick(["first_bus", "firstBus", "首班车", "First bus"], &["05:30", "05:50", "06:00", "06:20"]),
            pick(["last_bus", "lastBus", "末班车", "Last bus"], &["18:30", "20:00", "21:00", "22:30"]),
            money(["fare", "fare", "票价", "Fare"], 1.0, 8.0).unit("元"),
            flag(["air_conditioned", "airCon", "是否空调车", "Air-conditioned"], 0.97),
            int(["interval", "intervalMin", "发车间隔", "Interval"], 4, 30).unit("分钟"),
            district("areaCode"),
        ]),
        table("bus", "bus_stops", ["公交站点", "Bus stops"], [
            "每行是一个公交站点及其坐标。",
            "One row is one bus stop with its place.",
        ])
        .topic("公共服务").l1().words(&["公交", "站点"]).office("公共交通处").every(Monthly).tabbed().rows(Rows::AtMost(8_400))
        .columns(vec![
            serial(["stop_no", "stopId", "站点编号", "Stop"], "ZD"),
            named(["stop_name", "stopName", "站点名称", "Name"], &["中山路", "江厦桥", "火车站", "体育馆", "大学园", "菜场", "医院"], &["东", "西", "南", "北", "站"]),
            reference(["line_no", "lineNo", "线路编号", "Line"], "GJ", LINES),
            longitude("lng"),
            latitude("lat"),
            flag(["sheltered", "hasShelter", "有无候车亭", "Sheltered"], 0.7),
            district("areaCode"),
        ]),
        table("bus", "bus_positions", ["公交车实时位置", "Buses on the road"], [
            "每行是一辆公交车一个时刻的位置。",
            "One row is where one bus was at one moment.",
        ])
        .topic("公共服务").l1().words(&["公交", "实时"]).office("公共交通处").every(Continuous).ndjson().rows(Rows::Grid { things: 240, steps: 150, seconds: 30 })
        .columns(vec![
            thing(["bus_no", "busNo", "车辆编号", "Bus"], "BUS"),
            at(["at", "gpsTime", "定位时间", "At"]).key(),
            reference(["line_no", "lineNo", "线路编号", "Line"], "GJ", LINES),
            longitude("lng"),
            latitude("lat"),
            num(["speed", "speed", "速度", "Speed"], 0.0, 62.0, 1).unit("km/h"),
            int(["passengers", "load", "车内人数", "Passengers"], 0, 80).gaps(0.05),
        ]),
        table("taxis", "taxi_trips", ["出租汽车运营记录", "Taxi trips"], [
            "每行是一次出租汽车载客。",
            "One row is one trip of a taxi.",
        ])
        .topic("公共服务").on_request().words(&["出租车"]).office("道路运输处").every(Daily).piped().rows(Rows::Plain(40_000)).span(30)
        .columns(vec![
            serial(["trip_no", "TRIP_ID", "行程编号", "Trip"], "CZ"),
            col(["plate_no", "CPH", "车牌号", "Plate"], "plate_no", |row, out| {
                out.push_str("浙BT");
                digits(out, row.rng.below(4_600) as u32, 4);
            }).required(),
            at(["started_at", "SCSJ", "上车时间", "Started at"]).required(),
            num(["distance", "LC", "里程", "Distance"], 0.8, 46.0, 1).unit("公里"),
            money(["fare", "JE", "金额", "Fare"], 10.0, 180.0).unit("元"),
            longitude("SC_X"),
            latitude("SC_Y"),
            pick(["paid_by", "ZFFS", "支付方式", "Paid by"], &["移动支付", "移动支付", "现金", "甬E通卡"]),
        ]),
        table("taxis", "transport_companies", ["道路运输企业", "Road transport companies"], [
            "每行是一家道路运输经营企业及其许可。",
            "One row is one road transport company with its permit.",
        ])
        .base("电子证照").words(&["运输", "许可"]).office("道路运输处").every(Monthly).piped().rows(Rows::Companies(0.09)).span(1_500)
        .columns(vec![
            serial(["permit_no", "XKZH", "道路运输许可证号", "Permit"], "YS"),
            company_name("YHMC"),
            uscc("XYDM"),
            pick(["scope", "JYFW", "经营范围", "Scope"], &["普通货运", "集装箱运输", "危险货物运输", "旅游客运", "出租客运"]),
            int(["vehicles", "CLS", "车辆数", "Vehicles"], 1, 260).unit("辆"),
            on(["valid_until", "YXQZ", "有效期至", "Valid until"], 300, 1_400),
            district("XZQH"),
        ]),
        table("parking", "parking_lots", ["公共停车场", "Car parks"], [
            "每行是一个公共停车场。",
            "One row is one public car park.",
        ])
        .topic("公共服务").l1().words(&["停车"]).office("静态交通处").every(Daily).api(Answer::Csv).clean().rows(Rows::Fixed(LOTS))
        .columns(vec![
            serial(["lot_no", "parkId", "停车场编号", "Car park"], "TC"),
            named(["lot_name", "parkName", "停车场名称", "Name"], &["市民广场", "中心医院", "高铁站", "商业街", "文化中心"], &["停车场", "地下停车场", "停车楼"]),
            int(["spaces", "totalSpace", "泊位总数", "Spaces"], 20, 1_600).unit("个"),
            int(["charging", "chargeSpace", "充电泊位", "With charger"], 0, 120).unit("个"),
            money(["hourly", "feePerHour", "每小时收费", "An hour"], 0.0, 12.0).unit("元"),
            longitude("lng"),
            latitude("lat"),
            district("areaCode"),
        ]),
        table("parking", "parking_states", ["停车场余位", "Free spaces"], [
            "每行是一个停车场一个时刻的余位。",
            "One row is how many spaces one car park had free at one moment.",
        ])
        .topic("公共服务").l1().words(&["停车", "实时"]).office("静态交通处").every(Continuous).api(Answer::Link).rows(Rows::Grid { things: LOTS, steps: 24, seconds: 3_600 })
        .columns(vec![
            thing(["lot_no", "parkId", "停车场编号", "Car park"], "TC"),
            at(["at", "reportTime", "上报时间", "At"]).key(),
            int(["free", "freeSpace", "剩余泊位", "Free"], 0, 600).unit("个"),
            int(["entered", "inCount", "小时入场", "Entered"], 0, 200).unit("辆"),
            int(["departed", "outCount", "小时出场", "Departed"], 0, 200).unit("辆"),
        ]),
    ]
}

fn port() -> Vec<Table> {
    vec![
        table("port", "port_calls", ["船舶进出港", "Ship calls"], [
            "每行是一艘船舶的一次进出港。",
            "One row is one call of one ship.",
        ])
        .topic("公共服务").words(&["港口", "船舶"]).office("港航管理中心").every(Daily).gb18030().rows(Rows::Plain(14_000)).null(&["/"])
        .columns(vec![
            serial(["call_no", "HCBH", "航次编号", "Call"], "HC"),
            pick(["ship_name", "CM", "船名", "Ship"], &["甬顺8", "海达66", "新远洋", "江海通1", "东方之星9", "鸿运168"]),
            pick(["ship_kind", "CBLX", "船舶类型", "Kind"], &["集装箱船", "散货船", "油轮", "LNG船", "杂货船"]),
            pick(["berth", "BW", "泊位", "Berth"], &["北仑1号", "北仑4号", "穿山2号", "梅山3号", "镇海6号", "大榭1号"]),
            at(["arrived_at", "JGSJ", "进港时间", "Arrived at"]).required(),
            at_after(["left_at", "CGSJ", "出港时间", "Left at"], 5, 70).gaps(0.06),
            num(["gross_tonnage", "ZD", "总吨", "Gross tonnage"], 900.0, 220_000.0, 0).unit("吨"),
            pick(["from_port", "SYG", "上一港", "From"], &["上海", "新加坡", "釜山", "青岛", "舟山", "深圳"]).gaps(0.03),
        ]),
        table("port", "port_throughput", ["港口吞吐量月报", "Throughput by month"], [
            "每行是一个港区一个月的货物与集装箱吞吐量。",
            "One row is one harbour area's cargo and containers in one month.",
        ])
        .topic("公共服务").l1().words(&["港口", "吞吐量"]).office("港航管理中心").every(Monthly).bom().titled().noted().thousands().clean()
        .rows(Rows::Grid { things: 6, steps: 48, seconds: crate::spec::MONTH })
        .columns(vec![
            month(["month", "月份", "月份", "Month"]).key(),
            col(["area", "港区", "港区", "Harbour area"], "short_text", |row, out| {
                const AREAS: [&str; 6] = ["北仑港区", "穿山港区", "梅山港区", "镇海港区", "大榭港区", "甬江港区"];
                out.push_str(AREAS[(row.entity % 6) as usize]);
            }).key(),
            num(["cargo", "货物吞吐量（万吨）", "货物吞吐量", "Cargo"], 80.0, 4_200.0, 2).unit("万吨"),
            num(["containers", "集装箱吞吐量（万TEU）", "集装箱吞吐量", "Containers"], 1.0, 160.0, 2).unit("万TEU"),
            num(["growth", "同比（%）", "同比", "On last year"], 0.1, 14.0, 1).unit("%"),
        ]),
    ]
}
