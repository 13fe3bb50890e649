//! Companies: registration, food licences, consumers' complaints.

use data::declare::Grade::{L1, L2};
use data::declare::UpdatePeriod::{Daily, Monthly, Weekly};

use crate::calendar::{self, DateForm};
use crate::spec::{table, Answer, Column, Rows, Table};
use crate::stock::*;

pub fn tables() -> Vec<Table> {
    let mut all = register();
    all.extend(food());
    all.extend(complaints());
    all
}

/// The person who stands for the company in law.
fn representative(source: &'static str) -> Column {
    col(["representative", source, "法定代表人", "Legal representative"], "person_name", |row, out| {
        let person = row.firm().representative as usize;
        row.world.persons[person].write_name(out);
    })
    .personal(L2)
}

fn founded(source: &'static str) -> Column {
    col(["founded_on", source, "成立日期", "Founded on"], "business_date", |row, out| {
        let day = row.firm().founded;
        calendar::date(out, day, row.form, &mut row.rng);
    })
    .graded(L1)
}

fn register() -> Vec<Table> {
    vec![
        table("business_register", "companies", ["企业登记信息", "Registered companies"], [
            "每行是一家登记的企业，是法人单位基础库的主要来源。",
            "One row is one registered company; the main source of the register of legal persons.",
        ])
        .base("法人单位").words(&["企业", "登记"]).office("登记注册处").every(Daily).sqlite().rows(Rows::Companies(0.995))
        .span(800).incremental("updated_at").version("updated_at").related(&["company_changes", "taxpayers"])
        .columns(vec![
            uscc("TYSHXYDM").key(),
            company_name("QYMC"),
            col(["enterprise_type", "QYLX", "企业类型", "Type"], "enterprise_type", |row, out| out.push_str(row.firm().kind())).graded(L1),
            representative("FDDBR"),
            col(["capital", "ZCZB", "注册资本", "Registered capital"], "amount", |row, out| push(out, i64::from(row.firm().capital))).graded(L1).unit("万元"),
            founded("CLRQ"),
            industry("HYDM"),
            col(["business_scope", "JYFW", "经营范围", "Scope"], "long_text", |row, out| {
                out.push_str(row.firm().trade_word());
                out.push_str("的研发、制造、加工、批发、零售；自营和代理各类货物和技术的进出口");
            }).graded(L1).gaps(0.02),
            address("ZS"),
            district("XZQH"),
            town("JDXZ"),
            coded(["status", "DJZT", "登记状态", "Status"], "company_status").graded(L1),
            phone("LXDH").personal(L2),
            longitude("JD"),
            latitude("WD"),
            updated_at("GXSJ"),
        ]),
        table("business_register", "company_changes", ["企业变更登记", "Changes of registration"], [
            "每行是一家企业一个事项的一次变更。",
            "One row is one change of one entry of one company.",
        ])
        .base("法人单位").words(&["企业", "变更"]).office("登记注册处").every(Daily).sqlite().rows(Rows::OfCompanies(18_000)).incremental("updated_at")
        .columns(vec![
            serial(["change_no", "BGBH", "变更编号", "Change"], "BG"),
            uscc("TYSHXYDM").required(),
            company_name("QYMC"),
            pick(["entry", "BGSX", "变更事项", "Entry"], &["法定代表人", "注册资本", "住所", "经营范围", "名称", "股东"]),
            pick(["before", "BGQ", "变更前", "Before"], &["一百万元", "原住所", "原名称", "原经营范围"]),
            pick(["after", "BGH", "变更后", "After"], &["五百万元", "新住所", "新名称", "新经营范围"]),
            on(["changed_on", "HZRQ", "核准日期", "Approved on"], 0, 0),
            updated_at("GXSJ"),
        ]),
        table("business_register", "shareholders", ["企业股东信息", "Shareholders"], [
            "每行是一家企业的一名自然人股东。",
            "One row is one person who holds shares in one company.",
        ])
        .base("法人单位").l3().words(&["股东", "出资"]).office("登记注册处").every(Weekly).sqlite().rows(Rows::OfCompanies(30_000)).span(5_000)
        .columns(vec![
            serial(["holding_no", "GDBH", "股东记录号", "Holding"], "GD"),
            uscc("TYSHXYDM").required(),
            person_name("GDXM"),
            citizen_id("GDSFZH").gaps(0.05),
            money(["paid_in", "RJCZE", "认缴出资额", "Capital subscribed"], 1.0, 2_000.0).unit("万元"),
            num(["share", "CGBL", "持股比例", "Share"], 1.0, 100.0, 2).unit("%"),
            on(["subscribed_on", "RJRQ", "认缴日期", "Subscribed on"], 0, 0),
        ]),
    ]
}

fn food() -> Vec<Table> {
    vec![
        table("food_licences", "food_permits", ["食品经营许可证", "Food licences"], [
            "每行是一张食品经营许可证，依法公示。",
            "One row is one licence to trade in food, public by law.",
        ])
        .base("电子证照").l1().words(&["食品", "许可"]).office("食品经营监管处").every(Daily).gbk().titled().noted().rows(Rows::Companies(0.3)).corrected(0.015)
        .dates(DateForm::Chinese).null(&["—", "/"]).span(1_600)
        .columns(vec![
            serial(["permit_no", "许可证编号", "许可证编号", "Licence"], "JY"),
            company_name("经营者名称"),
            uscc("统一社会信用代码").gaps(0.01),
            representative("负责人").graded(L1),
            pick(["trade", "主体业态", "主体业态", "Trade"], &["餐饮服务经营者", "食品销售经营者", "单位食堂"]),
            pick(["scope", "经营项目", "经营项目", "Scope"], &["热食类制售", "预包装食品销售", "冷食类制售", "散装食品销售", "糕点类制售"]),
            address("经营场所"),
            district_name("区县"),
            on(["issued_on", "发证日期", "发证日期", "Issued on"], 0, 0).required(),
            on(["valid_until", "有效期至", "有效期至", "Valid until"], 1_800, 1_826),
            spelt(["permit_status", "证照状态", "证照状态", "Status"], "permit_status"),
            updated_at("更新时间"),
        ]),
        table("food_licences", "food_inspections", ["食品安全监督抽检", "Food inspections"], [
            "每行是一批次食品的抽检结果，依法公布。",
            "One row is one sample of food and its result, public by law.",
        ])
        .topic("食品药品安全").l1().words(&["食品", "抽检"]).office("食品抽检处").every(Weekly).bom().titled().rows(Rows::OfCompanies(18_000))
        .dates(DateForm::Mixed).null(&["/", "—"])
        .columns(vec![
            serial(["sample_no", "抽样编号", "抽样编号", "Sample"], "CY"),
            company_name("被抽样单位"),
            pick(["food", "食品名称", "食品名称", "Food"], &["大米", "豆腐", "梅干菜", "年糕", "带鱼", "小黄鱼", "青菜", "酱油", "月饼"]),
            pick(["food_class", "食品大类", "食品大类", "Class"], &["粮食加工品", "豆制品", "食用农产品", "调味品", "糕点"]),
            on(["sampled_on", "抽样日期", "抽样日期", "Sampled on"], 0, 0),
            pick(["result", "检验结论", "检验结论", "Result"], &["合格", "合格", "合格", "合格", "合格", "合格", "合格", "合格", "不合格"]),
            pick(["failed_item", "不合格项目", "不合格项目", "Item failed"], &["菌落总数", "镉", "苯甲酸", "过氧化值"]).gaps(0.9),
            num(["measured", "检验值", "检验值", "Value"], 0.01, 9.0, 3).gaps(0.6),
            district_name("区县"),
        ]),
        table("food_licences", "market_penalties", ["市场监管行政处罚", "Penalties in the market"], [
            "每行是一件对市场主体的行政处罚决定，依法公示。",
            "One row is one penalty on an enterprise, public by law.",
        ])
        .base("社会信用").l1().words(&["处罚", "信用"]).office("执法稽查处").every(Weekly).gbk().rows(Rows::OfCompanies(6_000)).span(700)
        .columns(vec![
            serial(["decision_no", "CFJDSWH", "处罚决定书文号", "Decision"], "CF"),
            company_name("XDRMC"),
            uscc("XDRXYDM"),
            pick(["act", "WFXWLX", "违法行为类型", "Act"], &["无证经营", "虚假宣传", "计量违法", "食品标签违法", "价格欺诈"]),
            money(["fine", "FKJE", "罚款金额", "Fine"], 0.0, 200_000.0).unit("元"),
            on(["decided_on", "CFJDRQ", "处罚决定日期", "Decided on"], 0, 0).required(),
            on(["public_until", "GSJZQ", "公示截止期", "Public until"], 365, 1_095),
            district("CFJGXZQ"),
        ]),
    ]
}

fn complaints() -> Vec<Table> {
    vec![
        table("consumer_complaints", "complaints_12315", ["消费投诉举报", "Consumers' complaints"], [
            "每行是一件消费投诉或举报。",
            "One row is one complaint or report by a consumer.",
        ])
        .topic("价格监管").l3().words(&["消费", "投诉"]).office("消费者权益保护处").every(Daily).api(Answer::Offset).rows(Rows::OfPersons(26_000)).incremental("updated_at").version("updated_at")
        .columns(vec![
            serial(["complaint_no", "complaintNo", "投诉编号", "Complaint"], "TS"),
            person_name_as(["consumer", "consumerName", "消费者姓名", "Consumer"]),
            phone("consumerTel"),
            company_name_as(["company_name", "entName", "被诉企业", "Company"]),
            pick(["goods", "goodsType", "商品服务类别", "Goods or service"], &["餐饮", "服装", "家用电器", "网络购物", "美容健身", "汽车", "教育培训"]).graded(L1),
            at(["received_at", "acceptTime", "登记时间", "Received at"]).required(),
            money(["sum", "disputeAmount", "争议金额", "Sum in dispute"], 10.0, 60_000.0).unit("元"),
            coded(["case_status", "status", "办理状态", "Handling status"], "case_status"),
            district("regionCode"),
            updated_at("updateTime"),
        ]),
        table("consumer_complaints", "complaint_figures", ["消费投诉月度统计", "Complaints by month"], [
            "每行是一个区一个月的投诉数与挽回损失，可对外公布。",
            "One row is one district's complaints and money recovered in one month; fit for publication.",
        ])
        .topic("价格监管").l1().office("消费者权益保护处").every(Monthly).api(Answer::Offset).clean().rows(Rows::Grid { things: 10, steps: 24, seconds: crate::spec::MONTH })
        .columns(vec![
            month(["month", "statMonth", "统计月份", "Month"]).key(),
            district("regionCode").key(),
            int(["complaints", "complaintNum", "投诉数", "Complaints"], 80, 2_400).unit("件"),
            num(["settled_share", "successRate", "调解成功率", "Settled"], 55.0, 96.0, 2).unit("%").graded(L1),
            money(["recovered", "recoverAmount", "挽回损失", "Recovered"], 20_000.0, 900_000.0).unit("元"),
        ]),
    ]
}
