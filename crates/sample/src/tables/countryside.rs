//! Farming, culture and tourism, emergencies.

use data::declare::UpdatePeriod::{Daily, Irregular, Monthly, Quarterly, Weekly};

use crate::calendar::DateForm;
use crate::spec::{table, Rows, Table};
use crate::stock::*;

pub fn tables() -> Vec<Table> {
    let mut all = farming();
    all.extend(culture());
    all.extend(emergencies());
    all
}

fn farming() -> Vec<Table> {
    vec![
        table("farms", "family_farms", ["家庭农场", "Family farms"], [
            "每行是一家登记的家庭农场。",
            "One row is one registered family farm.",
        ])
        .topic("公共服务").words(&["农业", "农场"]).office("农村合作经济处").every(Quarterly).gbk().titled().rows(Rows::OfPersons(4_600)).dates(DateForm::Chinese).null(&["无"]).span(3_000)
        .columns(vec![
            serial(["farm_no", "农场编号", "农场编号", "Farm"], "NC"),
            named(["farm_name", "农场名称", "农场名称", "Name"], &["绿野", "四明山", "丰登", "象山港", "田园"], &["家庭农场", "生态农场"]),
            person_name_as(["farmer", "经营者", "经营者", "Farmer"]).personal(data::declare::Grade::L2),
            pick(["trade", "主营产业", "主营产业", "Trade"], &["粮油", "蔬菜", "水果", "畜禽", "水产", "茶叶"]),
            num(["area", "经营面积（亩）", "经营面积", "Area"], 10.0, 900.0, 1).unit("亩"),
            on(["registered_on", "登记日期", "登记日期", "Registered on"], 0, 0),
            town("所在乡镇"),
            district_name("区县"),
        ]),
        table("farms", "produce_prices", ["农产品批发价格", "Produce prices"], [
            "每行是一个市场一种农产品一天的批发价。",
            "One row is one product's wholesale price on one day.",
        ])
        .topic("价格监管").l1().words(&["价格", "菜篮子"]).office("市场信息处").every(Daily).gbk().null(&["—", "-"]).dates(DateForm::Slash)
        .rows(Rows::Grid { things: 40, steps: 365, seconds: 86_400 })
        .columns(vec![
            on(["day", "日期", "日期", "Day"], 0, 0).key(),
            col(["product", "品名", "品名", "Product"], "short_text", |row, out| {
                const PRODUCE: [&str; 10] = ["青菜", "番茄", "土豆", "梭子蟹", "大黄鱼", "猪肉", "鸡蛋", "杨梅", "雪菜", "竹笋"];
                const GRADES: [&str; 4] = ["一级", "二级", "统货", "精品"];
                out.push_str(PRODUCE[(row.entity % 10) as usize]);
                out.push_str(GRADES[(row.entity / 10 % 4) as usize]);
            }).key(),
            money(["price", "批发价", "批发价", "Price"], 1.2, 180.0).unit("元/公斤"),
            num(["volume", "成交量", "成交量", "Volume"], 80.0, 60_000.0, 0).unit("公斤").gaps(0.03),
            pick(["origin", "产地", "产地", "Origin"], &["本地", "本地", "山东", "舟山", "台州"]).gaps(0.04),
        ]),
        table("farms", "produce_tests", ["农产品质量抽检", "Tests of produce"], [
            "每行是一批农产品的抽检结果。",
            "One row is one test of produce.",
        ])
        .topic("食品药品安全").l1().words(&["农产品", "抽检"]).office("质量监管处").every(Weekly).gbk().rows(Rows::Plain(8_000))
        .columns(vec![
            serial(["test_no", "抽检编号", "抽检编号", "Test"], "NJ"),
            pick(["product", "样品", "样品", "Product"], &["青菜", "杨梅", "草鱼", "鸡蛋", "草莓"]),
            on(["tested_on", "检测日期", "检测日期", "Tested on"], 0, 0),
            flag(["passed", "是否合格", "是否合格", "Passed"], 0.985),
            address("抽样地点"),
            district_name("区县"),
        ]),
    ]
}

fn culture() -> Vec<Table> {
    vec![
        table("scenic", "scenic_spots", ["A级旅游景区", "Scenic spots"], [
            "每行是一家 A 级旅游景区。",
            "One row is one rated scenic spot.",
        ])
        .topic("公共服务").l1().words(&["旅游", "景区"]).office("资源开发处").every(Quarterly).xlsx(2).clean().rows(Rows::Fixed(70)).span(5_000)
        .columns(vec![
            serial(["spot_no", "景区编号", "景区编号", "Spot"], "JQ"),
            named(["spot_name", "景区名称", "景区名称", "Name"], &["溪口", "东钱", "松兰", "前童", "四明", "达蓬"], &["风景区", "古镇", "度假区", "公园"]),
            pick(["rating", "等级", "等级", "Rating"], &["5A", "4A", "4A", "3A", "3A"]),
            int(["capacity", "最大承载量", "最大承载量", "Capacity"], 2_000, 90_000).unit("人"),
            money(["ticket", "门票", "门票", "Ticket"], 0.0, 210.0).unit("元"),
            office_phone("咨询电话"),
            pick(["open_hours", "开放时间", "开放时间", "Open"], &["8:00-17:00", "8:30-16:30", "全天"]),
            address("地址"),
            district_name("区县"),
            longitude("经度"),
            latitude("纬度"),
        ]),
        table("scenic", "scenic_visitors", ["景区客流日报", "Visitors by day"], [
            "每行是一家景区一天的客流。",
            "One row is one spot's visitors on one day.",
        ])
        .topic("公共服务").l1().words(&["旅游", "客流"]).office("市场管理处").every(Daily).bom().null(&["—"]).rows(Rows::Grid { things: 70, steps: 240, seconds: 86_400 })
        .columns(vec![
            thing(["spot_no", "景区编号", "景区编号", "Spot"], "JQ"),
            on(["day", "日期", "日期", "Day"], 0, 0).key(),
            int(["visitors", "入园人数", "入园人数", "Visitors"], 20, 42_000).unit("人次"),
            int(["peak", "瞬时最大", "瞬时最大客流", "Peak"], 5, 12_000).unit("人").gaps(0.03),
            money(["takings", "门票收入", "门票收入", "Takings"], 0.0, 900_000.0).unit("元"),
            district_name("区县"),
        ]),
        table("libraries", "library_cards", ["图书馆读者", "Readers"], [
            "每行是一名公共图书馆读者。",
            "One row is one reader of the public libraries.",
        ])
        .topic("公共服务").l3().words(&["图书馆"]).office("公共服务处").every(Monthly).ndjson().rows(Rows::OfPersons(20_000)).span(3_000)
        .columns(vec![
            serial(["card_no", "readerNo", "读者证号", "Card"], "DZ"),
            person_name("name"),
            citizen_id("certNo").gaps(0.08),
            sex("sex"),
            phone("phone"),
            pick(["card_kind", "cardType", "读者证类型", "Kind"], &["普通", "普通", "少儿", "集体"]).graded(data::declare::Grade::L1),
            on(["opened_on", "openDate", "办证日期", "Opened on"], 0, 0),
            district("branchArea"),
        ]),
        table("libraries", "library_loans", ["图书借阅量", "Loans"], [
            "每行是一家分馆一天的借还量，不含个人信息。",
            "One row is one branch's loans and returns on one day; without persons.",
        ])
        .topic("公共服务").l1().words(&["图书馆", "借阅"]).office("公共服务处").every(Daily).ndjson().rows(Rows::Grid { things: 60, steps: 300, seconds: 86_400 })
        .columns(vec![
            thing(["branch_no", "branchNo", "分馆编号", "Branch"], "TS"),
            on(["day", "date", "日期", "Day"], 0, 0).key(),
            int(["loans", "lendCount", "借出册次", "Loans"], 0, 2_400).unit("册"),
            int(["returns", "returnCount", "归还册次", "Returns"], 0, 2_400).unit("册"),
            int(["visitors", "visitCount", "到馆人次", "Visitors"], 10, 6_000).unit("人次"),
            district("areaCode"),
        ]),
    ]
}

fn emergencies() -> Vec<Table> {
    vec![
        table("hazards", "chemical_sites", ["危险化学品单位", "Sites with hazardous chemicals"], [
            "每行是一家危险化学品生产、经营或储存单位。",
            "One row is one site that makes, sells or stores hazardous chemicals.",
        ])
        .topic("安全生产").on_request().words(&["危化品", "安全"]).office("危险化学品处").every(Monthly).gb18030().rows(Rows::Companies(0.045)).span(1_000)
        .columns(vec![
            serial(["licence_no", "XKZBH", "许可证编号", "Licence"], "WH"),
            company_name("DWMC"),
            uscc("SHXYDM"),
            coded(["hazard_kind", "WHPLB", "危险品类别", "Class"], "hazard_kind"),
            num(["stock", "ZDCL", "最大存量", "Largest stock"], 0.5, 9_000.0, 1).unit("吨"),
            flag(["major_hazard", "SFZDWXY", "是否重大危险源", "Major hazard"], 0.12),
            person_name_as(["safety_officer", "AQFZR", "安全负责人", "Safety officer"]).personal(data::declare::Grade::L2),
            on(["valid_until", "YXQZ", "有效期至", "Valid until"], 100, 1_000),
            address("DZ"),
            district("XZQH"),
            longitude("JD"),
            latitude("WD"),
        ]),
        table("hazards", "safety_checks", ["安全生产检查", "Safety checks"], [
            "每行是一次对企业的安全检查。",
            "One row is one safety check of a company.",
        ])
        .topic("安全生产").words(&["检查", "隐患"]).office("执法支队").every(Weekly).gb18030().rows(Rows::OfCompanies(20_000))
        .columns(vec![
            serial(["check_no", "JCBH", "检查编号", "Check"], "JC"),
            company_name("DWMC"),
            uscc("SHXYDM"),
            on(["checked_on", "JCRQ", "检查日期", "Checked on"], 0, 0).required(),
            int(["dangers", "YHS", "隐患数", "Dangers found"], 0, 12).unit("个"),
            int(["removed", "ZGS", "已整改数", "Removed"], 0, 12).unit("个"),
            pick(["result", "JCJG", "检查结果", "Result"], &["合格", "限期整改", "限期整改", "立案查处"]),
            district("XZQH"),
        ]),
        table("emergency", "city_incidents", ["突发事件", "Incidents"], [
            "每行是一起突发事件。",
            "One row is one incident.",
        ])
        .topic("应急维稳").on_request().words(&["突发事件", "应急"]).office("指挥中心").every(Irregular).bom().rows(Rows::Plain(6_000)).span(900).corrected(0.02)
        .columns(vec![
            serial(["incident_no", "eventId", "事件编号", "Incident"], "SJ"),
            pick(["kind", "eventType", "事件类型", "Kind"], &["火灾", "道路交通事故", "燃气泄漏", "内涝", "森林火灾", "生产安全事故"]),
            coded(["incident_level", "eventLevel", "事件等级", "Level"], "incident_level"),
            at(["happened_at", "occurTime", "发生时间", "Happened at"]).required(),
            at_after(["closed_at", "closeTime", "处置结束时间", "Closed at"], 1, 40).gaps(0.04),
            int(["injured", "injuredNum", "受伤人数", "Injured"], 0, 9).unit("人"),
            address("eventAddr"),
            district("areaCode"),
            longitude("lng"),
            latitude("lat"),
            updated_at("updateTime"),
        ]),
        table("emergency", "shelters", ["应急避难场所", "Shelters"], [
            "每行是一处应急避难场所，对外公布。",
            "One row is one shelter; public.",
        ])
        .topic("应急维稳").l1().words(&["避难场所"]).office("风险监测处").every(Quarterly).bom().clean().rows(Rows::Fixed(640))
        .columns(vec![
            serial(["shelter_no", "shelterId", "场所编号", "Shelter"], "BN"),
            named(["shelter_name", "shelterName", "场所名称", "Name"], &["文化礼堂", "中心小学", "体育馆", "村委会"], &["避难场所", "避灾安置点"]),
            int(["capacity", "capacity", "可容纳人数", "Capacity"], 40, 3_000).unit("人"),
            office_phone("tel"),
            address("addr"),
            district("areaCode"),
            longitude("lng"),
            latitude("lat"),
        ]),
        table("emergency", "rescue_supplies", ["应急物资储备", "Emergency supplies"], [
            "每行是一个仓库一种物资的储备。",
            "One row is one warehouse's stock of one kind of supply.",
        ])
        .topic("应急维稳").words(&["物资"]).office("救援协调处").every(Monthly).bom().rows(Rows::AtMost(3_600)).null(&["-"])
        .columns(vec![
            serial(["stock_no", "stockId", "库存编号", "Stock"], "WZ"),
            pick(["supply", "goodsName", "物资名称", "Supply"], &["编织袋", "救生衣", "帐篷", "发电机", "排涝泵", "棉被"]),
            int(["quantity", "qty", "数量", "Quantity"], 10, 60_000),
            pick(["measure", "unit", "计量单位", "Unit"], &["件", "顶", "台", "床"]),
            on(["stored_on", "storeDate", "入库日期", "Stored on"], 0, 0),
            district("areaCode"),
        ]),
    ]
}
