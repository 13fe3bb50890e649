//! Named data elements (数据元) of the sample city. Each code list has a standard of its own name besides these.

use data::declare::Kind;

/// A standard in short: what it is, and the bounds that values keep to.
pub struct Element {
    pub id: &'static str,
    pub title: &'static str,
    pub title_en: &'static str,
    pub kind: Kind,
    pub codes: Option<&'static str>,
    pub pattern: Option<&'static str>,
    pub length: Option<(u32, u32)>,
    pub bounds: Option<(f64, f64)>,
    pub dates: Option<(&'static str, &'static str)>,
    pub norm: &'static str,
}

fn element(id: &'static str, title: &'static str, title_en: &'static str, kind: Kind) -> Element {
    Element { id, title, title_en, kind, codes: None, pattern: None, length: None, bounds: None, dates: None, norm: "" }
}

fn text(id: &'static str, title: &'static str, title_en: &'static str, fewest: u32, most: u32) -> Element {
    Element { length: Some((fewest, most)), ..element(id, title, title_en, Kind::Text) }
}

fn pattern(id: &'static str, title: &'static str, title_en: &'static str, pattern: &'static str) -> Element {
    Element { pattern: Some(pattern), ..element(id, title, title_en, Kind::Text) }
}

fn number(id: &'static str, title: &'static str, title_en: &'static str, kind: Kind, low: f64, high: f64) -> Element {
    Element { bounds: Some((low, high)), ..element(id, title, title_en, kind) }
}

pub fn all() -> Vec<Element> {
    let mut all = vec![
        text("person_name", "姓名", "Name of a person", 2, 50),
        text("org_name", "单位名称", "Name of an organisation", 2, 100),
        text("address", "地址", "Address", 4, 200),
        text("short_text", "短文本", "Short text", 1, 60),
        text("long_text", "说明文本", "Long text", 1, 2000),
        Element { norm: "GB 11643-1999", ..element("citizen_number", "公民身份号码", "Citizen id number", Kind::CitizenId) },
        Element { norm: "GB 32100-2015", ..element("credit_code", "统一社会信用代码", "Unified social credit code", Kind::Uscc) },
        Element { norm: "GB/T 4754-2017", ..element("industry", "行业代码", "Industry", Kind::IndustryCode) },
        Element {
            codes: Some("districts"), norm: "GB/T 2260", ..element("district", "区（县、市）代码", "District code", Kind::Code)
        },
        Element { codes: Some("divisions"), norm: "GB/T 10114", ..element("town", "乡镇街道代码", "Town code", Kind::Code) },
        Element { dates: Some(("1900-01-01", "2026-12-31")), ..element("birth_date", "出生日期", "Date of birth", Kind::Date) },
        Element { dates: Some(("1949-10-01", "2099-12-31")), ..element("business_date", "业务日期", "Date of business", Kind::Date) },
        pattern("serial_no", "业务编号", "Serial number", "[0-9A-Z-]{4,32}"),
        pattern("household_no", "户号", "Household number", "[0-9]{9}"),
        pattern("period_month", "费款所属期", "Month", "20[0-9]{2}-(0[1-9]|1[0-2])"),
        Element { norm: "GA 36", ..pattern("plate_no", "机动车号牌", "Vehicle plate", "浙B[0-9A-Z]{5,6}") },
        pattern("postcode", "邮政编码", "Postcode", "315[0-9]{3}"),
        pattern("ipv6_address", "IPv6地址", "IPv6 address", "[0-9a-f:]{2,39}"),
        number("count", "数量", "Count", Kind::Integer, 0.0, 1e12),
        number("age", "年龄", "Age in years", Kind::Integer, 0.0, 130.0),
        number("year", "年份", "Year", Kind::Integer, 1949.0, 2100.0),
        number("quantity", "计量值", "Measured quantity", Kind::Number, 0.0, 1e15),
        number("reading", "监测值", "Reading", Kind::Number, -1e6, 1e9),
        number("percent", "百分比", "Percentage", Kind::Number, 0.0, 100.0),
        number("aqi", "空气质量指数", "Air quality index", Kind::Integer, 0.0, 500.0),
        number("concentration", "浓度", "Concentration", Kind::Number, 0.0, 100_000.0),
        number("temperature", "温度", "Temperature", Kind::Number, -60.0, 60.0),
        number("ph", "pH值", "pH", Kind::Number, 0.0, 14.0),
        number("amount", "金额", "Amount of money", Kind::Money, 0.0, 1e13),
        Element { norm: "GB/T 14396", ..pattern("icd_code", "疾病编码", "Disease code", "[A-Z][0-9]{2}(\\.[0-9])?") },
    ];
    for list in super::codes::LISTS {
        all.push(Element { codes: Some(list.id), norm: list.norm, ..element(list.id, list.title, list.title_en, Kind::Code) });
    }
    all
}

/// What a value of this standard is at heart.
pub fn kind(standard: &str) -> Kind {
    match standard {
        "integer" => Kind::Integer,
        "number" => Kind::Number,
        "money" => Kind::Money,
        "boolean" => Kind::Boolean,
        "date" => Kind::Date,
        "datetime" => Kind::Datetime,
        "phone" => Kind::Phone,
        "longitude" => Kind::Longitude,
        "latitude" => Kind::Latitude,
        "geometry" => Kind::Geometry,
        "division_code" => Kind::DivisionCode,
        _ => all().iter().find(|element| element.id == standard).map_or(Kind::Text, |element| element.kind),
    }
}
