//! What columns are taken for, and the law that evidence only ever raises a grade.

use data::declare::{Grade, ItemClass};
use data::grade::{Column, InfoType, Proposal, detect, detect_table};
use proptest::prelude::*;

/// 2026-11-20.
const TODAY: Option<i32> = Some(20_777);

fn proposal(name: &str, values: &[&str]) -> Proposal {
    detect(&Column { name, title: "", values }, TODAY)
}

fn leading(name: &str, values: &[&str]) -> &'static str {
    proposal(name, values).leading().map_or("", InfoType::name)
}

const NAMES: [&str; 8] = ["陈伟", "王芳芳", "张子涵", "周晓明", "徐静", "欧阳志远", "沈佳怡", "郑国强"];
const HOMES: [&str; 5] = [
    "海曙区春晓小区3幢502室",
    "鄞州区和塘雅苑12幢1单元301室",
    "江北区翠柏里小区5号楼101室",
    "镇海区海棠苑7幢302室",
    "北仑区明湖公寓2幢1201室",
];

#[test]
fn headers_alone() {
    for (header, info) in [
        ("身份证号", "citizen_id"),
        ("DSRSFZH", "citizen_id"),
        ("applyIdCard", "citizen_id"),
        ("学生姓名", "person_name"),
        ("手机号码", "mobile"),
        ("家庭住址", "home_address"),
        ("CSRQ", "birth_date"),
        ("出生日期", "birth_date"),
        ("银行账号", "bank_account"),
        ("疾病名称", "health"),
        ("宗教信仰", "religion"),
        ("password_hash", ""),
        ("password", "credential"),
        ("法定代表人", "contact_person"),
        ("统一社会信用代码", "company_id"),
        ("企业名称", "organisation"),
        ("营业收入", "business_secret"),
        ("办公电话", "landline"),
        ("经度", "position"),
        // A count of patients is no diagnosis, a telephone's make no number, a card's expiry no card.
        ("患者人数", "statistic"),
        ("patient_count", "statistic"),
        ("手机品牌", ""),
        ("身份证有效期", ""),
        // Too little to go by.
        ("XM", ""),
        ("联系电话", ""),
        ("地址", ""),
    ] {
        assert_eq!(leading(header, &[]), info, "{header}");
    }
}

#[test]
fn values_alone_and_with_a_hint() {
    assert_eq!(leading("列一", &["11010519491231002X"]), "citizen_id");
    assert_eq!(
        leading("备注", &["已与申请人核对身份证11010519491231002X，资料齐全，予以受理"]),
        "citizen_id"
    );
    assert_eq!(leading("列一", &["13812345678", "15912345678"]), "mobile");
    assert_eq!(
        leading(
            "诉求内容",
            &[
                "市民来电反映小区噪声扰民，请回电13812345678处理",
                "请尽快联系15912345678，市民等待答复，谢谢"
            ]
        ),
        "mobile"
    );
    assert_eq!(leading("XM", &NAMES), "person_name");
    assert_eq!(leading("列一", &NAMES), "person_name");
    assert_eq!(leading("地址", &HOMES), "home_address");
    assert_eq!(leading("经营场所", &HOMES), "site_address");
    assert_eq!(leading("负责人", &NAMES), "contact_person");
    assert_eq!(leading("联系电话", &["0574-87654321"]), "landline");
    assert_eq!(leading("联系电话", &["0574-87654321", "13812345678"]), "mobile");
    assert_eq!(leading("列一", &["浙B12345"]), "vehicle");
    assert_eq!(leading("列一", &["zhang@example.com", "li@example.com"]), "email");
    assert_eq!(leading("列一", &["汉族", "回族"]), "ethnicity");
    assert_eq!(leading("列一", &["海曙区", "江北区", "鄞州区", "高新区"]), "");
    assert_eq!(leading("列一", &["宁波", "温州", "金华", "台州", "湖州", "嘉兴"]), "");
    assert_eq!(leading("SSQX", &["330203", "330205", "330212"]), "division");
    let found = proposal("学生证件号码", &["330203201505140018"]);
    assert_eq!((found.class(), found.grade()), (ItemClass::Sensitive, Grade::L3));
    assert_eq!(found.findings[0].why.zh, "名称像是公民身份号码");
}

#[test]
fn a_table_says_more_than_its_columns() {
    let column = |name, values| Column { name, title: "", values };
    let told = |columns: &[Column<'_>]| -> Vec<(ItemClass, Grade)> {
        detect_table(columns, TODAY)
            .iter()
            .map(|proposal| (proposal.class(), proposal.grade()))
            .collect()
    };
    // Beside an id, a state is somebody's state; beside a diagnosis, an id is as private.
    let visits = told(&[
        column("SFZH", &["11010519491231002X"]),
        column("诊断名称", &["高血压", "支气管炎"]),
        column("ZT", &["已办结"]),
    ]);
    assert_eq!(
        visits,
        [
            (ItemClass::Sensitive, Grade::L4),
            (ItemClass::Sensitive, Grade::L4),
            (ItemClass::Personal, Grade::L3)
        ]
    );
    // A weekly count of cases names nobody.
    let counts = told(&[
        column("病种", &["流行性感冒", "手足口病"]),
        column("报告例数", &["12", "3"]),
        column("区县", &["海曙区"]),
    ]);
    // A number of a patient names nobody either, but counts one.
    let numbered = told(&[
        column("患者编号", &["P001", "P002"]),
        column("诊断", &["高血压"]),
        column("住院次数", &["2"]),
    ]);
    assert_eq!(numbered[1], (ItemClass::Sensitive, Grade::L4));
    // How often somebody moved is no statistic.
    let moves = told(&[column("姓名", &NAMES), column("迁移次数", &["2"])]);
    assert_eq!(moves[1], (ItemClass::Personal, Grade::L2));
    // An address beside a name is a home, whatever it looks like.
    let roll = told(&[column("name", &NAMES), column("address_1", &["tullaroop street"])]);
    assert_eq!(roll, [(ItemClass::Personal, Grade::L3), (ItemClass::Personal, Grade::L3)]);
    assert_eq!(
        counts,
        [
            (ItemClass::Business, Grade::L2),
            (ItemClass::Public, Grade::L1),
            (ItemClass::Public, Grade::L1)
        ]
    );
}

#[test]
fn children_are_told_by_their_birthdays() {
    let born: Vec<String> = (1..28).map(|day| format!("2018-05-{day:02}")).collect();
    let born: Vec<&str> = born.iter().map(String::as_str).collect();
    assert!(proposal("出生日期", &born).has(InfoType::Minor));
    assert!(!proposal("登记日期", &born).has(InfoType::Minor));
    assert!(
        !detect(
            &Column {
                name: "出生日期",
                title: "",
                values: &born
            },
            None
        )
        .has(InfoType::Minor)
    );
}

fn header() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "列一",
        "x",
        "XM",
        "姓名",
        "联系电话",
        "SFZH",
        "地址",
        "企业名称",
        "负责人",
        "诊断",
        "备注",
        "出生日期",
        "count",
        "区县",
    ])
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(NAMES.to_vec()).prop_map(str::to_owned),
        prop::sample::select(HOMES.to_vec()).prop_map(str::to_owned),
        "1[3-9][0-9]{9}",
        "0574-8[0-9]{7}",
        "62[0-9]{14,17}",
        "(19|20)[0-9]{2}-0[1-9]-1[0-9]",
        "[0-9]{1,6}",
        "浙B[0-9]{5}",
        prop::sample::select(vec![
            "11010519491231002X",
            "440524188001010014",
            "高血压",
            "海曙区",
            "宁波某某有限公司",
            "男",
            "女",
            "汉族",
            "a@b.cn",
            ""
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// More values never take back what some have said; a second look joined to the first neither.
    #[test]
    fn evidence_never_lowers_a_grade(name in header(), values in prop::collection::vec(value(), 0..30), cut in 0usize..30, other in header()) {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        let part = proposal(name, &values[..cut.min(values.len())]);
        let whole = proposal(name, &values);
        for finding in &part.findings {
            let again = whole.findings.iter().find(|again| again.info == finding.info);
            prop_assert!(again.is_some_and(|again| again.confidence >= finding.confidence), "{:?}", finding);
        }
        if part.is_known() {
            prop_assert!(whole.grade() >= part.grade() && whole.class() >= part.class());
        }
        let second = proposal(other, &values);
        let joined = part.clone().join(second.clone());
        for side in [&part, &second] {
            prop_assert!(!side.is_known() || joined.grade() >= side.grade() && joined.class() >= side.class());
        }
        prop_assert_eq!(joined.grade(), second.join(part).grade());
    }
}
