//! The 27 departments of the sample city and their 56 systems.

/// Id, title, English title, short title, office that answers questions about data.
pub type Department = (&'static str, &'static str, &'static str, &'static str, &'static str);

/// How a system is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    Files,
    Sqlite,
    Http,
}

/// A system: id, department, title, English title, reach.
pub type System = (&'static str, &'static str, &'static str, &'static str, Reach);

pub const DEPARTMENTS: &[Department] = &[
    ("public_security", "宁波市公安局", "Public Security Bureau", "公安", "科技信息化支队"),
    ("human_resources", "宁波市人力资源和社会保障局", "Human Resources and Social Security Bureau", "人社", "信息中心"),
    ("health", "宁波市卫生健康委员会", "Health Commission", "卫健", "规划信息处"),
    ("education", "宁波市教育局", "Education Bureau", "教育", "教育技术中心"),
    ("market_regulation", "宁波市市场监督管理局", "Market Regulation Bureau", "市监", "信息中心"),
    ("tax", "国家税务总局宁波市税务局", "Tax Bureau", "税务", "征管和科技发展处"),
    ("housing", "宁波市住房和城乡建设局", "Housing and Urban Development Bureau", "住建", "科技信息处"),
    ("natural_resources", "宁波市自然资源和规划局", "Natural Resources and Planning Bureau", "资规", "地理信息中心"),
    ("transport", "宁波市交通运输局", "Transport Bureau", "交通", "智慧交通处"),
    ("ecology", "宁波市生态环境局", "Ecology and Environment Bureau", "生态环境", "生态环境监测中心"),
    ("water", "宁波市水利局", "Water Resources Bureau", "水利", "水文水资源处"),
    ("economy", "宁波市经济和信息化局", "Economy and Information Bureau", "经信", "数字经济处"),
    ("civil_affairs", "宁波市民政局", "Civil Affairs Bureau", "民政", "信息中心"),
    ("finance", "宁波市财政局", "Finance Bureau", "财政", "数字财政处"),
    ("commerce", "宁波市商务局", "Commerce Bureau", "商务", "综合处"),
    ("agriculture", "宁波市农业农村局", "Agriculture and Rural Affairs Bureau", "农业农村", "市场信息处"),
    ("culture_tourism", "宁波市文化广电旅游局", "Culture and Tourism Bureau", "文旅", "产业发展处"),
    ("emergency_management", "宁波市应急管理局", "Emergency Management Bureau", "应急", "指挥中心"),
    ("urban_management", "宁波市综合行政执法局", "Urban Management and Enforcement Bureau", "综合执法", "智慧城管中心"),
    ("justice", "宁波市司法局", "Justice Bureau", "司法", "信息指挥中心"),
    ("statistics_bureau", "宁波市统计局", "Statistics Bureau", "统计", "数据管理中心"),
    ("data", "宁波市大数据发展管理局", "Big Data Bureau", "大数据", "数据资源处"),
    ("medical_insurance_bureau", "宁波市医疗保障局", "Medical Insurance Bureau", "医保", "规划财务和信息处"),
    ("meteorology", "宁波市气象局", "Meteorological Bureau", "气象", "网络信息中心"),
    ("telecom", "宁波市通信管理局", "Communications Administration", "通信", "信息通信发展处"),
    ("housing_fund_centre", "宁波市住房公积金管理中心", "Housing Fund Centre", "公积金", "信息技术处"),
    ("disabled_persons_federation", "宁波市残疾人联合会", "Disabled Persons' Federation", "残联", "信息中心"),
];

use Reach::{Files, Http, Sqlite};

pub const SYSTEMS: &[System] = &[
    ("hukou", "public_security", "户籍人口管理系统", "Household registration", Sqlite),
    ("residence", "public_security", "流动人口居住登记系统", "Registration of incomers", Files),
    ("vehicles", "public_security", "机动车驾驶人管理系统", "Drivers and vehicles", Files),
    ("social_insurance", "human_resources", "社会保险业务系统", "Social insurance", Sqlite),
    ("employment", "human_resources", "就业与人才服务系统", "Employment and talents", Files),
    ("hospitals", "health", "医疗机构管理系统", "Medical institutions", Files),
    ("health_platform", "health", "全民健康信息平台", "Health information platform", Sqlite),
    ("vaccination", "health", "预防接种管理系统", "Vaccination", Http),
    ("cloud_hospital", "health", "云医院平台", "Cloud hospital", Http),
    ("schools", "education", "教育机构管理系统", "Schools", Files),
    ("pupils", "education", "学籍与教师管理系统", "Pupils and teachers", Files),
    ("cloud_school", "education", "甬上云校", "Cloud school", Http),
    ("business_register", "market_regulation", "市场主体登记系统", "Business register", Sqlite),
    ("food_licences", "market_regulation", "食品监管系统", "Food supervision", Files),
    ("consumer_complaints", "market_regulation", "消费投诉举报平台", "Consumers' complaints", Http),
    ("tax_collection", "tax", "税收征管系统", "Tax collection", Files),
    ("tax_credit", "tax", "纳税信用系统", "Tax credit", Files),
    ("housing_trade", "housing", "房屋交易备案系统", "Home trade", Sqlite),
    ("construction", "housing", "智慧工地系统", "Building sites", Files),
    ("real_estate", "natural_resources", "不动产登记系统", "Real estate register", Sqlite),
    ("land", "natural_resources", "土地与地理信息系统", "Land and geography", Files),
    ("bus", "transport", "公共交通系统", "Buses", Files),
    ("taxis", "transport", "道路运输管理系统", "Road transport", Files),
    ("parking", "transport", "智慧停车平台", "Parking", Http),
    ("port", "transport", "港航管理系统", "Port and shipping", Files),
    ("air_quality", "ecology", "空气质量监测系统", "Air quality", Files),
    ("water_quality", "ecology", "地表水监测系统", "Surface water", Files),
    ("pollution_permits", "ecology", "排污许可管理系统", "Discharge permits", Files),
    ("storm_drains", "ecology", "水污染溯源系统", "Tracing of water pollution", Files),
    ("hydrology", "water", "水文监测系统", "Hydrology", Files),
    ("industry", "economy", "工业运行监测系统", "Industry monitoring", Files),
    ("machines", "economy", "工业互联网平台", "Industrial internet", Files),
    ("energy", "economy", "重点用能监测系统", "Energy monitoring", Sqlite),
    ("marriage", "civil_affairs", "婚姻登记系统", "Marriage register", Sqlite),
    ("welfare", "civil_affairs", "社会救助与养老系统", "Relief and care", Files),
    ("volunteers", "civil_affairs", "志愿服务平台", "Volunteers", Files),
    ("policies", "finance", "甬易办政策兑付平台", "Policies and payouts", Sqlite),
    ("budget", "finance", "预算管理一体化系统", "Budget", Files),
    ("foreign_trade", "commerce", "外经贸统计系统", "Foreign trade", Files),
    ("farms", "agriculture", "农业农村信息系统", "Farming", Files),
    ("scenic", "culture_tourism", "旅游监管系统", "Tourism", Files),
    ("libraries", "culture_tourism", "公共图书馆系统", "Public libraries", Files),
    ("hazards", "emergency_management", "安全生产监管系统", "Work safety", Files),
    ("emergency", "emergency_management", "应急指挥系统", "Emergency command", Files),
    ("city_cases", "urban_management", "数字城管系统", "City cases", Sqlite),
    ("city_facilities", "urban_management", "城市部件普查系统", "City facilities", Files),
    ("legal_aid", "justice", "公共法律服务系统", "Legal services", Files),
    ("statistics", "statistics_bureau", "统计数据发布系统", "Statistics", Files),
    ("hotline", "data", "12345热线系统", "Hotline 12345", Sqlite),
    ("services", "data", "政务服务平台", "Government services", Http),
    ("government_cloud", "data", "政务云管理平台", "Government cloud", Files),
    ("medical_insurance", "medical_insurance_bureau", "医疗保障信息平台", "Medical insurance", Files),
    ("weather", "meteorology", "气象观测与预警系统", "Weather and warnings", Files),
    ("base_stations", "telecom", "通信基础设施系统", "Telecom networks", Files),
    ("housing_fund", "housing_fund_centre", "住房公积金系统", "Housing fund", Sqlite),
    ("disability", "disabled_persons_federation", "残疾人服务系统", "Services for disabled persons", Files),
];

/// How the system with this id is reached.
pub fn reach(system: &str) -> Reach {
    SYSTEMS.iter().find(|entry| entry.0 == system).map_or(Files, |entry| entry.4)
}
