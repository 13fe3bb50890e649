//! Industry: factories, machines, energy.

use data::declare::Grade::L2;
use data::declare::UpdatePeriod::{Continuous, Monthly, Quarterly};

use crate::spec::{table, Rows, Table, MONTH};
use crate::stock::*;

const MACHINES: u64 = 6_000;

pub fn tables() -> Vec<Table> {
    vec![
        table("industry", "factories", ["规模以上工业企业", "Larger factories"], [
            "每行是一家规模以上工业企业。",
            "One row is one industrial company above the size limit.",
        ])
        .topic("公共服务").words(&["工业", "规上"]).office("运行监测处").every(Monthly).gbk().titled().thousands().rows(Rows::Companies(0.16)).null(&["—"])
        .columns(vec![
            uscc("统一社会信用代码").key(),
            company_name("企业名称"),
            industry("行业代码"),
            inner(money(["output", "工业总产值(千元)", "工业总产值", "Output"], 20_000.0, 8_000_000.0)).unit("千元"),
            inner(money(["profit", "利润总额(千元)", "利润总额", "Profit"], 0.0, 600_000.0)).unit("千元"),
            col(["employees", "平均用工人数", "平均用工人数", "Employees"], "count", |row, out| push(out, i64::from(row.firm().employees))),
            pick(["yield_class", "亩均评价", "亩均论英雄评价", "Yield class"], &["A", "B", "B", "C", "D"]),
            inner(num(["research_share", "研发费用占比(%)", "研发费用占比", "Research share"], 0.5, 12.0, 2)).unit("%"),
            district_name("区县"),
        ]),
        table("industry", "industrial_monthly", ["工业运行月报", "Industry by month"], [
            "每行是一个区一个月的工业主要指标。",
            "One row is one district's industry in one month.",
        ])
        .topic("公共服务").l1().words(&["工业", "增加值"]).office("运行监测处").every(Monthly).bom().titled().noted().clean().thousands()
        .rows(Rows::Grid { things: 10, steps: 36, seconds: MONTH })
        .columns(vec![
            month(["month", "月份", "月份", "Month"]).key(),
            district_name("区县").key(),
            num(["added_value", "工业增加值（亿元）", "工业增加值", "Added value"], 20.0, 190.0, 2).unit("亿元"),
            num(["growth", "同比增长（%）", "同比增长", "Growth"], 0.1, 13.0, 1).unit("%"),
            num(["power", "工业用电量（万千瓦时）", "工业用电量", "Power"], 9_000.0, 150_000.0, 1).unit("万千瓦时"),
        ]),
        table("industry", "specialised_firms", ["专精特新企业", "Specialised companies"], [
            "每行是一家专精特新或单项冠军企业，对外公布。",
            "One row is one company recognised as specialised; public.",
        ])
        .topic("公共服务").l1().words(&["专精特新"]).office("中小企业处").every(Quarterly).xlsx(2).rows(Rows::OfCompanies(2_200)).span(1_500)
        .columns(vec![
            serial(["listing_no", "序号", "名录编号", "Listing"], "ZJ"),
            company_name("企业名称"),
            uscc("统一社会信用代码"),
            pick(["title", "称号", "称号", "Title"], &["国家级单项冠军", "国家级小巨人", "省级专精特新", "省级专精特新"]),
            pick(["product", "主导产品", "主导产品", "Product"], &["注塑机", "磁性材料", "密封件", "光学镜头", "气动元件", "轴承"]),
            on(["listed_on", "认定日期", "认定日期", "Listed on"], 0, 0),
            district_name("区县"),
        ]),
        table("machines", "machine_list", ["工业互联网设备", "Machines online"], [
            "每行是一台接入工业互联网平台的设备。",
            "One row is one machine connected to the industrial internet.",
        ])
        .topic("公共服务").on_request().words(&["工业互联网", "设备"]).office("数字经济处").every(Monthly).ndjson().rows(Rows::OfCompanies(MACHINES)).span(1_200)
        .columns(vec![
            serial(["machine_no", "deviceId", "设备编号", "Machine"], "SB"),
            pick(["machine_kind", "deviceType", "设备类型", "Kind"], &["注塑机", "数控机床", "机器人", "冲压机", "空压机", "AGV"]),
            uscc("entCode"),
            company_name("entName"),
            num(["rated_power", "ratedPower", "额定功率", "Rated power"], 3.0, 400.0, 1).unit("kW"),
            on(["connected_on", "connectDate", "接入日期", "Connected on"], 0, 0),
            district("areaCode"),
        ]),
        table("machines", "machine_states", ["设备运行状态", "Machine states"], [
            "每行是一台设备五分钟的运行状态。",
            "One row is one machine's state over five minutes.",
        ])
        .topic("公共服务").on_request().words(&["工业互联网", "运行"]).office("数字经济处").every(Continuous).ndjson().null(&["NaN"])
        .rows(Rows::Grid { things: 600, steps: 80, seconds: 300 })
        .columns(vec![
            thing(["machine_no", "deviceId", "设备编号", "Machine"], "SB"),
            at(["at", "ts", "采集时间", "At"]).key(),
            coded(["machine_state", "state", "设备状态", "State"], "machine_state"),
            num(["power", "power", "实时功率", "Power"], 0.0, 380.0, 2).unit("kW").gaps(0.01),
            num(["temperature", "temp", "主轴温度", "Spindle temperature"], 18.0, 92.0, 1).unit("℃"),
            int(["output", "output", "产量", "Output"], 0, 60).unit("件"),
        ]),
        table("energy", "energy_monthly", ["企业用能月报", "Energy by company"], [
            "每行是一家企业一个月的用能。",
            "One row is one company's energy in one month.",
        ])
        .topic("能源安全").on_request().words(&["用电", "能耗"]).office("节能处").every(Monthly).sqlite().rows(Rows::OfCompanies(40_000)).grade(L2).on_request()
        .columns(vec![
            serial(["report_no", "BBH", "报表编号", "Report"], "NH"),
            uscc("XYDM").required(),
            company_name("QYMC"),
            month(["month", "YF", "月份", "Month"]),
            inner(num(["electricity", "YDL", "用电量", "Electricity"], 200.0, 2_400_000.0, 1)).unit("千瓦时"),
            inner(num(["gas", "YQL", "用气量", "Gas"], 0.0, 90_000.0, 1)).unit("m³").gaps(0.3),
            inner(num(["coal", "ZM", "折标煤", "Standard coal"], 0.1, 900.0, 3)).unit("吨"),
            district("XZQH"),
        ]),
        table("energy", "energy_targets", ["区县能耗双控目标", "Energy targets"], [
            "每行是一个区一年的能耗目标与完成情况。",
            "One row is one district's energy target and result in one year.",
        ])
        .topic("能源安全").l1().office("节能处").every(Quarterly).sqlite().clean().rows(Rows::Grid { things: 10, steps: 6, seconds: crate::spec::YEAR })
        .columns(vec![
            col(["year", "ND", "年度", "Year"], "year", |row, out| push(out, i64::from(crate::calendar::year_of(row.day)))).key(),
            district("XZQH").key(),
            num(["target", "MB", "单位GDP能耗降幅目标", "Target"], 2.0, 4.5, 2).unit("%"),
            num(["achieved", "WC", "完成降幅", "Achieved"], 1.0, 6.0, 2).unit("%"),
        ]),
    ]
}
