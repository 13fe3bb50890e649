//! Police: registered residents, incomers, drivers and vehicles.

use data::declare::Grade::{L2, L3, L4};
use data::declare::UpdatePeriod::{Daily, Monthly, Weekly};

use super::role_code;
use crate::calendar::DateForm;
use crate::spec::{table, Rows, Table};
use crate::stock::*;
use crate::world::Role;

pub fn tables() -> Vec<Table> {
    let mut all = household();
    all.extend(incomers());
    all.extend(roads());
    all
}

fn household() -> Vec<Table> {
    vec![
        table("hukou", "hukou_persons", ["常住户口人员", "Registered residents"], [
            "每行是一名在本市登记常住户口的人员，是人口基础库的主要来源。",
            "One row is one person whose household registration is in the city; the main source of the population register.",
        ])
        .base("人口").l3().words(&["户籍", "人口"]).office("户政管理处").every(Daily).sqlite()
        .rows(Rows::Persons(0.97)).span(2_000).incremental("updated_at").version("updated_at")
        .related(&["hukou_households", "migrants"])
        .columns(vec![
            citizen_id("GMSFHM").key(),
            registered_name("XM"),
            former_name("CYM"),
            sex("XB"),
            ethnicity("MZ"),
            birth_date("CSRQ"),
            col(["household_no", "HH", "户号", "Household number"], "household_no", |row, out| {
                crate::calendar::digits(out, row.someone().household + 1, 9);
            }).personal(L2),
            col(["kinship", "YHZGX", "与户主关系", "Relation to head"], "kinship", |row, out| out.push_str(role_code(row.someone()))).personal(L2),
            coded(["education_level", "WHCD", "文化程度", "Education level"], "education_level").personal(L2).gaps(0.05),
            col(["marital_status", "HYZK", "婚姻状况", "Marital status"], "marital_status", |row, out| {
                let person = row.someone();
                out.push_str(match person.role {
                    Role::Child => "10",
                    Role::Elder => "30",
                    _ if row.world.spouse(person).is_some() => "20",
                    _ => "10",
                });
            }).personal(L3),
            dwelling("ZZ"),
            district("SSXQ"),
            town("XZJD"),
            phone("LXDH").gaps(0.3),
            updated_at("GXSJ"),
        ]),
        table("hukou", "hukou_households", ["户籍家庭户", "Registered households"], [
            "每行是一个登记的家庭户，含户主与户内人数。",
            "One row is one registered household with its head and size.",
        ])
        .base("人口").l3().words(&["户籍", "家庭"]).office("户政管理处").every(Weekly).sqlite().rows(Rows::Households(0.64)).span(3_000)
        .columns(vec![
            col(["household_no", "HH", "户号", "Household number"], "household_no", |row, out| {
                crate::calendar::digits(out, row.someone().household + 1, 9);
            }).key().personal(L2),
            pick(["household_kind", "HLX", "户类型", "Kind of household"], &["家庭户", "家庭户", "家庭户", "集体户"]),
            person_name_as(["head_name", "HZXM", "户主姓名", "Name of head"]),
            citizen_id_as(["head_citizen_id", "HZSFHM", "户主公民身份号码", "Citizen id of head"]).required(),
            col(["members", "HNRS", "户内人数", "Members"], "count", |row, out| {
                push(out, i64::from(row.world.size(row.someone().household)));
            }),
            district("SSXQ"),
            town("XZJD"),
            dwelling("ZZ"),
            on(["registered_on", "LHRQ", "立户日期", "Registered on"], -20, 0),
        ]),
        table("hukou", "hukou_changes", ["户口变动登记", "Changes of registration"], [
            "每行是一次迁入、迁出、出生或注销登记。",
            "One row is one registration of moving in or out, birth or cancellation.",
        ])
        .base("人口").l3().words(&["户籍", "迁移"]).office("户政管理处").every(Daily).sqlite().rows(Rows::OfPersons(24_000)).incremental("updated_at")
        .columns(vec![
            serial(["change_no", "BDBH", "变动编号", "Change number"], "BD"),
            citizen_id("GMSFHM").required(),
            person_name("XM"),
            pick(["change_kind", "BDLB", "变动类别", "Kind of change"], &["市内迁移", "市外迁入", "迁出市外", "出生", "死亡注销", "项目变更"]),
            on(["changed_on", "BDRQ", "变动日期", "Changed on"], 0, 0),
            district_as(["from_district", "YSSXQ", "原所属区", "District before"]),
            pick(["reason", "BDYY", "变动原因", "Reason"], &["购房", "婚迁", "工作调动", "随父母", "其他"]).gaps(0.1),
            updated_at("GXSJ"),
        ]),
    ]
}

fn incomers() -> Vec<Table> {
    vec![
        table("residence", "migrants", ["流动人口登记", "Incomers"], [
            "每行是一名在本市登记居住的市外户籍人员；由街道采集，写法不一。",
            "One row is one person from elsewhere who lives here; taken down by towns, spelling varies.",
        ])
        .base("人口").l3().words(&["流动人口", "居住"]).office("流动人口管理处").every(Weekly).gbk().ragged()
        .rows(Rows::Persons(0.13)).only(|_, person| (16..75).contains(&person.age())).corrected(0.02).dates(DateForm::Mixed)
        .null(&["—", "无", "不详"])
        .columns(vec![
            serial(["registration_no", "登记编号", "登记编号", "Registration number"], "LD"),
            person_name("姓名"),
            citizen_id("身份证号码").gaps(0.04),
            sex_word("性别"),
            birth_date("出生日期"),
            spelt(["education_level", "文化程度", "文化程度", "Education level"], "education_level").personal(L2).gaps(0.1),
            district_name("现住区县"),
            dwelling("现住地址"),
            pick(["lodging", "住所类型", "住所类型", "Lodging"], &["出租房屋", "单位宿舍", "自购房", "工地", "亲友家"]),
            company_name_as(["employer", "工作单位", "工作单位", "Employer"]).gaps(0.3),
            phone("联系电话"),
            on(["arrived_on", "来本地日期", "来本地日期", "Arrived on"], -900, 0),
            updated_at("更新时间"),
        ]),
        table("residence", "residence_permits", ["居住证签发", "Residence permits"], [
            "每行是一张签发的居住证。",
            "One row is one residence permit issued.",
        ])
        .topic("公共服务").l3().office("流动人口管理处").every(Monthly).rows(Rows::OfPersons(18_000)).span(1_000)
        .columns(vec![
            serial(["permit_no", "JZZH", "居住证号", "Permit number"], "JZ"),
            citizen_id("SFZH").required(),
            person_name("XM"),
            on(["issued_on", "QFRQ", "签发日期", "Issued on"], 0, 5),
            on(["valid_until", "YXQZ", "有效期至", "Valid until"], 365, 370),
            int(["points", "JF", "积分", "Points"], 20, 180).personal(L2),
            district("QFXQ"),
        ]),
    ]
}

fn roads() -> Vec<Table> {
    vec![
        table("vehicles", "drivers", ["机动车驾驶人", "Drivers"], [
            "每行是一名持有本市机动车驾驶证的人员。",
            "One row is one holder of a driving licence of the city.",
        ])
        .topic("公共安全").l3().words(&["交通", "驾驶证"]).office("车辆管理所").every(Daily).gb18030()
        .rows(Rows::Persons(0.32)).only(|_, person| (19..72).contains(&person.age())).span(3_600)
        .columns(vec![
            citizen_id("SFZMHM").key(),
            person_name("XM"),
            sex("XB"),
            birth_date("CSRQ"),
            pick(["vehicle_class", "ZJCX", "准驾车型", "Classes"], &["C1", "C1", "C1", "C2", "C2", "B2", "A1", "A2", "C1D"]),
            on(["first_issued_on", "CCLZRQ", "初次领证日期", "First issued on"], -30, 0),
            on(["valid_until", "YXQZ", "有效期止", "Valid until"], 2_190, 3_650),
            int(["penalty_points", "LJJF", "累积记分", "Penalty points"], 0, 12).personal(L3),
            pick(["state", "ZT", "驾驶证状态", "State"], &["正常", "正常", "正常", "逾期未换证", "注销"]),
            dwelling("LXDZ"),
            phone("SJHM"),
        ]),
        table("vehicles", "motor_vehicles", ["机动车登记", "Motor vehicles"], [
            "每行是一辆登记的机动车及其所有人。",
            "One row is one registered vehicle with its owner.",
        ])
        .topic("公共安全").l3().words(&["交通", "车辆"]).office("车辆管理所").every(Daily).gb18030().rows(Rows::OfPersons(64_000)).span(4_000)
        .columns(vec![
            serial(["vehicle_no", "XH", "机动车序号", "Vehicle number"], "C"),
            col(["plate_no", "HPHM", "号牌号码", "Plate"], "plate_no", |row, out| {
                const LETTERS: &[u8; 24] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
                let mut rest = row.index + 10_000;
                out.push_str("浙B");
                for place in 0..5 {
                    let base = if place == 0 { 24 } else { 10 };
                    out.push(char::from(if place == 0 { LETTERS[(rest % base) as usize] } else { b'0' + (rest % base) as u8 }));
                    rest /= base;
                }
            }).required().personal(L3),
            coded(["vehicle_kind", "HPZL", "号牌种类", "Plate kind"], "vehicle_kind"),
            coded(["fuel", "RLZL", "燃料种类", "Fuel"], "fuel_kind"),
            person_name_as(["owner_name", "SYR", "所有人", "Owner"]),
            citizen_id_as(["owner_citizen_id", "SFZMHM", "所有人身份号码", "Citizen id of owner"]),
            on(["registered_on", "CCDJRQ", "初次登记日期", "Registered on"], -30, 0),
            on(["inspected_until", "YXQZ", "检验有效期止", "Inspected until"], 300, 720),
            district("XZQH"),
        ]),
        table("vehicles", "traffic_violations", ["交通违法记录", "Traffic violations"], [
            "每行是一起电子监控或现场查处的交通违法。",
            "One row is one traffic violation recorded by camera or officer.",
        ])
        .topic("公共安全").l4().words(&["交通", "违法"]).office("交通警察支队").every(Daily).gbk().rows(Rows::OfPersons(46_000)).span(240)
        .columns(vec![
            serial(["violation_no", "WFBH", "违法编号", "Violation number"], "WF"),
            at(["happened_at", "WFSJ", "违法时间", "Happened at"]).required(),
            pick(["place", "WFDZ", "违法地点", "Place"], &["环城南路口", "机场路高架", "通途路", "世纪大道", "甬台温高速", "姚江大桥", "港口路"]),
            pick(["act", "WFXW", "违法行为", "Act"], &["超速不足20%", "闯红灯", "违停", "不按导向车道行驶", "未系安全带", "占用应急车道"]).sensitive(L4),
            col(["fine", "FKJE", "罚款金额", "Fine"], "amount", |row, out| push(out, *row.rng.pick(&[0, 50, 100, 150, 200]))).unit("元"),
            int(["points", "JFS", "记分", "Points"], 0, 6),
            citizen_id("DSRSFZH").gaps(0.15).sensitive(L4),
            person_name_as(["offender", "DSR", "当事人", "Offender"]).sensitive(L4),
            district("XZQH"),
            coded(["case_status", "CLZT", "处理状态", "Handling status"], "case_status"),
        ]),
    ]
}
