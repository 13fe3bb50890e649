//! The government cloud and the networks.

use data::declare::UpdatePeriod::{Continuous, Monthly, Quarterly};

use crate::spec::{table, Delivery, Rows, Table};
use crate::stock::*;

/// Units, systems and virtual machines on the government cloud.
const UNITS: u64 = 153;
const SYSTEMS: u64 = 389;
const VIRTUAL_MACHINES: u64 = 3_213;

pub fn tables() -> Vec<Table> {
    vec![
        table("government_cloud", "cloud_units", ["政务云使用单位", "Units on the cloud"], [
            "每行是一家使用政务云的单位。",
            "One row is one unit on the government cloud.",
        ])
        .words(&["政务云"]).office("基础设施处").every(Monthly).by(Delivery::Json).clean().rows(Rows::Fixed(UNITS)).span(2_000)
        .columns(vec![
            serial(["unit_no", "unitId", "单位编号", "Unit"], "DW"),
            named(["unit_name", "unitName", "单位名称", "Name"], &["人民政府", "卫生健康局", "教育局", "公安分局", "财政局"], &["", "信息中心"]),
            on(["joined_on", "joinDate", "上云日期", "Joined on"], 0, 0),
            int(["quota_cores", "quotaCpu", "核数配额", "Cores allowed"], 16, 1_600).unit("核"),
            district("areaCode"),
        ]),
        table("government_cloud", "cloud_systems", ["政务云信息系统", "Systems on the cloud"], [
            "每行是一个部署在政务云上的信息系统。",
            "One row is one information system on the government cloud.",
        ])
        .words(&["政务云", "系统"]).office("基础设施处").every(Monthly).by(Delivery::Nested("systems")).clean().rows(Rows::Fixed(SYSTEMS)).span(2_000)
        .columns(vec![
            col(["centre", "^.centre", "所在云中心", "Centre"], "cloud_site", |row, out| {
                out.push_str(if row.index * 100 < SYSTEMS * 55 { "A" } else { "B" });
            }),
            serial(["system_no", "systemId", "系统编号", "System"], "XT"),
            pick(["system_name", "systemName", "系统名称", "Name"], &["协同办公", "业务审批", "数据共享", "视频会议", "公众服务", "监测预警"]),
            reference(["unit_no", "unitId", "所属单位", "Unit"], "DW", UNITS),
            pick(["protection", "mlps", "等保级别", "Protection level"], &["二级", "三级", "三级"]),
            on(["deployed_on", "deployDate", "部署日期", "Deployed on"], 0, 0),
            flag(["ipv6", "ipv6Ready", "是否支持IPv6", "IPv6"], 1.0),
        ]),
        table("government_cloud", "virtual_machines", ["政务云虚拟机", "Virtual machines"], [
            "每行是一台政务云虚拟机。",
            "One row is one virtual machine on the government cloud.",
        ])
        .on_request().words(&["政务云", "虚拟机"]).office("基础设施处").every(Monthly).by(Delivery::Json).clean().rows(Rows::Fixed(VIRTUAL_MACHINES)).span(1_500)
        .columns(vec![
            serial(["machine_no", "vmId", "虚拟机编号", "Machine"], "VM"),
            reference(["system_no", "systemId", "所属系统", "System"], "XT", SYSTEMS),
            coded(["centre", "dc", "所在云中心", "Centre"], "cloud_site"),
            int(["cores", "vcpu", "核数", "Cores"], 2, 64).unit("核"),
            int(["memory", "memGb", "内存", "Memory"], 4, 256).unit("GB"),
            int(["disk", "diskGb", "磁盘", "Disk"], 100, 8_000).unit("GB"),
            pick(["os", "osName", "操作系统", "System software"], &["麒麟V10", "统信UOS", "openEuler", "Linux"]),
            pick(["state", "state", "状态", "State"], &["running", "running", "running", "stopped"]),
        ]),
        table("government_cloud", "cloud_load", ["政务云资源负载", "Load of the cloud"], [
            "每行是一个使用单位一小时的资源负载。",
            "One row is one unit's use of the cloud in one hour.",
        ])
        .words(&["政务云", "负载"]).office("基础设施处").every(Continuous).by(Delivery::Ndjson).rows(Rows::Grid { things: UNITS, steps: 160, seconds: 3_600 })
        .columns(vec![
            thing(["unit_no", "unitId", "单位编号", "Unit"], "DW"),
            at(["at", "sampleTime", "采样时间", "At"]).key(),
            col(["cpu", "cpuPct", "CPU使用率", "CPU"], "percent", |row, out| decimal(out, row.rng.unit() * 92.0, 2)).unit("%"),
            col(["memory", "memPct", "内存使用率", "Memory"], "percent", |row, out| decimal(out, 20.0 + row.rng.unit() * 75.0, 2)).unit("%"),
            num(["traffic", "netMbps", "网络流量", "Traffic"], 0.0, 900.0, 2).unit("Mbps"),
        ]),
        table("base_stations", "base_stations_5g", ["5G基站", "5G base stations"], [
            "每个要素是一座 5G 基站。",
            "One feature is one 5G base station.",
        ])
        .topic("公共服务").l1().words(&["5G", "基站"]).office("信息通信发展处").every(Quarterly).by(Delivery::Geojson).clean().rows(Rows::AtMost(10_852)).span(2_200)
        .columns(vec![
            serial(["station_no", "siteId", "基站编号", "Station"], "JZ"),
            coded(["network_kind", "netMode", "组网方式", "Technology"], "network_kind"),
            pick(["band", "band", "频段", "Band"], &["700MHz", "2.6GHz", "3.5GHz", "4.9GHz"]),
            on(["opened_on", "openDate", "开通日期", "Opened on"], 0, 0),
            int(["height", "heightM", "挂高", "Height"], 8, 55).unit("m"),
            district("countyCode"),
            town("townCode"),
            col(["geometry", "geometry", "空间位置", "Place"], "geometry", crate::tables::point),
        ]),
        table("base_stations", "network_monthly", ["通信业务月报", "Networks by month"], [
            "每行是一个区一个月的通信业务指标。",
            "One row is one district's telecoms in one month.",
        ])
        .topic("公共服务").l1().words(&["通信", "IPv6"]).office("综合处").every(Monthly).bom().clean().thousands().rows(Rows::Grid { things: 10, steps: 24, seconds: crate::spec::MONTH })
        .columns(vec![
            month(["month", "月份", "月份", "Month"]).key(),
            district_name("区县").key(),
            int(["mobile_users", "移动电话用户", "移动电话用户", "Mobile users"], 400_000, 2_600_000).unit("户"),
            int(["users_5g", "5G用户", "5G用户", "5G users"], 200_000, 1_500_000).unit("户"),
            num(["ipv6_share", "IPv6流量占比", "IPv6流量占比", "IPv6 share"], 40.0, 78.0, 1).unit("%"),
        ]),
    ]
}
