//! Land and homes: trades, building sites, deeds, plots.

use data::declare::Grade::{L1, L3};
use data::declare::UpdatePeriod::{Continuous, Daily, Monthly, Quarterly};

use crate::calendar::DateForm;
use crate::spec::{table, Delivery, Rows, Table};
use crate::stock::*;

const SITES: u64 = 900;

pub fn tables() -> Vec<Table> {
    let mut all = homes();
    all.extend(land());
    all
}

fn homes() -> Vec<Table> {
    vec![
        table("housing_trade", "house_contracts", ["商品房买卖合同备案", "Contracts for new homes"], [
            "每行是一份网签备案的商品房买卖合同。",
            "One row is one filed contract for a new home.",
        ])
        .topic("城乡建设").l3().words(&["住房", "网签"]).office("房产市场处").every(Daily).sqlite().rows(Rows::OfPersons(20_000))
        .only(|_, person| person.age() > 22).span(700).incremental("updated_at")
        .columns(vec![
            serial(["contract_no", "HTBH", "合同编号", "Contract"], "HT"),
            person_name_as(["buyer", "MSR", "买受人", "Buyer"]),
            citizen_id_as(["buyer_citizen_id", "MSRZJH", "买受人身份证号", "Buyer's id"]),
            company_name_as(["seller", "CMR", "出卖人", "Seller"]),
            coded(["house_use", "FWYT", "房屋用途", "Use"], "house_use"),
            num(["area", "JZMJ", "建筑面积", "Floor area"], 42.0, 260.0, 2).unit("㎡"),
            money(["price", "CJZJ", "成交总价", "Price"], 400_000.0, 9_000_000.0).personal(L3).unit("元"),
            on(["signed_on", "QDRQ", "签订日期", "Signed on"], 0, 0).required(),
            district("XZQH"),
            updated_at("GXSJ"),
        ]),
        table("housing_trade", "rental_contracts", ["房屋租赁备案", "Leases"], [
            "每行是一份备案的房屋租赁合同。",
            "One row is one filed lease.",
        ])
        .topic("城乡建设").l3().words(&["租房"]).office("住房保障处").every(Daily).sqlite().rows(Rows::OfPersons(14_000)).span(400)
        .only(|_, person| person.age() > 18)
        .columns(vec![
            serial(["lease_no", "BABH", "备案编号", "Lease"], "ZL"),
            person_name_as(["tenant", "CZR", "承租人", "Tenant"]),
            citizen_id_as(["tenant_citizen_id", "CZRSFZH", "承租人身份证号", "Tenant's id"]),
            money(["monthly_rent", "YZJ", "月租金", "Monthly rent"], 600.0, 12_000.0).unit("元"),
            num(["area", "ZLMJ", "租赁面积", "Area"], 10.0, 180.0, 1).unit("㎡"),
            on(["from_day", "QSRQ", "起始日期", "From"], 0, 0),
            on(["until_day", "ZZRQ", "终止日期", "Until"], 180, 740),
            address("FWDZ").personal(L3),
            district("XZQH"),
        ]),
        table("construction", "building_sites", ["在建工地", "Building sites"], [
            "每行是一个在建工程项目。",
            "One row is one building site.",
        ])
        .topic("城乡建设").l1().words(&["工地"]).office("建筑业管理处").every(Monthly).gbk().clean().rows(Rows::Fixed(SITES)).span(1_000)
        .columns(vec![
            serial(["site_no", "XMBH", "项目编号", "Site"], "GD"),
            named(["project", "XMMC", "项目名称", "Project"], &["地块住宅", "安置房", "产业园", "学校迁建", "综合体"], &["一期项目", "二期项目", "工程"]),
            company_name_as(["builder", "SGDW", "施工单位", "Builder"]),
            uscc_as(["builder_uscc", "SGDWDM", "施工单位代码", "Builder's credit code"]),
            coded(["stage", "XXJD", "形象进度", "Stage"], "site_stage"),
            num(["area", "JZMJ", "建筑面积", "Floor area"], 3_000.0, 260_000.0, 0).unit("㎡"),
            on(["permit_on", "SGXKRQ", "施工许可日期", "Permit on"], 0, 0),
            address("DZ"),
            district("XZQH"),
            longitude("JD"),
            latitude("WD"),
        ]),
        table("construction", "site_dust", ["工地扬尘监测", "Dust at building sites"], [
            "每行是一个工地一小时的扬尘与噪声监测值。",
            "One row is dust and noise at one site in one hour.",
        ])
        .topic("生态环保").l1().words(&["扬尘", "噪声"]).office("质量安全处").every(Continuous).ndjson().null(&["NaN"]).rows(Rows::Grid { things: 120, steps: 168, seconds: 3_600 })
        .columns(vec![
            thing(["site_no", "projectNo", "项目编号", "Site"], "GD"),
            at(["measured_at", "time", "监测时间", "Measured at"]).key(),
            num(["pm10", "PM10", "PM10", "PM10"], 12.0, 180.0, 1).unit("μg/m³").gaps(0.01),
            num(["tsp", "TSP", "总悬浮颗粒物", "TSP"], 30.0, 420.0, 1).unit("μg/m³"),
            num(["noise", "noiseDb", "噪声", "Noise"], 42.0, 92.0, 1).unit("dB"),
            flag(["sprayed", "spray", "喷淋是否开启", "Spray on"], 0.4),
        ]),
    ]
}

fn land() -> Vec<Table> {
    vec![
        table("real_estate", "deeds", ["不动产登记", "Deeds"], [
            "每行是一个不动产单元的一项登记。",
            "One row is one registration of one piece of real estate.",
        ])
        .base("自然资源和空间地理").l3().words(&["不动产", "房产"]).office("不动产登记中心").every(Daily).sqlite().rows(Rows::OfPersons(56_000))
        .only(|_, person| person.age() > 22).span(5_000).incremental("updated_at").version("updated_at")
        .columns(vec![
            serial(["deed_no", "BDCQZH", "不动产权证号", "Deed"], "BDC").personal(L3),
            person_name_as(["owner", "QLR", "权利人", "Owner"]),
            citizen_id_as(["owner_citizen_id", "ZJH", "权利人证件号", "Owner's id"]),
            pick(["share_kind", "GYFS", "共有方式", "Held"], &["单独所有", "共同共有", "按份共有"]),
            coded(["house_use", "YT", "用途", "Use"], "house_use"),
            num(["area", "MJ", "建筑面积", "Area"], 30.0, 360.0, 2).unit("㎡"),
            dwelling("ZL"),
            district("QXDM"),
            on(["registered_on", "DJSJ", "登记日期", "Registered on"], 0, 0).required(),
            flag(["mortgaged", "SFDY", "是否抵押", "Mortgaged"], 0.42).personal(L3),
            updated_at("GXSJ"),
        ]),
        table("real_estate", "deed_counts", ["不动产登记办件统计", "Deeds by month"], [
            "每行是一个区一个月的不动产登记办件量，可对外公布。",
            "One row is one district's registrations in one month; fit for publication.",
        ])
        .base("自然资源和空间地理").l1().office("不动产登记中心").every(Monthly).sqlite().clean().rows(Rows::Grid { things: 10, steps: 30, seconds: crate::spec::MONTH })
        .columns(vec![
            month(["month", "TJYF", "统计月份", "Month"]).key(),
            district("QXDM").key(),
            int(["transfers", "ZYDJ", "转移登记", "Transfers"], 200, 6_000).unit("件"),
            int(["mortgages", "DYDJ", "抵押登记", "Mortgages"], 150, 5_000).unit("件"),
            num(["mean_days", "PJBJSX", "平均办结时限", "Mean days"], 0.2, 3.0, 2).unit("工作日"),
        ]),
        table("land", "land_plots", ["土地出让结果", "Land sold"], [
            "每行是一宗出让土地的结果，对社会公告。",
            "One row is one plot of land sold; announced to the public.",
        ])
        .base("自然资源和空间地理").l1().words(&["土地", "出让"]).office("自然资源开发利用处").every(Quarterly).by(Delivery::Nested("parcels"))
        .rows(Rows::AtMost(2_400)).span(2_000).dates(DateForm::Iso)
        .columns(vec![
            col(["district", "^.districtCode", "所属区（县、市）", "District"], "district", |row, out| out.push_str(row.district().code)).required().graded(L1),
            col(["year", "dealYear", "年度", "Year"], "year", |row, out| push(out, i64::from(crate::calendar::year_of(row.day)))),
            serial(["plot_no", "parcelNo", "宗地编号", "Plot"], "TD"),
            pick(["land_use", "landUse", "土地用途", "Use"], &["工业", "住宅", "商服", "公共管理"]),
            num(["area", "areaSqm", "面积", "Area"], 1_200.0, 160_000.0, 1).unit("㎡"),
            money(["price", "dealPrice", "成交价", "Price"], 200_000.0, 3_000_000_000.0).unit("元"),
            company_name_as(["buyer", "winner", "竞得人", "Buyer"]),
            on(["sold_on", "dealDate", "成交日期", "Sold on"], 0, 0).required(),
            address("location"),
        ]),
        table("land", "house_numbers", ["标准地址", "Addresses"], [
            "每行是一个标准门牌地址及其坐标。",
            "One row is one standard house number with its place.",
        ])
        .base("自然资源和空间地理").l1().words(&["地址", "门牌"]).office("地理信息中心").every(Monthly).by(Delivery::Parquet).rows(Rows::Plain(60_000)).span(4_000)
        .columns(vec![
            serial(["address_no", "ADDR_ID", "地址编号", "Address number"], "DZ"),
            address("ADDR_FULL"),
            col(["town", "TOWN", "乡镇街道代码", "Town"], "town", |row, out| out.push_str(row.home().town.0)).required(),
            district("COUNTY"),
            longitude("X"),
            latitude("Y"),
            pick(["kind", "TYPE", "门牌类型", "Kind"], &["门牌", "楼牌", "户牌"]),
            on(["named_on", "REG_DATE", "编制日期", "Named on"], 0, 0),
        ]),
    ]
}
