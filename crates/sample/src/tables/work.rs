//! Work: social insurance, employment, and the housing fund.

use data::declare::Grade::{L1, L2, L3};
use data::declare::UpdatePeriod::{Daily, Monthly, Quarterly};

use crate::calendar::DateForm;
use crate::spec::{table, Rows, Table, MONTH};
use crate::stock::*;

pub fn tables() -> Vec<Table> {
    let mut all = insurance();
    all.extend(employment());
    all.extend(fund());
    all
}

fn insurance() -> Vec<Table> {
    vec![
        table("social_insurance", "insured_persons", ["社会保险参保人员", "Insured persons"], [
            "每行是一名社会保险参保人员及其当前单位。",
            "One row is one person in social insurance, with the present employer.",
        ])
        .topic("社会保障").l3().words(&["社保", "参保"]).office("社会保险管理处").every(Daily).sqlite()
        .rows(Rows::Persons(0.52)).only(|_, person| (18..62).contains(&person.age())).span(1_500).incremental("updated_at").version("updated_at")
        .columns(vec![
            serial(["personal_no", "GRBH", "个人编号", "Personal number"], "SB"),
            citizen_id("SFZH").required(),
            person_name("XM"),
            sex("XB"),
            birth_date("CSRQ"),
            uscc_as(["employer_uscc", "DWXYDM", "单位统一社会信用代码", "Employer's credit code"]),
            company_name_as(["employer", "DWMC", "单位名称", "Employer"]),
            money(["wage_base", "JFJS", "月缴费基数", "Monthly base"], 4_462.0, 24_930.0).personal(L3).unit("元"),
            on(["insured_on", "CBRQ", "参保日期", "Insured on"], -2_000, 0),
            pick(["state", "CBZT", "参保状态", "State"], &["参保缴费", "参保缴费", "参保缴费", "暂停缴费", "终止"]).personal(L2),
            district("TCQ"),
            updated_at("GXSJ"),
        ]),
        table("social_insurance", "insured_companies", ["参保单位", "Insured employers"], [
            "每行是一家参保单位。",
            "One row is one employer in social insurance.",
        ])
        .topic("社会保障").words(&["社保", "单位"]).office("社会保险管理处").every(Monthly).sqlite().rows(Rows::Companies(0.6)).span(2_500)
        .columns(vec![
            serial(["employer_no", "DWBH", "单位编号", "Employer number"], "DW"),
            uscc("XYDM").required(),
            company_name("DWMC"),
            col(["insured", "CBRS", "参保人数", "Insured"], "count", |row, out| push(out, i64::from(row.firm().employees))).business(),
            industry("HYDM"),
            district("SSXQ"),
            person_name_as(["handler", "JBR", "经办人", "Handler"]).personal(L2),
            phone("LXDH").personal(L2),
            on(["insured_on", "CBRQ", "参保日期", "Insured on"], -30, 0),
        ]),
        table("social_insurance", "contributions", ["社会保险缴费明细", "Contributions"], [
            "每行是一人一险种一个月的缴费。",
            "One row is one person's contribution to one insurance in one month.",
        ])
        .topic("社会保障").l3().words(&["社保", "缴费"]).office("社会保险管理处").every(Monthly).sqlite().rows(Rows::OfPersons(90_000))
        .only(|_, person| (18..62).contains(&person.age()))
        .columns(vec![
            serial(["contribution_no", "LSH", "流水号", "Serial"], "JF"),
            citizen_id("SFZH").required(),
            month(["paid_for", "FKSSQ", "费款所属期", "Month"]),
            coded(["insurance", "XZLX", "险种", "Insurance"], "insurance_kind"),
            uscc_as(["employer_uscc", "DWXYDM", "单位统一社会信用代码", "Employer's credit code"]),
            money(["employer_part", "DWJN", "单位缴纳", "Employer's part"], 60.0, 3_400.0).unit("元"),
            money(["own_part", "GRJN", "个人缴纳", "Own part"], 20.0, 1_990.0).unit("元"),
            on(["credited_on", "DZRQ", "到账日期", "Credited on"], 0, 20),
        ]),
    ]
}

fn employment() -> Vec<Table> {
    vec![
        table("employment", "job_seekers", ["失业登记人员", "Registered unemployed"], [
            "每行是一次失业登记。",
            "One row is one registration as unemployed.",
        ])
        .topic("社会保障").l3().words(&["就业", "失业"]).office("就业管理中心").every(Monthly).gbk().titled().rows(Rows::OfPersons(18_000))
        .only(|_, person| (18..60).contains(&person.age())).dates(DateForm::Slash).null(&["-", "无"])
        .columns(vec![
            serial(["registration_no", "登记号", "登记号", "Registration number"], "SY"),
            person_name("姓名"),
            citizen_id("公民身份号码").required(),
            sex_word("性别"),
            spelt(["education_level", "学历", "学历", "Education level"], "education_level").personal(L2),
            on(["registered_on", "登记日期", "登记日期", "Registered on"], 0, 0),
            pick(["reason", "失业原因", "失业原因", "Reason"], &["合同到期", "单位裁员", "个人辞职", "毕业未就业", "其他"]).personal(L2),
            pick(["wanted_job", "求职意向", "求职意向", "Wanted job"], &["操作工", "文员", "销售", "技术员", "驾驶员", "护理员"]).gaps(0.08),
            money(["wanted_wage", "期望月薪", "期望月薪", "Wanted wage"], 3_000.0, 15_000.0).personal(L3).unit("元"),
            phone("手机"),
            district_name("所属区县"),
        ]),
        table("employment", "unemployment_benefits", ["失业保险金发放", "Unemployment benefits"], [
            "每行是一人一个月的失业保险金。",
            "One row is one person's unemployment benefit in one month.",
        ])
        .topic("社会保障").l3().office("就业管理中心").every(Monthly).gbk().rows(Rows::OfPersons(14_000))
        .only(|_, person| (18..60).contains(&person.age()))
        .columns(vec![
            serial(["payment_no", "FFDH", "发放单号", "Payment number"], "FF"),
            citizen_id("SFZH").required(),
            person_name("XM"),
            month(["paid_for", "SSNY", "所属年月", "Month"]),
            money(["amount", "FFJE", "发放金额", "Amount"], 1_656.0, 2_490.0).unit("元"),
            on(["paid_on", "FFRQ", "发放日期", "Paid on"], 0, 10),
        ]),
        table("employment", "vacancies", ["招聘岗位", "Vacancies"], [
            "每行是一个单位发布的一个岗位，可直接对外公布。",
            "One row is one position offered by one employer; fit for publication as it is.",
        ])
        .topic("公共服务").l1().words(&["就业", "招聘"]).office("人才市场管理办公室").every(Daily).bom().rows(Rows::OfCompanies(12_000)).span(60)
        .columns(vec![
            serial(["vacancy_no", "岗位编号", "岗位编号", "Vacancy number"], "GW"),
            company_name("单位名称"),
            uscc("统一社会信用代码"),
            pick(["position", "岗位名称", "岗位名称", "Position"], &["普工", "数控车工", "会计", "仓管员", "外贸业务员", "软件工程师", "质检员", "电工"]),
            int(["openings", "招聘人数", "招聘人数", "Openings"], 1, 40),
            money(["wage_from", "月薪下限", "月薪下限", "Wage from"], 3_500.0, 9_000.0).unit("元"),
            money(["wage_to", "月薪上限", "月薪上限", "Wage to"], 9_000.0, 30_000.0).unit("元"),
            spelt(["education_level", "学历要求", "学历要求", "Education asked"], "education_level"),
            district_name("工作地点"),
            on(["published_on", "发布日期", "发布日期", "Published on"], 0, 0),
        ]),
        table("employment", "talents", ["高层次人才认定", "Recognised talents"], [
            "每行是一名经认定的高层次人才。",
            "One row is one person recognised as a high-level talent.",
        ])
        .topic("公共服务").l3().words(&["人才"]).office("人才开发处").every(Quarterly).xlsx(2).rows(Rows::OfPersons(6_000))
        .only(|_, person| (24..60).contains(&person.age())).span(1_400)
        .columns(vec![
            serial(["recognition_no", "证书编号", "证书编号", "Certificate number"], "RC"),
            person_name("姓名"),
            citizen_id("身份证号").gaps(0.02),
            sex_word("性别"),
            pick(["category", "人才类别", "人才类别", "Category"], &["特优", "领军", "拔尖", "高级", "高级", "基础"]).graded(L1),
            pick(["field", "专业领域", "专业领域", "Field"], &["新材料", "智能制造", "生命健康", "数字经济", "海洋经济", "教育", "卫生"]).graded(L1),
            company_name_as(["employer", "工作单位", "工作单位", "Employer"]),
            on(["recognised_on", "认定日期", "认定日期", "Recognised on"], 0, 0),
            money(["allowance", "补助总额", "补助总额", "Allowance"], 0.0, 600_000.0).personal(L3).unit("元"),
        ]),
        table("employment", "title_certificates", ["职称证书", "Professional titles"], [
            "每行是一本专业技术职务任职资格证书。",
            "One row is one certificate of a professional title.",
        ])
        .base("电子证照").l3().office("专业技术人员管理处").every(Quarterly).gbk().rows(Rows::OfPersons(12_000))
        .only(|_, person| (24..66).contains(&person.age())).span(5_000).dates(DateForm::Plain)
        .columns(vec![
            serial(["certificate_no", "ZSBH", "证书编号", "Certificate number"], "ZC"),
            person_name("XM"),
            citizen_id("SFZH"),
            pick(["title", "ZCMC", "职称名称", "Title"], &["助理工程师", "工程师", "高级工程师", "会计师", "经济师", "主治医师", "一级教师"]),
            pick(["title_level", "JB", "级别", "Level"], &["初级", "中级", "副高", "正高"]),
            on(["obtained_on", "QDRQ", "取得日期", "Obtained on"], 0, 0),
            pick(["granted_by", "PSJG", "评审机构", "Granted by"], &["市人社局", "省人社厅", "企业自主评价"]),
        ]),
    ]
}

fn fund() -> Vec<Table> {
    vec![
        table("housing_fund", "fund_accounts", ["住房公积金账户", "Housing fund accounts"], [
            "每行是一个职工公积金账户。",
            "One row is one employee's housing fund account.",
        ])
        .topic("社会保障").l3().words(&["公积金"]).office("归集管理处").every(Monthly).sqlite().rows(Rows::Persons(0.19))
        .only(|_, person| (20..62).contains(&person.age())).span(3_000).incremental("updated_at").version("updated_at")
        .columns(vec![
            serial(["account_no", "ZGZH", "职工账号", "Account number"], "GJ"),
            person_name("XM"),
            citizen_id("ZJHM").required(),
            company_name_as(["employer", "DWMC", "单位名称", "Employer"]),
            money(["monthly_deposit", "YJCE", "月缴存额", "Monthly deposit"], 446.0, 7_000.0).personal(L3).unit("元"),
            money(["balance", "YE", "账户余额", "Balance"], 0.0, 320_000.0).personal(L3).unit("元"),
            pick(["state", "ZHZT", "账户状态", "State"], &["正常", "正常", "正常", "封存", "销户"]),
            on(["opened_on", "KHRQ", "开户日期", "Opened on"], -30, 0),
            updated_at("GXSJ"),
        ]),
        table("housing_fund", "fund_loans", ["公积金贷款", "Housing fund loans"], [
            "每行是一笔发放的公积金贷款。",
            "One row is one loan from the housing fund.",
        ])
        .topic("社会保障").l3().words(&["公积金", "贷款"]).office("信贷管理处").every(Monthly).sqlite().rows(Rows::OfPersons(14_000))
        .only(|_, person| (22..60).contains(&person.age())).span(2_500)
        .columns(vec![
            serial(["loan_no", "JKHTBH", "借款合同编号", "Loan number"], "JK"),
            citizen_id("ZJHM").required(),
            person_name("XM"),
            money(["principal", "DKJE", "贷款金额", "Principal"], 100_000.0, 1_300_000.0).personal(L3).unit("元"),
            int(["months", "DKQX", "贷款期限", "Months"], 60, 360).unit("月"),
            num(["rate", "LL", "年利率", "Yearly rate"], 2.1, 3.25, 3).unit("%"),
            on(["paid_out_on", "FFRQ", "发放日期", "Paid out on"], 0, 0),
            district_as(["house_district", "FWXQ", "房屋所在区", "District of the home"]),
            flag(["first_home", "SFST", "是否首套", "First home"], 0.8),
        ]),
        table("housing_fund", "fund_summary", ["公积金月度统计", "Housing fund by month"], [
            "每行是一个区一个月的归集与提取合计，可对外公布。",
            "One row is one district's deposits and withdrawals in one month; fit for publication.",
        ])
        .topic("社会保障").l1().office("财务处").every(Monthly).sqlite().clean().rows(Rows::Grid { things: 10, steps: 24, seconds: MONTH })
        .columns(vec![
            month(["month", "TJNY", "统计年月", "Month"]).key(),
            district("XQ").key(),
            money(["deposits", "GJE", "归集额", "Deposits"], 8e7, 9e8).unit("元"),
            money(["withdrawals", "TQE", "提取额", "Withdrawals"], 6e7, 7e8).unit("元"),
            int(["accounts", "ZHS", "实缴职工数", "Paying employees"], 30_000, 400_000).unit("人"),
        ]),
    ]
}
