//! What a column can tell (数据类别), and the class and grade that go with it.

use kernel::Text;
use serde::{Deserialize, Serialize};

use crate::declare::{Grade, ItemClass, Kind};

/// What a column tells of somebody or something.
///
/// Sensitive are the kinds that 个人信息保护法 §28 names: biometrics, religion, special identity, health, finance,
/// whereabouts, and what is known of children below fourteen. The grades are those of DB33/T 2351-2021 as cities use them:
/// what identifies or exposes a person is L3, what would hurt badly L4, what says little alone L2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InfoType {
    CitizenId,
    TravelDocument,
    BankAccount,
    Health,
    Biometric,
    Religion,
    Offence,
    Hardship,
    Credential,
    Whereabouts,
    Minor,
    PersonName,
    Mobile,
    Email,
    HomeAddress,
    HomePosition,
    BirthDate,
    MaritalStatus,
    Income,
    Vehicle,
    Property,
    Account,
    Sex,
    Age,
    Ethnicity,
    Education,
    Household,
    Employment,
    Device,
    ContactPerson,
    BusinessSecret,
    CompanyId,
    Organisation,
    Division,
    Landline,
    SiteAddress,
    Position,
    Industry,
    Measurement,
    Statistic,
    Calendar,
    Transport,
}

struct Facts {
    name: &'static str,
    zh: &'static str,
    en: &'static str,
    class: ItemClass,
    grade: Grade,
}

const fn facts(name: &'static str, zh: &'static str, en: &'static str, class: ItemClass, grade: Grade) -> Facts {
    Facts {
        name,
        zh,
        en,
        class,
        grade,
    }
}

impl InfoType {
    pub const ALL: [InfoType; 42] = {
        use InfoType::*;
        [
            CitizenId,
            TravelDocument,
            BankAccount,
            Health,
            Biometric,
            Religion,
            Offence,
            Hardship,
            Credential,
            Whereabouts,
            Minor,
            PersonName,
            Mobile,
            Email,
            HomeAddress,
            HomePosition,
            BirthDate,
            MaritalStatus,
            Income,
            Vehicle,
            Property,
            Account,
            Sex,
            Age,
            Ethnicity,
            Education,
            Household,
            Employment,
            Device,
            ContactPerson,
            BusinessSecret,
            CompanyId,
            Organisation,
            Division,
            Landline,
            SiteAddress,
            Position,
            Industry,
            Measurement,
            Statistic,
            Calendar,
            Transport,
        ]
    };

    #[rustfmt::skip]
    const fn facts(self) -> Facts {
        use Grade::{L1, L2, L3, L4};
        use ItemClass::{Business, Personal, Public, Sensitive};
        match self {
            InfoType::CitizenId => facts("citizen_id", "公民身份号码", "citizen id", Sensitive, L3),
            InfoType::TravelDocument => facts("travel_document", "护照、通行证等证件号", "number of a passport, permit or other document", Sensitive, L3),
            InfoType::BankAccount => facts("bank_account", "银行账户", "bank account", Sensitive, L4),
            InfoType::Health => facts("health", "健康和诊疗", "health and treatment", Sensitive, L4),
            InfoType::Biometric => facts("biometric", "生物识别", "biometrics", Sensitive, L4),
            InfoType::Religion => facts("religion", "宗教信仰", "religion", Sensitive, L4),
            InfoType::Offence => facts("offence", "违法犯罪记录", "offences", Sensitive, L4),
            InfoType::Hardship => facts("hardship", "残疾、救助等特定身份", "disability, relief and the like", Sensitive, L4),
            InfoType::Credential => facts("credential", "口令密钥", "passwords and keys", Sensitive, L4),
            InfoType::Whereabouts => facts("whereabouts", "行踪轨迹", "whereabouts", Sensitive, L4),
            InfoType::Minor => facts("minor", "未满十四周岁儿童", "children below fourteen", Sensitive, L3),
            InfoType::PersonName => facts("person_name", "姓名", "name of a person", Personal, L3),
            InfoType::Mobile => facts("mobile", "手机号码", "mobile number", Personal, L3),
            InfoType::Email => facts("email", "电子邮箱", "e-mail address", Personal, L3),
            InfoType::HomeAddress => facts("home_address", "住址", "home address", Personal, L3),
            InfoType::HomePosition => facts("home_position", "住所坐标", "position of a home", Personal, L3),
            InfoType::BirthDate => facts("birth_date", "出生日期", "date of birth", Personal, L3),
            InfoType::MaritalStatus => facts("marital_status", "婚姻状况", "marital status", Personal, L3),
            InfoType::Income => facts("income", "个人收入和资产", "income and savings of a person", Personal, L3),
            InfoType::Vehicle => facts("vehicle", "车辆号牌和识别代号", "vehicle plate or number", Personal, L3),
            InfoType::Property => facts("property", "不动产", "real estate of a person", Personal, L3),
            InfoType::Account => facts("account", "网络账号", "account on a network", Personal, L3),
            InfoType::Sex => facts("sex", "性别", "sex", Personal, L2),
            InfoType::Age => facts("age", "年龄", "age", Personal, L2),
            InfoType::Ethnicity => facts("ethnicity", "民族、籍贯、国籍", "ethnicity or nationality", Personal, L2),
            InfoType::Education => facts("education", "学历", "education", Personal, L2),
            InfoType::Household => facts("household", "家庭关系", "household and kinship", Personal, L2),
            InfoType::Employment => facts("employment", "职业", "occupation", Personal, L2),
            InfoType::Device => facts("device", "设备标识", "device id", Personal, L2),
            InfoType::ContactPerson => facts("contact_person", "单位负责人、联系人", "contact or head of an organisation", Personal, L2),
            InfoType::BusinessSecret => facts("business_secret", "企业经营数据", "business figures of a company", Business, L2),
            InfoType::CompanyId => facts("company_id", "单位代码", "id of an organisation", Public, L1),
            InfoType::Organisation => facts("organisation", "单位名称", "name of an organisation", Public, L1),
            InfoType::Division => facts("division", "行政区划", "division", Public, L1),
            InfoType::Landline => facts("landline", "办公电话", "office telephone", Public, L1),
            InfoType::SiteAddress => facts("site_address", "单位或场所地址", "address of a site", Public, L1),
            InfoType::Position => facts("position", "坐标", "position", Public, L1),
            InfoType::Industry => facts("industry", "行业", "industry", Public, L1),
            InfoType::Measurement => facts("measurement", "监测数据", "measurement", Public, L1),
            InfoType::Statistic => facts("statistic", "统计数", "count or share", Public, L1),
            InfoType::Calendar => facts("calendar", "时间段", "period", Public, L1),
            InfoType::Transport => facts("transport", "公共交通", "public transport", Public, L1),
        }
    }

    /// The word for it, as the word list and programs have it.
    pub fn name(self) -> &'static str {
        self.facts().name
    }

    pub fn title(self) -> Text {
        Text::new(self.facts().zh, self.facts().en)
    }

    pub fn class(self) -> ItemClass {
        self.facts().class
    }

    pub fn grade(self) -> Grade {
        self.facts().grade
    }

    pub fn named(name: &str) -> Option<InfoType> {
        InfoType::ALL.into_iter().find(|info| info.name() == name)
    }

    /// What values of a built-in kind tell, where the kind alone says so.
    pub fn of_kind(kind: Kind) -> Option<InfoType> {
        match kind {
            Kind::CitizenId => Some(InfoType::CitizenId),
            Kind::ForeignerId | Kind::Passport | Kind::TravelPermit => Some(InfoType::TravelDocument),
            Kind::BankCard => Some(InfoType::BankAccount),
            Kind::PlateNumber | Kind::Vin => Some(InfoType::Vehicle),
            Kind::EthnicCode => Some(InfoType::Ethnicity),
            Kind::SexCode => Some(InfoType::Sex),
            Kind::MacAddress => Some(InfoType::Device),
            _ => None,
        }
    }

    /// Whether it tells who a person is, so that the other columns of its table are about that person. A telephone alone
    /// may be a company's contact.
    pub fn identifies_persons(self) -> bool {
        matches!(
            self,
            InfoType::CitizenId | InfoType::TravelDocument | InfoType::PersonName | InfoType::BankAccount
        )
    }

    /// Whether it is about persons at all.
    pub fn is_of_persons(self) -> bool {
        self.class() >= ItemClass::Personal
    }

    /// What only describes a person: in a table of counts it describes nobody.
    pub fn is_attribute(self) -> bool {
        matches!(
            self,
            InfoType::Health
                | InfoType::Offence
                | InfoType::Hardship
                | InfoType::Religion
                | InfoType::Sex
                | InfoType::Age
                | InfoType::Ethnicity
                | InfoType::Education
                | InfoType::Income
                | InfoType::MaritalStatus
                | InfoType::Employment
                | InfoType::Household
                | InfoType::Property
                | InfoType::Minor
        )
    }
}
