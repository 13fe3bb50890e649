//! The built-in kinds of values: their words, titles, norms and the column each gets in the standard layer.

use kernel::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a value is at heart, and the column type it gets in the standard layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Text, as found, with outer blanks removed. → Utf8
    Text,
    /// Whole number. → Int64
    Integer,
    /// Measured number. → Float64
    Number,
    /// Money in yuan, exact to fen. → Decimal128(18, 2)
    Money,
    /// `12.5%`, `3‰`, `12.5`: the number of percent. → Float64
    Percentage,
    /// 是/否, true/false, 1/0, Y/N. → Boolean
    Boolean,
    /// Date in Chinese or Western form. → Date32
    Date,
    /// Date and time, in the city's time zone unless it says otherwise. → Timestamp(µs, UTC)
    Datetime,
    /// Time of day, kept as `hh:mm:ss`. → Utf8
    TimeOfDay,
    /// Citizen id number (GB 11643). → Utf8, 18 places
    CitizenId,
    /// Number of the permanent residence card: 18 places (since 2023) or 15. → Utf8
    ForeignerId,
    /// Passport number of any country. → Utf8
    Passport,
    /// Travel permit between the mainland and Hong Kong, Macau or Taiwan. → Utf8
    TravelPermit,
    /// Unified social credit code (GB 32100). → Utf8, 18 places
    Uscc,
    /// Organisation code (GB 11714) without its dash. → Utf8, 9 places
    OrganizationCode,
    /// Old registration number of an enterprise, 15 digits. → Utf8
    RegistrationNumber,
    /// Bank card number with the check digit of Luhn. → Utf8
    BankCard,
    /// Vehicle plate of any class, without separators. → Utf8
    PlateNumber,
    /// Vehicle identification number. → Utf8, 17 places
    Vin,
    /// Division code (GB/T 2260, with towns and villages: 2, 4, 6, 9 or 12 digits). → Utf8
    DivisionCode,
    /// Postal code. → Utf8, 6 digits
    PostalCode,
    /// Industry code (GB/T 4754-2017). → Utf8
    IndustryCode,
    /// Sex: code, or 男, 女, M, F… → Utf8 (the code)
    SexCode,
    /// Ethnic group: number, letters or name. → Utf8 (two digits)
    EthnicCode,
    /// Country or region: two letters, three letters, three digits or name. → Utf8 (two letters)
    CountryCode,
    /// Currency: three letters, three digits or name. → Utf8 (three letters)
    CurrencyCode,
    /// Mobile or fixed telephone number. → Utf8
    Phone,
    /// E-mail address, its domain in lower case. → Utf8
    Email,
    /// Web address (http, https, ftp). → Utf8
    Url,
    /// IPv4 or IPv6 address. → Utf8
    IpAddress,
    /// MAC address, kept as `00-1A-2B-3C-4D-5E`. → Utf8
    MacAddress,
    /// ISBN, kept in 13 digits. → Utf8
    Isbn,
    /// ISSN, kept as `1234-567X`. → Utf8
    Issn,
    /// Longitude in degrees. → Float64
    Longitude,
    /// Latitude in degrees. → Float64
    Latitude,
    /// Longitude and latitude in one cell, kept as `121.554212,29.868312`. → Utf8
    Position,
    /// A value of a code list. → Utf8 (the code)
    Code,
    /// A GeoJSON geometry. → Utf8
    Geometry,
}

/// The column that values of a kind fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Text,
    Integer,
    Number,
    Money,
    Boolean,
    Date,
    Datetime,
}

/// What is known of a kind.
struct Facts {
    name: &'static str,
    zh: &'static str,
    en: &'static str,
    norm: &'static str,
    shape: Shape,
    /// What every checked value matches; empty where the kind says enough.
    form: &'static str,
}

const fn facts(
    name: &'static str,
    zh: &'static str,
    en: &'static str,
    norm: &'static str,
    shape: Shape,
    form: &'static str,
) -> Facts {
    Facts { name, zh, en, norm, shape, form }
}

impl Kind {
    pub const ALL: [Kind; 38] = [
        Kind::Text,
        Kind::Integer,
        Kind::Number,
        Kind::Money,
        Kind::Percentage,
        Kind::Boolean,
        Kind::Date,
        Kind::Datetime,
        Kind::TimeOfDay,
        Kind::CitizenId,
        Kind::ForeignerId,
        Kind::Passport,
        Kind::TravelPermit,
        Kind::Uscc,
        Kind::OrganizationCode,
        Kind::RegistrationNumber,
        Kind::BankCard,
        Kind::PlateNumber,
        Kind::Vin,
        Kind::DivisionCode,
        Kind::PostalCode,
        Kind::IndustryCode,
        Kind::SexCode,
        Kind::EthnicCode,
        Kind::CountryCode,
        Kind::CurrencyCode,
        Kind::Phone,
        Kind::Email,
        Kind::Url,
        Kind::IpAddress,
        Kind::MacAddress,
        Kind::Isbn,
        Kind::Issn,
        Kind::Longitude,
        Kind::Latitude,
        Kind::Position,
        Kind::Code,
        Kind::Geometry,
    ];

    #[rustfmt::skip]
    const fn facts(self) -> Facts {
        match self {
            Kind::Text => facts("text", "文字", "Text", "", Shape::Text, ""),
            Kind::Integer => facts("integer", "整数", "Whole number", "", Shape::Integer, ""),
            Kind::Number => facts("number", "数值", "Number", "", Shape::Number, ""),
            Kind::Money => facts("money", "金额", "Money", "", Shape::Money, ""),
            Kind::Percentage => facts("percentage", "百分数", "Percentage", "", Shape::Number, ""),
            Kind::Boolean => facts("boolean", "是否", "Yes or no", "", Shape::Boolean, ""),
            Kind::Date => facts("date", "日期", "Date", "GB/T 7408", Shape::Date, ""),
            Kind::Datetime => facts("datetime", "日期时间", "Date and time", "GB/T 7408", Shape::Datetime, ""),
            Kind::TimeOfDay => facts("time_of_day", "时刻", "Time of day", "GB/T 7408", Shape::Text, "^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$|^24:00:00$"),
            Kind::CitizenId => facts("citizen_id", "公民身份号码", "Citizen id number", "GB 11643-1999", Shape::Text, "^[1-8][0-9]{16}[0-9X]$"),
            Kind::ForeignerId => facts("foreigner_id", "外国人永久居留身份证号码", "Foreign permanent resident id", "GA/T 704", Shape::Text, "^(9[0-9]{16}[0-9X]|[A-Z]{3}[0-9]{12})$"),
            Kind::Passport => facts("passport", "护照号码", "Passport number", "ICAO Doc 9303", Shape::Text, "^[A-Z0-9]{5,9}$"),
            Kind::TravelPermit => facts("travel_permit", "港澳台往来通行证号码", "Travel permit number", "", Shape::Text, "^([CLTW][0-9A-Z][0-9]{7}|[HM][0-9]{8}([0-9]{2})?|[0-9]{8}([0-9]{2})?)$"),
            Kind::Uscc => facts("uscc", "统一社会信用代码", "Unified social credit code", "GB 32100-2015", Shape::Text, "^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$"),
            Kind::OrganizationCode => facts("organization_code", "组织机构代码", "Organisation code", "GB 11714-1997", Shape::Text, "^[0-9A-Z]{8}[0-9X]$"),
            Kind::RegistrationNumber => facts("registration_number", "工商注册号", "Business registration number", "GS 15-2006", Shape::Text, "^[0-9]{15}$"),
            Kind::BankCard => facts("bank_card", "银行卡号", "Bank card number", "GB/T 15694.1 / ISO/IEC 7812", Shape::Text, "^[0-9]{13,19}$"),
            Kind::PlateNumber => facts("plate_number", "机动车号牌", "Vehicle plate", "GA 36-2018", Shape::Text, "^[一-鿿A-Z0-9]{6,9}$"),
            Kind::Vin => facts("vin", "车辆识别代号", "Vehicle identification number", "GB 16735-2019", Shape::Text, "^[0-9A-HJ-NPR-Z]{17}$"),
            Kind::DivisionCode => facts("division_code", "行政区划代码", "Division code", "GB/T 2260", Shape::Text, "^[0-9]{2}([0-9]{2}([0-9]{2}([0-9]{3}([0-9]{3})?)?)?)?$"),
            Kind::PostalCode => facts("postal_code", "邮政编码", "Postal code", "YD/T 603", Shape::Text, "^[0-9]{6}$"),
            Kind::IndustryCode => facts("industry_code", "行业代码", "Industry code", "GB/T 4754-2017", Shape::Text, "^([A-T]|[0-9]{2,4})$"),
            Kind::SexCode => facts("sex_code", "性别代码", "Sex", "GB/T 2261.1-2003", Shape::Text, "^[0129]$"),
            Kind::EthnicCode => facts("ethnic_code", "民族代码", "Ethnic group", "GB/T 3304-1991", Shape::Text, "^[0-9]{2}$"),
            Kind::CountryCode => facts("country_code", "国家和地区代码", "Country or region", "GB/T 2659.1-2022", Shape::Text, "^[A-Z]{2}$"),
            Kind::CurrencyCode => facts("currency_code", "货币代码", "Currency", "GB/T 12406-2022 / ISO 4217", Shape::Text, "^[A-Z]{3}$"),
            Kind::Phone => facts("phone", "电话号码", "Telephone number", "", Shape::Text, ""),
            Kind::Email => facts("email", "电子邮件地址", "E-mail address", "RFC 5321", Shape::Text, "^[^@ ]{1,64}@[^@ ]{1,255}$"),
            Kind::Url => facts("url", "网址", "Web address", "RFC 3986", Shape::Text, "^(https?|ftp)://[^ ]+$"),
            Kind::IpAddress => facts("ip_address", "IP 地址", "IP address", "RFC 791 / RFC 5952", Shape::Text, "^[0-9a-f.:]{2,45}$"),
            Kind::MacAddress => facts("mac_address", "MAC 地址", "MAC address", "IEEE 802", Shape::Text, "^[0-9A-F]{2}(-[0-9A-F]{2}){5}$"),
            Kind::Isbn => facts("isbn", "国际标准书号", "ISBN", "GB/T 5795-2006", Shape::Text, "^97[89][0-9]{10}$"),
            Kind::Issn => facts("issn", "国际标准连续出版物号", "ISSN", "GB/T 9999.1-2018", Shape::Text, "^[0-9]{4}-[0-9]{3}[0-9X]$"),
            Kind::Longitude => facts("longitude", "经度", "Longitude", "GB/T 16831", Shape::Number, ""),
            Kind::Latitude => facts("latitude", "纬度", "Latitude", "GB/T 16831", Shape::Number, ""),
            Kind::Position => facts("position", "经纬度", "Position", "GB/T 16831", Shape::Text, r"^-?[0-9]{1,3}(\.[0-9]+)?,-?[0-9]{1,2}(\.[0-9]+)?$"),
            Kind::Code => facts("code", "代码", "Code", "", Shape::Text, ""),
            Kind::Geometry => facts("geometry", "几何图形", "Geometry", "RFC 7946", Shape::Text, ""),
        }
    }

    /// The word for it in declarations and fault codes.
    pub fn name(self) -> &'static str {
        self.facts().name
    }

    /// What people call it.
    pub fn title(self) -> Text {
        Text::new(self.facts().zh, self.facts().en)
    }

    /// The norm that its check follows; empty where there is none.
    pub fn norm(self) -> &'static str {
        self.facts().norm
    }

    /// The column that its values fill.
    pub fn shape(self) -> Shape {
        self.facts().shape
    }

    /// A regular expression that every checked value matches; empty where the shape says enough.
    pub fn form(self) -> &'static str {
        self.facts().form
    }

    /// Whether it is a number to calculate with.
    pub fn is_number(self) -> bool {
        matches!(self.shape(), Shape::Integer | Shape::Number | Shape::Money)
    }

    /// The built-in kind of this name.
    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
