//! Civil affairs, volunteers, and disabled persons.

use data::declare::Grade::{L1, L2, L3, L4};
use data::declare::UpdatePeriod::{Daily, Monthly, Quarterly, Weekly};

use crate::calendar::DateForm;
use crate::spec::{table, Rows, Table};
use crate::stock::*;

pub fn tables() -> Vec<Table> {
    let mut all = relief();
    all.extend(civic());
    all
}

fn relief() -> Vec<Table> {
    vec![
        table("marriage", "marriages", ["婚姻登记", "Marriages"], [
            "每行是一件结婚或离婚登记。",
            "One row is one registration of marriage or divorce.",
        ])
        .base("人口").l3().words(&["婚姻"]).office("社会事务处").every(Daily).sqlite().rows(Rows::OfPersons(24_000))
        .only(|world, person| world.spouse(person).is_some()).span(6_000).incremental("updated_at")
        .columns(vec![
            serial(["certificate_no", "ZSBH", "证书编号", "Certificate"], "J330200"),
            pick(["kind", "DJLX", "登记类型", "Kind"], &["结婚登记", "结婚登记", "结婚登记", "离婚登记", "补领证书"]),
            person_name_as(["first_name", "SFXM", "一方姓名", "First party"]),
            citizen_id_as(["first_citizen_id", "SFSFZH", "一方身份证号", "First party's id"]).required(),
            col(["second_name", "LYFXM", "另一方姓名", "Second party"], "person_name", |row, out| {
                let first = row.someone();
                row.world.spouse(first).unwrap_or(first).write_name(out);
            }).required().personal(L3),
            col(["second_citizen_id", "LYFSFZH", "另一方身份证号", "Second party's id"], "citizen_number", |row, out| {
                let first = row.someone();
                row.world.spouse(first).unwrap_or(first).write_id(out);
            }).sensitive(L3),
            on(["registered_on", "DJRQ", "登记日期", "Registered on"], 0, 0).required(),
            district_as(["district", "DJJGXZQ", "登记机关所在区", "District of the office"]),
            updated_at("GXSJ"),
        ]),
        table("welfare", "relief_recipients", ["社会救助对象", "Recipients of relief"], [
            "每行是一名在册社会救助对象。",
            "One row is one person on relief.",
        ])
        .topic("社会保障").l4().words(&["低保", "救助"]).office("社会救助处").every(Monthly).xlsx(2).rows(Rows::Persons(0.022)).dates(DateForm::Mixed)
        .null(&["无", "—"]).span(1_500)
        .columns(vec![
            citizen_id("身份证号码").key().sensitive(L4),
            person_name("姓名"),
            sex_word("性别"),
            coded(["relief", "救助类别", "救助类别", "Relief"], "welfare_kind").sensitive(L4),
            money(["monthly_amount", "月救助金额", "月救助金额", "Monthly amount"], 300.0, 2_600.0).sensitive(L4).unit("元"),
            dwelling("家庭住址"),
            district_name("所属区县"),
            on(["approved_on", "审批日期", "审批日期", "Approved on"], 0, 0),
            pick(["bank", "开户银行", "开户银行", "Bank"], &["甲银行", "乙银行", "丙银行"]).personal(L3).gaps(0.1),
        ]),
        table("welfare", "elderly_care", ["养老机构", "Homes for the elderly"], [
            "每行是一家养老机构，对外公布。",
            "One row is one home for the elderly; public.",
        ])
        .topic("公共服务").l1().words(&["养老"]).office("养老服务处").every(Quarterly).xlsx(2).clean().rows(Rows::Fixed(290)).span(6_000)
        .columns(vec![
            serial(["home_no", "机构编号", "机构编号", "Home"], "YL"),
            named(["home_name", "机构名称", "机构名称", "Name"], &["夕阳红", "康乐", "福寿", "颐和", "安康"], &["养老院", "敬老院", "居家养老服务中心"]),
            address("地址"),
            district_name("区县"),
            int(["beds", "床位数", "床位数", "Beds"], 20, 620).unit("张"),
            int(["residents", "入住人数", "入住人数", "Residents"], 10, 400).unit("人"),
            pick(["stars", "星级", "星级", "Stars"], &["五星", "四星", "三星", "未评级"]),
            office_phone("联系电话"),
        ]),
        table("welfare", "age_allowances", ["高龄津贴发放", "Allowances for old age"], [
            "每行是一名老人一个月的高龄津贴。",
            "One row is one old person's allowance in one month.",
        ])
        .topic("社会保障").l3().words(&["老人", "津贴"]).office("养老服务处").every(Monthly).gbk().ragged().rows(Rows::OfPersons(16_000))
        .only(|_, person| person.age() >= 70)
        .columns(vec![
            serial(["payment_no", "FFXH", "发放序号", "Payment"], "GL"),
            citizen_id("SFZH").required(),
            person_name("XM"),
            age("NL"),
            month(["month", "FFYF", "发放月份", "Month"]),
            money(["amount", "FFJE", "发放金额", "Amount"], 50.0, 600.0).unit("元"),
            town("XZJD"),
            district("XQ"),
        ]),
    ]
}

fn civic() -> Vec<Table> {
    vec![
        table("volunteers", "volunteer_roll", ["注册志愿者", "Volunteers"], [
            "每行是一名注册志愿者；姓名电话由本人填写。",
            "One row is one registered volunteer; as they typed it themselves.",
        ])
        .topic("社区治理").l3().words(&["志愿者"]).office("慈善社工处").every(Weekly).ndjson().rows(Rows::OfPersons(20_000)).corrected(0.02)
        .only(|_, person| (14..80).contains(&person.age()))
        .columns(vec![
            serial(["volunteer_no", "volunteerId", "志愿者编号", "Volunteer"], "ZY"),
            person_name("realName"),
            citizen_id("idCardNo").gaps(0.12),
            sex_word("gender"),
            phone("mobile"),
            pick(["skill", "skillTag", "服务特长", "Skill"], &["助老", "助学", "医疗", "应急救援", "环保", "赛会", "翻译"]).gaps(0.2).graded(L1),
            num(["hours", "serviceHours", "累计时长", "Hours"], 0.0, 600.0, 1).unit("小时"),
            on(["registered_on", "registerDate", "注册日期", "Registered on"], -300, 0),
            district("areaCode"),
            updated_at("updateTime"),
        ]),
        table("volunteers", "volunteer_activities", ["志愿活动", "Volunteers' activities"], [
            "每行是一次志愿活动。",
            "One row is one activity of volunteers.",
        ])
        .topic("社区治理").l1().office("慈善社工处").every(Weekly).ndjson().rows(Rows::Plain(5_000)).span(120)
        .columns(vec![
            serial(["activity_no", "activityId", "活动编号", "Activity"], "HD"),
            pick(["activity_name", "title", "活动名称", "Name"], &["河道清洁", "文明交通劝导", "社区义诊", "图书整理", "敬老慰问", "垃圾分类宣传"]),
            at(["starts_at", "startTime", "开始时间", "Starts at"]),
            int(["wanted", "recruitNum", "招募人数", "Wanted"], 5, 120).unit("人"),
            int(["joined", "joinNum", "参加人数", "Joined"], 0, 118).unit("人"),
            address("place"),
            district("areaCode"),
        ]),
        table("disability", "disabled_persons", ["持证残疾人", "Disabled persons"], [
            "每行是一名持残疾人证的人员，属敏感个人信息。",
            "One row is one holder of a disability certificate; sensitive personal data.",
        ])
        .base("人口").l4().words(&["残疾人"]).office("维权处").every(Quarterly).xlsx(2).rows(Rows::Persons(0.026)).span(3_000)
        .columns(vec![
            serial(["certificate_no", "残疾人证号", "残疾人证号", "Certificate"], "CJ").sensitive(L4),
            person_name("姓名"),
            citizen_id("身份证号").sensitive(L4),
            sex_word("性别"),
            spelt(["disability", "残疾类别", "残疾类别", "Disability"], "disability_kind").sensitive(L4),
            spelt(["level", "残疾等级", "残疾等级", "Level"], "disability_level").sensitive(L4),
            guardian("监护人"),
            dwelling("现住址"),
            district_name("所属区县"),
            on(["issued_on", "发证日期", "发证日期", "Issued on"], 0, 0),
            phone("联系电话"),
        ]),
        table("disability", "barrier_free", ["无障碍设施", "Barrier-free places"], [
            "每行是一处公共场所的无障碍设施。",
            "One row is one public place without barriers.",
        ])
        .topic("公共服务").l1().words(&["无障碍"]).office("康复处").every(Quarterly).xlsx(2).clean().rows(Rows::AtMost(1_400))
        .columns(vec![
            serial(["place_no", "编号", "编号", "Place"], "WZ"),
            pick(["kind", "设施类型", "设施类型", "Kind"], &["坡道", "无障碍电梯", "无障碍厕所", "盲道", "低位服务台"]),
            address("地点"),
            district_name("区县"),
            flag(["usable", "是否完好", "是否完好", "Usable"], 0.93),
            longitude("经度"),
            latitude("纬度"),
        ]),
        table("disability", "assistive_devices", ["辅助器具发放", "Assistive devices"], [
            "每行是一件发放的辅助器具。",
            "One row is one assistive device handed out.",
        ])
        .topic("社会保障").l4().office("康复处").every(Monthly).xlsx(2).rows(Rows::OfPersons(4_000))
        .columns(vec![
            serial(["handout_no", "发放编号", "发放编号", "Handout"], "FJ"),
            person_name("姓名"),
            citizen_id("身份证号").sensitive(L4),
            pick(["device", "器具名称", "器具名称", "Device"], &["轮椅", "助听器", "假肢", "盲杖", "护理床"]).graded(L2),
            money(["price", "单价", "单价", "Price"], 80.0, 9_000.0).unit("元"),
            on(["handed_on", "发放日期", "发放日期", "Handed out on"], 0, 0),
        ]),
    ]
}
