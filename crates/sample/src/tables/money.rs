//! Money: taxes, policies and subsidies, budgets, foreign trade, statistics.

use data::declare::Grade::{L1, L2};
use data::declare::UpdatePeriod::{Daily, Monthly, Quarterly, Yearly};

use crate::calendar::{year_of, DateForm};
use crate::spec::{table, Delivery, Rows, Table, MONTH, YEAR};
use crate::stock::*;

const POLICIES: u64 = 710;

pub fn tables() -> Vec<Table> {
    let mut all = taxes();
    all.extend(policies());
    all.extend(figures());
    all
}

fn taxes() -> Vec<Table> {
    vec![
        table("tax_collection", "taxpayers", ["税务登记", "Taxpayers"], [
            "每行是一个登记的纳税人。",
            "One row is one registered taxpayer.",
        ])
        .base("法人单位").words(&["税务", "登记"]).office("征管和科技发展处").every(Daily).gb18030().rows(Rows::Companies(0.8)).corrected(0.01).span(1_500)
        .columns(vec![
            uscc("SHXYDM").key(),
            company_name("NSRMC"),
            pick(["taxpayer_kind", "NSRLX", "纳税人类型", "Kind"], &["一般纳税人", "小规模纳税人", "小规模纳税人"]).graded(L1),
            industry("HYDM"),
            address("SCJYDZ"),
            district("XZQHSZ"),
            pick(["state", "NSRZT", "纳税人状态", "State"], &["正常", "正常", "正常", "非正常", "注销"]),
            on(["registered_on", "DJRQ", "登记日期", "Registered on"], -3_000, 0),
            person_name_as(["finance_officer", "CWFZRXM", "财务负责人", "Finance officer"]).personal(L2),
            updated_at("XGRQ"),
        ]),
        table("tax_collection", "tax_payments", ["税款入库明细", "Tax payments"], [
            "每行是一笔入库税款；涉及纳税人商业秘密，依法有条件共享。",
            "One row is one tax payment; a taxpayer's secret, shared on conditions.",
        ])
        .topic("信用体系").l3().words(&["税收"]).office("收入规划核算处").every(Daily).piped().rows(Rows::OfCompanies(60_000)).null(&["NULL"])
        .columns(vec![
            serial(["voucher_no", "DZSPHM", "电子税票号码", "Voucher"], "SP"),
            uscc("SHXYDM").required(),
            company_name("NSRMC"),
            coded(["tax", "ZSXM", "征收项目", "Tax"], "tax_kind"),
            month(["period", "SKSSQ", "税款所属期", "Month"]),
            money(["amount", "SJJE", "实缴金额", "Amount paid"], 50.0, 900_000.0).business().unit("元"),
            on(["received_on", "RKRQ", "入库日期", "Received on"], 0, 20).required(),
            district("SKGKXZQ"),
        ]),
        table("tax_credit", "tax_credit_grades", ["纳税信用等级", "Tax credit grades"], [
            "每行是一家企业一年的纳税信用等级；A 级依法公布。",
            "One row is one company's tax credit in one year; grade A is public by law.",
        ])
        .base("社会信用").words(&["纳税信用"]).office("纳税服务处").every(Yearly).xlsx(2).rows(Rows::Companies(0.4)).span(300)
        .columns(vec![
            uscc("社会信用代码").key(),
            company_name("纳税人名称"),
            col(["year", "评价年度", "评价年度", "Year"], "year", |_, out| out.push_str("2025")).key().graded(L1),
            coded(["credit_grade", "信用等级", "信用等级", "Grade"], "credit_grade"),
            num(["score", "评价分数", "评价分数", "Score"], 20.0, 100.0, 1).business(),
            district_name("主管税务机关所在区"),
        ]),
        table("tax_credit", "tax_arrears", ["欠税公告", "Tax arrears"], [
            "每行是一个纳税人一个税种的欠税，依法公告。",
            "One row is one taxpayer's arrears in one tax, announced by law.",
        ])
        .base("社会信用").l1().words(&["欠税"]).office("征管和科技发展处").every(Quarterly).bom().titled().rows(Rows::OfCompanies(1_800)).dates(DateForm::Slash)
        .columns(vec![
            serial(["notice_no", "公告编号", "公告编号", "Notice"], "QS"),
            company_name("纳税人名称"),
            uscc("统一社会信用代码"),
            coded(["tax", "欠税税种", "欠税税种", "Tax"], "tax_kind"),
            money(["balance", "欠税余额", "欠税余额", "Balance"], 500.0, 3_000_000.0).unit("元"),
            on(["announced_on", "公告日期", "公告日期", "Announced on"], 0, 0),
            district_name("区县"),
        ]),
    ]
}

fn policies() -> Vec<Table> {
    vec![
        table("policies", "policy_list", ["惠企利民政策", "Policies"], [
            "每行是“甬易办”上的一项政策，对社会公开。",
            "One row is one policy on offer to companies and persons; public.",
        ])
        .topic("公共服务").l1().words(&["政策", "甬易办"]).office("政策兑付中心").every(Daily).sqlite().clean().rows(Rows::Fixed(POLICIES)).span(900)
        .columns(vec![
            serial(["policy_no", "ZCBH", "政策编号", "Policy"], "ZC"),
            pick(["policy_name", "ZCMC", "政策名称", "Name"], &["稳岗返还", "技术改造补助", "首次上规奖励", "研发投入后补助", "外贸展会补贴", "一次性扩岗补助", "人才购房补贴"]),
            pick(["issuer", "FBDW", "发布单位", "Issued by"], &["市经信局", "市科技局", "市人社局", "市商务局", "市财政局"]),
            pick(["target", "SYDX", "适用对象", "For"], &["企业", "企业", "个人", "个体工商户"]),
            on(["published_on", "FBRQ", "发布日期", "Published on"], 0, 0),
            on(["claim_until", "SBJZRQ", "申报截止日期", "Claim until"], 200, 700),
            money(["ceiling", "ZGJE", "最高金额", "Ceiling"], 1_000.0, 5_000_000.0).unit("元"),
            int(["visits", "FWL", "访问量", "Visits"], 100, 60_000).unit("次"),
        ]),
        table("policies", "subsidy_payouts", ["政策兑付记录", "Payouts to companies"], [
            "每行是对一家企业的一笔政策兑付。",
            "One row is one payout of a policy to one company.",
        ])
        .topic("公共服务").words(&["补贴", "兑付"]).office("政策兑付中心").every(Daily).sqlite().rows(Rows::OfCompanies(30_000)).incremental("updated_at").version("updated_at")
        .columns(vec![
            serial(["payout_no", "DFBH", "兑付编号", "Payout"], "DF"),
            reference(["policy_no", "ZCBH", "政策编号", "Policy"], "ZC", POLICIES).required(),
            uscc("SHXYDM").required(),
            company_name("QYMC"),
            money(["amount", "DFJE", "兑付金额", "Amount"], 500.0, 1_200_000.0).business().unit("元"),
            at(["claimed_at", "SBSJ", "申报时间", "Claimed at"]),
            on(["paid_on", "DFRQ", "兑付日期", "Paid on"], 3, 40),
            flag(["without_claim", "MSJX", "是否免申即享", "Paid without claim"], 0.4),
            district("XZQH"),
            updated_at("GXSJ"),
        ]),
        table("policies", "personal_payouts", ["个人补贴发放", "Payouts to persons"], [
            "每行是对一名个人的一笔补贴。",
            "One row is one payout to one person.",
        ])
        .topic("公共服务").l3().words(&["补贴", "个人"]).office("政策兑付中心").every(Daily).sqlite().rows(Rows::OfPersons(18_000))
        .columns(vec![
            serial(["payout_no", "DFBH", "兑付编号", "Payout"], "GR"),
            reference(["policy_no", "ZCBH", "政策编号", "Policy"], "ZC", POLICIES),
            citizen_id("SFZH").required(),
            person_name("XM"),
            money(["amount", "DFJE", "发放金额", "Amount"], 100.0, 60_000.0).unit("元"),
            on(["paid_on", "DFRQ", "发放日期", "Paid on"], 0, 0),
            district("XZQH"),
        ]),
        table("budget", "department_budgets", ["部门预算", "Departments' budgets"], [
            "每行是一个单位一个功能科目的年度预算，依法公开。",
            "One row is one unit's budget for one function in a year, public by law.",
        ])
        .topic("公共服务").l1().words(&["预算", "财政"]).office("预算处").every(Yearly).xlsx(3).rows(Rows::AtMost(3_200))
        .columns(vec![
            serial(["line_no", "序号", "预算序号", "Line"], "YS"),
            pick(["unit", "单位名称", "单位名称", "Unit"], &["市公安局", "市教育局", "市卫健委", "市民政局", "市交通局", "市水利局", "市生态环境局"]),
            pick(["function", "功能科目", "功能科目", "Function"], &["一般公共服务", "教育支出", "卫生健康支出", "社会保障和就业", "节能环保", "城乡社区"]),
            money(["basic", "基本支出", "基本支出", "Basic"], 0.0, 9_000.0).unit("万元"),
            money(["projects", "项目支出", "项目支出", "Projects"], 0.0, 30_000.0).unit("万元"),
            col(["year", "年度", "年度", "Year"], "year", |_, out| out.push_str("2026")),
            pick(["source", "资金来源", "资金来源", "Funds"], &["一般公共预算", "政府性基金", "其他收入"]),
        ]),
    ]
}

fn figures() -> Vec<Table> {
    vec![
        table("foreign_trade", "trade_monthly", ["外贸进出口月报", "Foreign trade by month"], [
            "每行是一个区一个月的进出口额。",
            "One row is one district's imports and exports in one month.",
        ])
        .topic("公共服务").l1().words(&["外贸", "进出口"]).office("对外贸易管理处").every(Monthly).bom().titled().noted().clean().thousands()
        .rows(Rows::Grid { things: 10, steps: 36, seconds: MONTH })
        .columns(vec![
            month(["month", "月份", "月份", "Month"]).key(),
            district_name("区县").key(),
            money(["exports", "出口额（万元）", "出口额", "Exports"], 80_000.0, 2_400_000.0).unit("万元"),
            money(["imports", "进口额（万元）", "进口额", "Imports"], 40_000.0, 1_500_000.0).unit("万元"),
            int(["traders", "有实绩企业数", "有实绩企业数", "Active traders"], 200, 6_000).unit("家"),
        ]),
        table("foreign_trade", "foreign_investments", ["外商投资企业", "Foreign-invested companies"], [
            "每行是一家备案的外商投资企业。",
            "One row is one foreign-invested company on file.",
        ])
        .topic("公共服务").words(&["外资"]).office("外资管理处").every(Monthly).bom().thousands().rows(Rows::OfCompanies(4_000)).span(6_000).null(&["-"])
        .columns(vec![
            serial(["filing_no", "备案号", "备案号", "Filing"], "WZ"),
            company_name("企业名称"),
            uscc("统一社会信用代码"),
            pick(["origin", "投资来源地", "投资来源地", "From"], &["中国香港", "新加坡", "日本", "德国", "美国", "韩国", "中国台湾"]),
            money(["invested", "投资总额", "投资总额", "Invested"], 10_000.0, 90_000_000.0).unit("美元"),
            on(["filed_on", "备案日期", "备案日期", "Filed on"], 0, 0),
            district_name("区县"),
        ]),
        table("statistics", "yearbook", ["统计年鉴主要指标", "Yearbook"], [
            "每行是一个区一年的主要经济社会指标。",
            "One row is one district's main figures in one year.",
        ])
        .topic("公共服务").l1().words(&["统计", "年鉴"]).office("综合处").every(Yearly).xlsx(3).clean().rows(Rows::Grid { things: 10, steps: 20, seconds: YEAR })
        .columns(vec![
            col(["year", "年份", "年份", "Year"], "year", |row, out| push(out, i64::from(year_of(row.day)))).key(),
            district_name("地区").key(),
            num(["gdp", "地区生产总值(亿元)", "地区生产总值", "Gross product"], 300.0, 2_900.0, 2).unit("亿元"),
            num(["residents", "常住人口(万人)", "常住人口", "Residents"], 30.0, 190.0, 1).unit("万人"),
            num(["revenue", "一般公共预算收入(亿元)", "一般公共预算收入", "Revenue"], 40.0, 360.0, 2).unit("亿元"),
            num(["income", "居民人均可支配收入(元)", "居民人均可支配收入", "Income a head"], 38_000.0, 82_000.0, 0).unit("元"),
            num(["retail", "社会消费品零售总额(亿元)", "社会消费品零售总额", "Retail"], 90.0, 900.0, 2).unit("亿元"),
        ]),
        table("statistics", "price_index", ["居民消费价格指数", "Consumer prices"], [
            "每行是一个月一类商品的价格指数（上年同月=100）。",
            "One row is one class of goods in one month (same month last year = 100).",
        ])
        .topic("价格监管").l1().words(&["物价", "CPI"]).office("城市调查处").every(Monthly).by(Delivery::Json).clean().rows(Rows::Grid { things: 8, steps: 36, seconds: MONTH })
        .columns(vec![
            month(["month", "statMonth", "月份", "Month"]).key(),
            col(["goods", "category", "类别", "Goods"], "short_text", |row, out| {
                const GOODS: [&str; 8] = ["食品烟酒", "衣着", "居住", "生活用品及服务", "交通通信", "教育文化娱乐", "医疗保健", "其他用品及服务"];
                out.push_str(GOODS[(row.entity % 8) as usize]);
            }).key(),
            num(["index", "cpi", "价格指数", "Index"], 96.0, 106.0, 1),
            num(["month_on_month", "mom", "环比", "On last month"], 98.5, 101.8, 1),
        ]),
    ]
}
