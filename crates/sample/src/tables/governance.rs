//! How the city is run: the hotline, services, city cases, legal aid.

use data::declare::Grade::{L1, L2};
use data::declare::UpdatePeriod::{Continuous, Daily, Monthly, Weekly};

use crate::spec::{table, Answer, Delivery, Rows, Table};
use crate::stock::*;

pub fn tables() -> Vec<Table> {
    let mut all = hotline();
    all.extend(services());
    all.extend(streets());
    all
}

fn hotline() -> Vec<Table> {
    vec![
        table("hotline", "hotline_calls", ["12345热线诉求", "Hotline calls"], [
            "每行是一件热线诉求及其办理情况。",
            "One row is one call to the hotline and how it was handled.",
        ])
        .topic("公共服务").l3().words(&["12345", "热线", "诉求"]).office("热线受理中心").every(Continuous).sqlite().rows(Rows::OfPersons(84_000))
        .span(365).incremental("updated_at").version("updated_at").related(&["hotline_ratings", "hotline_daily"])
        .columns(vec![
            serial(["call_no", "GDBH", "工单编号", "Call"], "RX"),
            at(["called_at", "SLSJ", "受理时间", "Called at"]).required(),
            person_name_as(["caller", "SQRXM", "诉求人", "Caller"]),
            phone("LXDH"),
            coded(["hotline_class", "SQFL", "诉求分类", "Class"], "hotline_class").graded(L1),
            coded(["request_kind", "SQXZ", "诉求性质", "Kind"], "request_kind").graded(L1),
            pick(["subject", "SQBT", "诉求标题", "Subject"], &["小区停车难", "路灯不亮", "噪声扰民", "拖欠工资", "物业收费", "医保报销咨询", "入学政策咨询", "河道异味", "违章搭建"]),
            district("SSQX"),
            town("SSJD"),
            pick(["handled_by", "CBDW", "承办单位", "Handled by"], &["住建局", "交警支队", "人社局", "市场监管局", "医保局", "教育局", "综合执法局", "街道办事处"]).graded(L1),
            coded(["case_status", "GDZT", "工单状态", "Handling status"], "case_status").graded(L1),
            at_after(["done_at", "BJSJ", "办结时间", "Done at"], 2, 240).gaps(0.16),
            updated_at("GXSJ"),
        ]),
        table("hotline", "hotline_ratings", ["热线回访评价", "Ratings of handling"], [
            "每行是一次对已办诉求的回访。",
            "One row is one call back about a handled request.",
        ])
        .topic("公共服务").words(&["热线", "满意度"]).office("热线受理中心").every(Daily).sqlite().rows(Rows::Plain(30_000))
        .columns(vec![
            serial(["rating_no", "HFBH", "回访编号", "Rating"], "HF"),
            reference(["call_no", "GDBH", "工单编号", "Call"], "RX", 1_300),
            at(["rated_at", "HFSJ", "回访时间", "Rated at"]),
            int(["stars", "MYD", "满意度", "Stars"], 1, 5),
            pick(["remark", "HFBZ", "回访备注", "Remark"], &["满意", "处理及时", "希望继续跟进", "未再发生"]).gaps(0.5),
            flag(["solved", "SFJJ", "是否解决", "Solved"], 0.86),
            district("SSQX"),
        ]),
        table("hotline", "hotline_daily", ["热线话务日报", "Hotline by day"], [
            "每行是一个区一天的热线话务量，可对外公布。",
            "One row is one district's calls on one day; fit for publication.",
        ])
        .topic("公共服务").l1().words(&["热线", "话务"]).office("热线受理中心").every(Daily).sqlite().clean().rows(Rows::Grid { things: 10, steps: 500, seconds: 86_400 })
        .columns(vec![
            on(["day", "RQ", "日期", "Day"], 0, 0).key(),
            district("SSQX").key(),
            int(["calls", "HRL", "呼入量", "Calls"], 60, 1_800).unit("件"),
            num(["answered", "JTL", "接通率", "Answered"], 88.0, 100.0, 2).unit("%"),
            num(["mean_wait", "PJDD", "平均等待", "Mean wait"], 2.0, 40.0, 1).unit("秒"),
        ]),
    ]
}

fn services() -> Vec<Table> {
    vec![
        table("services", "service_matters", ["政务服务事项", "Service matters"], [
            "每行是一个部门在一地可办的一个事项，对外公布。",
            "One row is one matter that an office handles; public.",
        ])
        .topic("公共服务").l1().words(&["事项", "浙里办"]).office("政务服务处").every(Weekly).api(Answer::Page).rows(Rows::AtMost(33_679)).span(900)
        .columns(vec![
            serial(["matter_no", "itemCode", "事项编码", "Matter"], "SX"),
            pick(["matter_name", "itemName", "事项名称", "Name"], &["个体工商户设立登记", "居住证申领", "城乡居民养老保险参保", "食品经营许可", "不动产转移登记", "生育登记", "户口迁移"]),
            pick(["matter_kind", "itemType", "事项类型", "Kind"], &["行政许可", "行政确认", "公共服务", "其他行政权力"]),
            pick(["office_name", "deptName", "实施主体", "Office"], &["市公安局", "市人社局", "市市场监管局", "市医保局", "市资规局", "区行政服务中心"]),
            int(["legal_days", "legalDays", "法定时限", "Days by law"], 1, 60).unit("工作日"),
            int(["promised_days", "promiseDays", "承诺时限", "Days promised"], 0, 5).unit("工作日"),
            flag(["online", "isOnline", "是否网办", "Online"], 0.83),
            flag(["zero_visits", "zeroVisit", "是否跑零次", "No visit needed"], 0.99),
            district("areaCode"),
            on(["published_on", "publishDate", "发布日期", "Published on"], 0, 0),
        ]),
        table("services", "service_cases", ["政务服务办件", "Service cases"], [
            "每行是一件政务服务办件。",
            "One row is one case of a government service.",
        ])
        .topic("公共服务").l3().words(&["办件"]).office("政务服务处").every(Daily).api(Answer::Page).rows(Rows::OfPersons(30_000)).span(200)
        .incremental("updated_at").version("updated_at")
        .columns(vec![
            serial(["case_no", "projectNo", "办件编号", "Case"], "BJ"),
            reference(["matter_no", "itemCode", "事项编码", "Matter"], "SX", 300),
            person_name_as(["applicant", "applyName", "申请人", "Applicant"]),
            citizen_id_as(["applicant_citizen_id", "applyCardNo", "申请人证件号", "Applicant's id"]).gaps(0.08),
            at(["received_at", "acceptTime", "受理时间", "Received at"]).required(),
            at_after(["done_at", "finishTime", "办结时间", "Done at"], 0, 120).gaps(0.1),
            pick(["channel", "applyFrom", "申请渠道", "Channel"], &["浙里办", "浙里办", "政务服务网", "窗口", "自助机"]).graded(L1),
            coded(["case_status", "state", "办理状态", "Handling status"], "case_status").graded(L1),
            district("areaCode"),
            updated_at("updateTime"),
        ]),
        table("services", "cross_city_matters", ["圈内通办事项", "Cross-city matters"], [
            "每行是一个可在甬舟台绍四市通办的家庭事项。",
            "One row is one household matter that can be settled in any of four cities.",
        ])
        .topic("公共服务").l1().words(&["圈内通办"]).office("政务服务处").every(Monthly).api(Answer::Page).clean().rows(Rows::Fixed(33))
        .columns(vec![
            serial(["matter_no", "itemCode", "事项编码", "Matter"], "TB"),
            col(["business_kind", "bizClass", "事业类型", "Class"], "business_kind", |row, out| push(out, row.index as i64 % 3 + 1)),
            pick(["matter_name", "itemName", "事项名称", "Name"], &["养老保险关系转移", "户口簿补领", "结婚登记预约", "公积金异地贷款", "医保异地备案", "出生登记"]),
            pick(["cities", "cityCodes", "通办城市", "Cities"], &["330200,330600,330900,331000"]),
            flag(["paperless", "noPaper", "是否免证明", "Paperless"], 0.95),
        ]),
    ]
}

fn streets() -> Vec<Table> {
    vec![
        table("city_cases", "urban_cases", ["城市管理案件", "City cases"], [
            "每行是一件数字城管立案的案件。",
            "One row is one case opened by the digital city management.",
        ])
        .topic("城乡建设").words(&["城管", "案件"]).office("智慧城管中心").every(Continuous).sqlite().rows(Rows::Plain(50_000)).span(300).incremental("updated_at")
        .columns(vec![
            serial(["case_no", "AJBH", "案件编号", "Case"], "AJ"),
            pick(["case_kind", "AJLX", "案件类型", "Kind"], &["暴露垃圾", "占道经营", "井盖缺损", "违章停车", "乱张贴", "绿化破坏", "道路破损"]),
            pick(["source_kind", "SJLY", "上报来源", "Reported by"], &["巡查员", "市民上报", "视频识别", "热线转办"]),
            at(["reported_at", "SBSJ", "上报时间", "Reported at"]).required(),
            at_after(["closed_at", "JASJ", "结案时间", "Closed at"], 1, 96).gaps(0.08),
            coded(["case_status", "AJZT", "案件状态", "Handling status"], "case_status"),
            address("SFDZ"),
            town("SFJD"),
            district("SSQX"),
            longitude("JD"),
            latitude("WD"),
            updated_at("GXSJ"),
        ]),
        table("city_cases", "enforcement_penalties", ["综合执法处罚", "Enforcement"], [
            "每行是一件综合行政执法处罚，依法公示。",
            "One row is one penalty by the enforcement bureau, public by law.",
        ])
        .base("社会信用").words(&["执法", "处罚"]).office("法制处").every(Weekly).sqlite().rows(Rows::OfCompanies(8_000))
        .columns(vec![
            serial(["decision_no", "JDSWH", "决定书文号", "Decision"], "ZF"),
            company_name("DSR"),
            uscc("DSRDM"),
            pick(["ground", "AY", "案由", "Ground"], &["占道经营", "违法建设", "渣土抛撒", "未分类投放垃圾", "夜间施工"]),
            money(["fine", "FKJE", "罚款金额", "Fine"], 50.0, 80_000.0).unit("元"),
            on(["decided_on", "CFRQ", "处罚日期", "Decided on"], 0, 0),
            district("SSQX"),
        ]),
        table("city_facilities", "facilities", ["城市部件", "City facilities"], [
            "每个要素是一个城市部件，如井盖、路灯、垃圾箱。",
            "One feature is one city facility, such as a manhole, lamp or bin.",
        ])
        .base("自然资源和空间地理").words(&["部件", "井盖", "路灯"]).office("设施管理处").every(Monthly).by(Delivery::Geojson).rows(Rows::Plain(24_000)).span(3_000)
        .columns(vec![
            serial(["facility_no", "ObjID", "部件标识码", "Facility"], "BJ"),
            coded(["facility_kind", "BjDl", "部件大类", "Class"], "facility_kind"),
            pick(["facility_name", "ObjName", "部件名称", "Name"], &["雨水井盖", "路灯", "果皮箱", "行道树", "交通标志牌", "公交站亭"]),
            pick(["state", "ObjState", "部件状态", "State"], &["完好", "完好", "完好", "破损", "丢失"]),
            district("DeptCode"),
            on(["checked_on", "ChDate", "普查日期", "Checked on"], 0, 0),
            col(["geometry", "geometry", "空间位置", "Place"], "geometry", crate::tables::point),
        ]),
        table("legal_aid", "legal_aid_cases", ["法律援助案件", "Legal aid"], [
            "每行是一件法律援助案件。",
            "One row is one case of legal aid.",
        ])
        .topic("公共服务").l3().words(&["法律援助"]).office("公共法律服务管理处").every(Monthly).gbk().rows(Rows::OfPersons(9_000)).null(&["无"])
        .columns(vec![
            serial(["aid_no", "YZBH", "援助编号", "Aid"], "FY"),
            person_name("SYRXM"),
            citizen_id("SYRSFZ").gaps(0.03),
            pick(["matter", "AJLX", "案件类型", "Matter"], &["劳动争议", "婚姻家庭", "交通事故", "工伤赔偿", "刑事辩护"]).graded(L2),
            on(["accepted_on", "SLRQ", "受理日期", "Accepted on"], 0, 0),
            pick(["lawyer_office", "CBLS", "承办律所", "Law firm"], &["甬正律所", "三江律所", "明州律所", "海曙法援中心"]).graded(L1),
            coded(["case_status", "ZT", "状态", "Handling status"], "case_status"),
            district("XZQH"),
        ]),
        table("legal_aid", "mediations", ["人民调解", "Mediations"], [
            "每行是一件人民调解案件。",
            "One row is one mediation.",
        ])
        .topic("社区治理").words(&["调解"]).office("人民参与和促进法治处").every(Monthly).gbk().rows(Rows::Plain(14_000))
        .columns(vec![
            serial(["mediation_no", "TJBH", "调解编号", "Mediation"], "TJ"),
            pick(["dispute", "JFLX", "纠纷类型", "Dispute"], &["邻里", "婚姻家庭", "物业", "劳资", "消费", "医疗"]),
            on(["accepted_on", "SLRQ", "受理日期", "Accepted on"], 0, 0),
            flag(["settled", "SFCG", "是否成功", "Settled"], 0.94),
            money(["sum", "XYJE", "协议金额", "Sum"], 0.0, 400_000.0).unit("元"),
            town("SSJD"),
            district("XZQH"),
        ]),
    ]
}
