//! Code lists (代码集) of the sample city, each value with how often it occurs.

/// Value, Chinese, English, weight.
pub type Code = (&'static str, &'static str, &'static str, u32);

/// A list: id, title, English title, norm, values.
pub struct List {
    pub id: &'static str,
    pub title: &'static str,
    pub title_en: &'static str,
    pub norm: &'static str,
    pub codes: &'static [Code],
}

const fn list(id: &'static str, title: &'static str, title_en: &'static str, norm: &'static str, codes: &'static [Code]) -> List {
    List { id, title, title_en, norm, codes }
}

/// The list with this id. Ids are written in this crate, and a test reads them all.
pub fn find(id: &str) -> &'static List {
    LISTS.iter().find(|list| list.id == id).unwrap_or(&LISTS[0])
}

pub static LISTS: &[List] = &[
    list("sex", "性别代码", "Sex", "GB/T 2261.1", &[
        ("0", "未知的性别", "Unknown", 0), ("1", "男性", "Male", 50), ("2", "女性", "Female", 50), ("9", "未说明的性别", "Not stated", 0),
    ]),
    list("ethnicity", "民族代码", "Ethnicity", "GB/T 3304", &[
        ("01", "汉族", "Han", 9600), ("02", "蒙古族", "Mongol", 4), ("03", "回族", "Hui", 20), ("04", "藏族", "Tibetan", 2),
        ("05", "维吾尔族", "Uyghur", 2), ("06", "苗族", "Miao", 90), ("07", "彝族", "Yi", 25), ("08", "壮族", "Zhuang", 25),
        ("09", "布依族", "Bouyei", 30), ("10", "朝鲜族", "Korean", 4), ("11", "满族", "Manchu", 12), ("12", "侗族", "Dong", 30),
        ("13", "瑶族", "Yao", 6), ("14", "白族", "Bai", 5), ("15", "土家族", "Tujia", 60), ("16", "哈尼族", "Hani", 3),
        ("22", "畲族", "She", 22), ("37", "仡佬族", "Gelao", 6), ("99", "其他", "Other", 4),
    ]),
    list("education_level", "学历代码", "Education level", "GB/T 4658", &[
        ("10", "研究生教育", "Postgraduate", 3), ("20", "大学本科", "Bachelor", 16), ("30", "大学专科", "College", 16),
        ("40", "中等职业教育", "Vocational secondary", 9), ("60", "普通高级中学", "Senior secondary", 16),
        ("70", "初级中学", "Junior secondary", 26), ("80", "小学", "Primary", 12), ("90", "其他", "Other", 2),
    ]),
    list("marital_status", "婚姻状况代码", "Marital status", "GB/T 2261.2", &[
        ("10", "未婚", "Single", 24), ("20", "已婚", "Married", 66), ("30", "丧偶", "Widowed", 5), ("40", "离婚", "Divorced", 5),
        ("90", "未说明的婚姻状况", "Not stated", 0),
    ]),
    list("kinship", "家庭关系代码", "Relation to head of household", "GB/T 4761", &[
        ("01", "本人", "Self", 40), ("10", "配偶", "Spouse", 30), ("20", "子", "Son", 12), ("30", "女", "Daughter", 12), ("50", "父母", "Parent", 6),
    ]),
    list("enterprise_type", "市场主体类型代码", "Enterprise type", "GS 4", &[
        ("1100", "有限责任公司", "Limited liability company", 60), ("1200", "股份有限公司", "Joint-stock company", 5),
        ("2000", "分公司", "Branch", 5), ("4530", "合伙企业", "Partnership", 5), ("4540", "个人独资企业", "Sole proprietorship", 15),
        ("9500", "个体工商户", "Individual business", 10),
    ]),
    list("company_status", "登记状态代码", "Registration status", "", &[
        ("1", "存续", "Active", 88), ("2", "吊销", "Licence revoked", 3), ("3", "注销", "Deregistered", 7), ("4", "迁出", "Moved away", 2),
    ]),
    list("insurance_kind", "社会保险险种代码", "Social insurance kind", "LD/T 92", &[
        ("110", "企业职工基本养老保险", "Employees' pension", 45), ("210", "失业保险", "Unemployment", 25),
        ("310", "职工基本医疗保险", "Employees' medical", 5), ("410", "工伤保险", "Work injury", 25),
    ]),
    list("hotline_class", "热线诉求分类代码", "Hotline class", "", &[
        ("01", "城乡建设", "Housing and construction", 22), ("02", "交通运输", "Transport", 18), ("03", "劳动和社会保障", "Labour and insurance", 15),
        ("04", "卫生健康", "Health", 8), ("05", "教育文体", "Education and culture", 8), ("06", "生态环境", "Environment", 9),
        ("07", "市场监管", "Market and consumers", 14), ("08", "公共安全", "Public safety", 6), ("09", "政务服务", "Government services", 7),
        ("99", "其他", "Other", 5),
    ]),
    list("request_kind", "诉求性质代码", "Kind of request", "", &[
        ("1", "咨询", "Question", 52), ("2", "求助", "Help", 22), ("3", "投诉", "Complaint", 18), ("4", "举报", "Report", 5), ("5", "建议", "Suggestion", 3),
    ]),
    list("case_status", "办理状态代码", "Handling status", "", &[
        ("10", "待受理", "Waiting", 3), ("20", "办理中", "In progress", 12), ("30", "已办结", "Done", 80), ("40", "已退回", "Returned", 3), ("50", "已作废", "Void", 2),
    ]),
    list("air_level", "空气质量指数级别代码", "Air quality level", "HJ 633-2012", &[
        ("1", "优", "Excellent", 45), ("2", "良", "Good", 42), ("3", "轻度污染", "Lightly polluted", 10), ("4", "中度污染", "Moderately polluted", 2),
        ("5", "重度污染", "Heavily polluted", 1), ("6", "严重污染", "Severely polluted", 0),
    ]),
    list("water_grade", "地表水水质类别代码", "Surface water class", "GB 3838-2002", &[
        ("1", "Ⅰ类", "Class I", 5), ("2", "Ⅱ类", "Class II", 30), ("3", "Ⅲ类", "Class III", 48), ("4", "Ⅳ类", "Class IV", 13),
        ("5", "Ⅴ类", "Class V", 3), ("6", "劣Ⅴ类", "Worse than V", 1),
    ]),
    list("vehicle_kind", "号牌种类代码", "Plate kind", "GA/T 16.7", &[
        ("01", "大型汽车", "Large vehicle", 6), ("02", "小型汽车", "Small vehicle", 70), ("52", "小型新能源汽车", "Small electric vehicle", 20),
        ("07", "普通摩托车", "Motorcycle", 4),
    ]),
    list("fuel_kind", "燃料种类代码", "Fuel", "GA/T 16.9", &[
        ("A", "汽油", "Petrol", 68), ("B", "柴油", "Diesel", 8), ("C", "电", "Electric", 18), ("O", "混合动力", "Hybrid", 6),
    ]),
    list("hospital_level", "医院等级代码", "Hospital level", "", &[
        ("31", "三级甲等", "Tertiary A", 4), ("32", "三级乙等", "Tertiary B", 6), ("21", "二级甲等", "Secondary A", 12), ("22", "二级乙等", "Secondary B", 10),
        ("11", "一级", "Primary", 24), ("90", "未定级", "Not graded", 44),
    ]),
    list("visit_kind", "就诊类型代码", "Kind of visit", "", &[
        ("1", "门诊", "Outpatient", 80), ("2", "急诊", "Emergency", 9), ("3", "住院", "Inpatient", 8), ("4", "互联网诊疗", "Online", 3),
    ]),
    list("disease_class", "疾病分类代码", "Disease chapter", "GB/T 14396 (ICD-10)", &[
        ("J", "呼吸系统疾病", "Respiratory", 26), ("I", "循环系统疾病", "Circulatory", 18), ("K", "消化系统疾病", "Digestive", 14),
        ("M", "肌肉骨骼疾病", "Musculoskeletal", 13), ("E", "内分泌代谢疾病", "Endocrine", 10), ("L", "皮肤疾病", "Skin", 7),
        ("S", "损伤", "Injury", 7), ("N", "泌尿生殖疾病", "Genitourinary", 5),
    ]),
    list("vaccine", "疫苗代码", "Vaccine", "WS 375", &[
        ("0201", "乙肝疫苗", "Hepatitis B", 20), ("0303", "脊灰疫苗", "Polio", 16), ("0402", "百白破疫苗", "DTaP", 16), ("0501", "麻腮风疫苗", "MMR", 14),
        ("2101", "流感疫苗", "Influenza", 24), ("2801", "HPV疫苗", "HPV", 10),
    ]),
    list("school_kind", "学校办学类型代码", "Kind of school", "JY/T 1001", &[
        ("111", "幼儿园", "Kindergarten", 46), ("211", "小学", "Primary school", 24), ("311", "初级中学", "Junior secondary", 12),
        ("312", "九年一贯制学校", "Nine-year school", 6), ("342", "高级中学", "Senior secondary", 7), ("361", "中等职业学校", "Vocational school", 5),
    ]),
    list("house_use", "房屋用途代码", "Use of premises", "", &[
        ("10", "住宅", "Residence", 84), ("20", "商业", "Shop", 7), ("30", "办公", "Office", 4), ("40", "工业", "Industry", 3), ("90", "其他", "Other", 2),
    ]),
    list("site_stage", "工程进度代码", "Construction stage", "", &[
        ("1", "未开工", "Not begun", 8), ("2", "基础", "Foundation", 22), ("3", "主体", "Structure", 40), ("4", "装饰", "Finishing", 22), ("5", "竣工", "Completed", 8),
    ]),
    list("permit_status", "证照状态代码", "Licence status", "", &[
        ("1", "有效", "Valid", 90), ("2", "过期", "Expired", 6), ("3", "注销", "Cancelled", 3), ("4", "撤销", "Withdrawn", 1),
    ]),
    list("permit_class", "排污许可管理类别代码", "Pollution permit class", "", &[
        ("1", "重点管理", "Key", 12), ("2", "简化管理", "Simplified", 33), ("3", "登记管理", "Registered", 55),
    ]),
    list("warning_level", "预警级别代码", "Warning level", "GB/T 27962", &[
        ("1", "蓝色", "Blue", 40), ("2", "黄色", "Yellow", 38), ("3", "橙色", "Orange", 17), ("4", "红色", "Red", 5),
    ]),
    list("incident_level", "突发事件等级代码", "Incident level", "", &[
        ("1", "特别重大", "Exceptional", 0), ("2", "重大", "Major", 1), ("3", "较大", "Considerable", 9), ("4", "一般", "Ordinary", 90),
    ]),
    list("disability_kind", "残疾类别代码", "Kind of disability", "GB/T 26341", &[
        ("1", "视力残疾", "Visual", 15), ("2", "听力残疾", "Hearing", 20), ("3", "言语残疾", "Speech", 3), ("4", "肢体残疾", "Physical", 42),
        ("5", "智力残疾", "Intellectual", 9), ("6", "精神残疾", "Mental", 8), ("7", "多重残疾", "Multiple", 3),
    ]),
    list("disability_level", "残疾等级代码", "Level of disability", "GB/T 26341", &[
        ("1", "一级", "Level 1", 16), ("2", "二级", "Level 2", 28), ("3", "三级", "Level 3", 28), ("4", "四级", "Level 4", 28),
    ]),
    list("welfare_kind", "社会救助类别代码", "Kind of relief", "", &[
        ("01", "最低生活保障", "Subsistence allowance", 55), ("02", "特困供养", "Extreme poverty support", 10),
        ("03", "低保边缘", "Near-subsistence", 20), ("04", "临时救助", "Temporary relief", 15),
    ]),
    list("business_kind", "事业类型代码", "Kind of household matter", "", &[
        ("1", "社会保障", "Social security", 40), ("2", "户籍婚姻", "Household and marriage", 30), ("3", "公积金医保", "Housing fund and medical insurance", 30),
    ]),
    list("cloud_site", "政务云中心代码", "Government cloud centre", "", &[
        ("A", "云中心甲", "Centre A", 55), ("B", "云中心乙", "Centre B", 45),
    ]),
    list("network_kind", "通信制式代码", "Radio technology", "", &[
        ("NSA", "非独立组网", "Non-standalone", 22), ("SA", "独立组网", "Standalone", 78),
    ]),
    list("facility_kind", "城市部件分类代码", "City facility class", "GB/T 30428.2", &[
        ("01", "公用设施", "Utilities", 38), ("02", "道路交通", "Road and traffic", 24), ("03", "市容环境", "Street environment", 20),
        ("04", "园林绿化", "Greening", 14), ("05", "其他设施", "Other", 4),
    ]),
    list("hazard_kind", "危险化学品类别代码", "Hazardous chemical class", "GB 6944", &[
        ("2", "气体", "Gas", 22), ("3", "易燃液体", "Flammable liquid", 40), ("5", "氧化性物质", "Oxidiser", 9), ("6", "毒性物质", "Toxic", 10),
        ("8", "腐蚀性物质", "Corrosive", 19),
    ]),
    list("machine_state", "设备状态代码", "Machine state", "", &[
        ("R", "运行", "Running", 74), ("I", "待机", "Idle", 15), ("F", "故障", "Fault", 3), ("S", "停机", "Stopped", 8),
    ]),
    list("tax_kind", "税种代码", "Tax", "", &[
        ("10101", "增值税", "Value-added tax", 42), ("10104", "企业所得税", "Corporate income tax", 22), ("10106", "个人所得税", "Individual income tax", 14),
        ("10109", "城市维护建设税", "Urban construction tax", 12), ("10110", "房产税", "Property tax", 6), ("10112", "城镇土地使用税", "Land use tax", 4),
    ]),
    list("credit_grade", "纳税信用等级代码", "Tax credit grade", "", &[
        ("A", "A级", "A", 18), ("B", "B级", "B", 48), ("M", "M级", "M", 24), ("C", "C级", "C", 7), ("D", "D级", "D", 3),
    ]),
];
