//! Quality rules of the sample city: some that hold, and some that its mess breaks, so that scores and defects have something
//! to show.

/// Name, title in Chinese and English, dimension, severity, share that may fail, and what it asks as lines of TOML.
pub type Rule = (&'static str, &'static str, &'static str, &'static str, &'static str, f64, &'static str);

/// The rules of a resource, in order.
pub fn of(resource: &str) -> &'static [Rule] {
    RULES.iter().find(|(id, _)| *id == resource).map_or(&[], |(_, rules)| rules)
}

const RULES: [(&str, &[Rule]); 12] = [
    ("hukou_persons", &[
        ("birth_in_id", "出生日期与公民身份号码一致", "Birth date agrees with the id number", "consistency", "error", 0.0, "expression = \"substr(citizen_id, 7, 8) = to_char(birth_date, '%Y%m%d')\""),
        ("sex_in_id", "性别与公民身份号码一致", "Sex agrees with the id number", "consistency", "error", 0.0, "expression = \"(substr(citizen_id, 17, 1) in ('1', '3', '5', '7', '9')) = (sex = '1')\""),
        ("phone_given", "留有联系电话", "A telephone number is given", "completeness", "warning", 0.2, "expression = \"phone is not null\""),
        ("married_of_age", "已婚者已满二十周岁", "Who is married is twenty", "validity", "error", 0.0, "expression = \"marital_status not in ('20', '21', '22', '23') or days_between(birth_date, today()) >= 7300\""),
    ]),
    ("companies", &[
        ("phone_given", "留有联系电话", "A telephone number is given", "completeness", "warning", 0.1, "expression = \"phone is not null\""),
        ("phone_own", "联系电话不被多家企业共用", "No two companies share a telephone number", "uniqueness", "warning", 0.05, "unique = [\"phone\"]"),
        ("in_city", "坐标在本市范围内", "The place lies in the city", "validity", "error", 0.0, "expression = \"longitude between 120.9 and 122.3 and latitude between 28.8 and 30.6\""),
        ("founded_past", "成立日期不晚于今天", "Not founded in the future", "validity", "error", 0.0, "expression = \"founded_on <= today()\""),
    ]),
    ("food_permits", &[
        ("company_known", "持证企业已登记", "The company is registered", "referential", "error", 0.005, "references = { items = [\"uscc\"], resource = \"companies\", to = [\"uscc\"] }"),
        ("uscc_given", "填有统一社会信用代码", "The credit code is given", "completeness", "error", 0.0, "expression = \"uscc is not null\""),
        ("valid_after_issue", "有效期至晚于发证日期", "Valid until after it was issued", "consistency", "error", 0.0, "expression = \"valid_until > issued_on\""),
    ]),
    ("motor_vehicles", &[
        ("plate_once", "号牌不重复", "No plate twice", "uniqueness", "error", 0.0, "unique = [\"plate_no\"]"),
        ("owner_known", "车主在户籍中", "The owner is in the household register", "referential", "warning", 0.02, "references = { items = [\"owner_citizen_id\"], resource = \"hukou_persons\", to = [\"citizen_id\"] }"),
        ("inspected", "检验在有效期内", "The inspection is valid", "timeliness", "warning", 0.3, "expression = \"inspected_until >= today()\""),
    ]),
    ("hotline_calls", &[
        ("done_when_closed", "办结的诉求填有办结时间", "Closed calls say when", "completeness", "error", 0.0, "expression = \"case_status not in ('40', '50') or done_at is not null\""),
        ("open_not_done", "待受理的诉求没有办结时间", "New calls are not done yet", "consistency", "error", 0.0, "expression = \"case_status <> '10' or done_at is null\""),
        ("done_after_call", "办结不早于来电", "Not done before the call", "consistency", "error", 0.0, "expression = \"done_at >= called_at\""),
    ]),
    ("house_contracts", &[
        ("price_plausible", "单价在合理范围内", "The price per square metre is plausible", "validity", "warning", 0.05, "expression = \"price / area between 3000 and 100000\""),
        ("buyer_once", "同一买受人没有多份合同", "One contract a buyer", "uniqueness", "info", 0.1, "unique = [\"buyer_citizen_id\"]"),
    ]),
    ("insured_persons", &[
        ("employer_known", "参保单位已登记", "The employer is registered", "referential", "warning", 0.01, "references = { items = [\"employer_uscc\"], resource = \"companies\", to = [\"uscc\"] }"),
        ("one_record", "一人一条参保记录", "One record a person", "uniqueness", "error", 0.0, "unique = [\"citizen_id\"]"),
        ("base_in_range", "缴费基数在上下限之间", "The wage base is within its bounds", "validity", "warning", 0.0, "expression = \"wage_base between 4000 and 25000\""),
    ]),
    ("visits", &[
        ("diagnosis_given", "填有诊断编码", "A diagnosis is given", "completeness", "warning", 0.02, "expression = \"diagnosis_code is not null\""),
        ("age_plausible", "年龄在 0 到 120 岁之间", "Aged from 0 to 120", "validity", "error", 0.0, "expression = \"age between 0 and 120\""),
    ]),
    ("school_list", &[
        ("pupils_per_teacher", "生师比不超过 30", "At most 30 pupils a teacher", "validity", "warning", 0.1, "expression = \"pupils / teachers <= 30\""),
        ("phone_once", "联系电话不重复", "No telephone number twice", "uniqueness", "info", 0.0, "unique = [\"phone\"]"),
    ]),
    ("pupil_roll", &[
        ("school_known", "就读学校已登记", "The school is registered", "referential", "error", 0.0, "references = { items = [\"school_no\"], resource = \"school_list\", to = [\"school_no\"] }"),
        ("birth_in_id", "出生日期与公民身份号码一致", "Birth date agrees with the id number", "consistency", "error", 0.0, "expression = \"substr(citizen_id, 7, 8) = to_char(birth_date, '%Y%m%d')\""),
    ]),
    ("air_daily", &[
        ("level_of_aqi", "空气质量级别与指数一致（HJ 633）", "The level agrees with the index (HJ 633)", "consistency", "error", 0.0, "expression = \"case when aqi <= 50 then level = '1' when aqi <= 100 then level = '2' when aqi <= 150 then level = '3' when aqi <= 200 then level = '4' when aqi > 200 then level in ('5', '6') end\""),
        ("recent", "三天内有数据", "There are data of the last three days", "timeliness", "error", 0.0, "fresh = { item = \"day\", within = \"P3D\" }"),
    ]),
    ("water_readings", &[
        ("oxygen_of_grade", "溶解氧达到所报水质类别（GB 3838）", "Oxygen reaches the grade that is told (GB 3838)", "consistency", "error", 0.05, "expression = \"case water_grade when '1' then oxygen >= 7.5 when '2' then oxygen >= 6 when '3' then oxygen >= 5 when '4' then oxygen >= 3 else true end\""),
        ("acid_plausible", "酸碱度在 0 到 14 之间", "Acidity from 0 to 14", "validity", "error", 0.0, "expression = \"ph between 0 and 14\""),
    ]),
];
