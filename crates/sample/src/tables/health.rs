//! Health: hospitals, visits, vaccination, the cloud hospital, medical insurance.

use data::declare::Grade::{L1, L2, L3, L4};
use data::declare::UpdatePeriod::{Continuous, Daily, Monthly, Weekly};

use crate::calendar::DateForm;
use crate::spec::{table, Answer, Rows, Table};
use crate::stock::*;

/// Medical institutions of the city.
const HOSPITALS: u64 = 420;

pub fn tables() -> Vec<Table> {
    let mut all = institutions();
    all.extend(visits());
    all.extend(online());
    all.extend(insurance());
    all
}

fn institutions() -> Vec<Table> {
    vec![
        table("hospitals", "medical_institutions", ["医疗机构", "Medical institutions"], [
            "每行是一家医疗机构，含等级、床位与位置。",
            "One row is one medical institution with its level, beds and place.",
        ])
        .topic("健康保障").l1().words(&["医院", "卫生"]).office("医政医管处").every(Monthly).gbk().clean().rows(Rows::Fixed(HOSPITALS)).span(9_000)
        .columns(vec![
            serial(["institution_no", "JGDM", "机构代码", "Institution"], "YY"),
            named(["institution_name", "JGMC", "机构名称", "Name"], &["第一", "第二", "仁和", "康宁", "妇女儿童", "中医", "惠民"], &["医院", "人民医院", "社区卫生服务中心", "卫生院", "门诊部"]),
            coded(["level", "YYDJ", "医院等级", "Level"], "hospital_level"),
            int(["beds", "CWS", "编制床位", "Beds"], 10, 1_800).unit("张"),
            address("DZ"),
            district("XZQH"),
            town("JDXZ"),
            office_phone("LXDH"),
            longitude("JD"),
            latitude("WD"),
            on(["founded_on", "CLRQ", "成立日期", "Founded on"], -3_000, 0),
            flag(["emergency", "SFJZ", "是否设急诊", "With emergency room"], 0.4),
            flag(["insured", "SFYBDD", "是否医保定点", "Takes medical insurance"], 0.93),
        ]),
        table("hospitals", "medical_staff", ["医护人员执业注册", "Licensed medical staff"], [
            "每行是一名注册医师或护士。",
            "One row is one registered doctor or nurse.",
        ])
        .topic("健康保障").l3().words(&["医生", "护士"]).office("医政医管处").every(Monthly).xlsx(3).rows(Rows::OfPersons(22_000))
        .only(|_, person| (23..64).contains(&person.age())).span(5_000).dates(DateForm::Mixed)
        .columns(vec![
            serial(["licence_no", "执业证书编码", "执业证书编码", "Licence number"], "ZY"),
            person_name("姓名"),
            sex_word("性别"),
            citizen_id("身份证号"),
            pick(["profession", "执业类别", "执业类别", "Profession"], &["临床", "护理", "护理", "口腔", "中医", "公共卫生"]).graded(L1),
            pick(["scope", "执业范围", "执业范围", "Scope"], &["内科", "外科", "儿科", "妇产科", "全科", "急救医学", "中医内科"]).graded(L1).gaps(0.2),
            reference(["institution_no", "机构代码", "执业机构", "Institution"], "YY", HOSPITALS),
            on(["registered_on", "注册日期", "注册日期", "Registered on"], 0, 0),
            phone("手机号码"),
        ]),
        table("hospitals", "bed_use", ["医院床位使用日报", "Daily use of beds"], [
            "每行是一家重点医院一天的床位与急诊情况。",
            "One row is one main hospital's beds and emergencies on one day.",
        ])
        .topic("健康保障").words(&["医院", "床位"]).office("规划信息处").every(Daily).bom().null(&["—"]).rows(Rows::Grid { things: 60, steps: 120, seconds: 86_400 })
        .columns(vec![
            thing(["institution_no", "机构代码", "机构代码", "Institution"], "YY"),
            on(["day", "日期", "日期", "Day"], 0, 0).key(),
            int(["open_beds", "开放床位", "开放床位", "Open beds"], 80, 1_500).unit("张"),
            int(["used_beds", "占用床位", "占用床位", "Beds in use"], 60, 1_400).unit("张").gaps(0.02),
            int(["emergencies", "急诊人次", "急诊人次", "Emergencies"], 5, 420).unit("人次"),
            int(["icu_free", "ICU空床", "ICU空床", "Free ICU beds"], 0, 24).unit("张").gaps(0.05),
            district_name("所在区县"),
        ]),
    ]
}

fn visits() -> Vec<Table> {
    vec![
        table("health_platform", "visits", ["就诊记录", "Visits"], [
            "每行是一人次就诊；含诊断，属敏感个人信息。",
            "One row is one visit to a hospital; with diagnosis, sensitive personal data.",
        ])
        .topic("健康保障").l4().words(&["就诊", "诊断"]).office("规划信息处").every(Daily).sqlite().rows(Rows::OfPersons(100_000)).span(300).incremental("updated_at")
        .columns(vec![
            serial(["visit_no", "JZLSH", "就诊流水号", "Visit number"], "MZ"),
            citizen_id("SFZH").sensitive(L4).gaps(0.03),
            person_name("HZXM"),
            sex("XBDM"),
            age("NL"),
            reference(["institution_no", "YLJGDM", "医疗机构代码", "Institution"], "YY", HOSPITALS),
            coded(["visit_kind", "JZLX", "就诊类型", "Kind of visit"], "visit_kind").personal(L3),
            at(["visited_at", "JZSJ", "就诊时间", "Visited at"]).required().personal(L3),
            coded(["disease_class", "ZDDL", "诊断大类", "Disease chapter"], "disease_class").sensitive(L4),
            col(["diagnosis_code", "ZDBM", "诊断编码", "Diagnosis"], "icd_code", |row, out| {
                out.push(*row.rng.pick(&['J', 'I', 'K', 'M', 'E', 'L', 'N']));
                crate::calendar::digits(out, row.rng.below(99) as u32, 2);
            }).sensitive(L4).gaps(0.05),
            money(["cost", "ZFY", "总费用", "Total cost"], 8.0, 9_000.0).personal(L3).unit("元"),
            updated_at("GXSJ"),
        ]),
        table("health_platform", "admissions", ["住院记录", "Admissions"], [
            "每行是一次住院。",
            "One row is one stay in hospital.",
        ])
        .topic("健康保障").l4().words(&["住院"]).office("规划信息处").every(Daily).sqlite().rows(Rows::OfPersons(14_000))
        .columns(vec![
            serial(["admission_no", "ZYH", "住院号", "Admission number"], "ZY"),
            citizen_id("SFZH").sensitive(L4),
            person_name("HZXM"),
            reference(["institution_no", "YLJGDM", "医疗机构代码", "Institution"], "YY", HOSPITALS),
            on(["admitted_on", "RYRQ", "入院日期", "Admitted on"], 0, 0).required().personal(L3),
            on(["left_on", "CYRQ", "出院日期", "Left on"], 2, 25).personal(L3),
            coded(["disease_class", "ZDDL", "主要诊断大类", "Disease chapter"], "disease_class").sensitive(L4),
            money(["cost", "ZFY", "住院总费用", "Total cost"], 1_500.0, 120_000.0).personal(L3).unit("元"),
        ]),
        table("health_platform", "disease_counts", ["传染病周报汇总", "Weekly counts of infections"], [
            "每行是一个区一周的法定传染病报告数，不含个人信息，可对外公布。",
            "One row is one district's notifiable infections in one week; without persons, fit for publication.",
        ])
        .topic("健康保障").l1().office("疾病预防控制处").every(Weekly).sqlite().clean().rows(Rows::Grid { things: 10, steps: 104, seconds: 7 * 86_400 })
        .columns(vec![
            on(["week_from", "ZQRQ", "周起始日", "Week from"], 0, 0).key(),
            district("XZQH").key(),
            int(["influenza", "LG", "流感", "Influenza"], 0, 900).unit("例"),
            int(["hand_foot_mouth", "SZKB", "手足口病", "Hand, foot and mouth"], 0, 120).unit("例"),
            int(["hepatitis", "BDXGY", "病毒性肝炎", "Hepatitis"], 0, 30).unit("例"),
        ]),
    ]
}

fn online() -> Vec<Table> {
    vec![
        table("vaccination", "vaccinations", ["预防接种记录", "Vaccinations"], [
            "每行是一剂接种。",
            "One row is one dose.",
        ])
        .topic("健康保障").l3().words(&["疫苗", "接种"]).office("疾病预防控制处").every(Daily).api(Answer::Page).rows(Rows::OfPersons(30_000)).incremental("updated_at")
        .columns(vec![
            serial(["dose_no", "recordNo", "接种编号", "Dose number"], "JZ"),
            citizen_id("idCard").gaps(0.05),
            person_name("fullName"),
            birth_date("birthday"),
            coded(["vaccine", "vaccineCode", "疫苗", "Vaccine"], "vaccine").personal(L3),
            int(["dose", "doseSeq", "剂次", "Dose"], 1, 4),
            on(["given_on", "vaccinateDate", "接种日期", "Given on"], 0, 0).required(),
            reference(["clinic_no", "clinicId", "接种单位", "Clinic"], "JD", 180),
            updated_at("updateTime"),
        ]),
        table("vaccination", "vaccination_clinics", ["预防接种门诊", "Vaccination clinics"], [
            "每行是一个接种门诊及其开放时间。",
            "One row is one vaccination clinic and when it is open.",
        ])
        .topic("公共服务").l1().words(&["疫苗", "门诊"]).office("疾病预防控制处").every(Monthly).api(Answer::Page).clean().rows(Rows::Fixed(180))
        .columns(vec![
            serial(["clinic_no", "clinicId", "门诊编号", "Clinic"], "JD"),
            named(["clinic_name", "clinicName", "门诊名称", "Name"], &["东门", "西郊", "南苑", "北城", "中心"], &["预防接种门诊", "社区接种点"]),
            address("addr"),
            district("regionCode"),
            office_phone("tel"),
            pick(["open_days", "openDays", "开放日", "Open days"], &["周一至周五", "周一、三、五", "周二、四、六"]),
            longitude("lng"),
            latitude("lat"),
        ]),
        table("cloud_hospital", "consultations", ["云医院问诊", "Online consultations"], [
            "每行是云医院的一次在线问诊。",
            "One row is one online consultation in the cloud hospital.",
        ])
        .topic("健康保障").l4().words(&["云医院", "问诊"]).office("互联网医疗处").every(Continuous).api(Answer::Cursor).rows(Rows::OfPersons(24_000)).incremental("updated_at")
        .columns(vec![
            serial(["consultation_no", "orderNo", "问诊单号", "Consultation"], "WZ"),
            citizen_id("patientIdNo").sensitive(L4).gaps(0.02),
            person_name("patientName"),
            reference(["doctor_no", "doctorId", "医生编号", "Doctor"], "YS", 900),
            coded(["disease_class", "diseaseClass", "疾病大类", "Disease chapter"], "disease_class").sensitive(L4),
            at(["started_at", "startTime", "开始时间", "Started at"]).required().personal(L3),
            int(["minutes", "durationMin", "时长", "Minutes"], 2, 45).unit("分钟"),
            money(["fee", "feeAmount", "费用", "Fee"], 0.0, 120.0).unit("元"),
            int(["stars", "evaluateStar", "评价星级", "Stars"], 1, 5).gaps(0.4),
            updated_at("updateTime"),
        ]),
        table("cloud_hospital", "cloud_doctors", ["云医院医生", "Doctors online"], [
            "每行是一名在云医院出诊的医生，公开执业信息。",
            "One row is one doctor who sees patients online; public professional data.",
        ])
        .topic("健康保障").words(&["云医院", "医生"]).office("互联网医疗处").every(Weekly).api(Answer::Cursor).rows(Rows::Fixed(900))
        .columns(vec![
            serial(["doctor_no", "doctorId", "医生编号", "Doctor"], "YS"),
            person_name("doctorName").personal(L2),
            pick(["department", "deptName", "科室", "Clinic"], &["全科", "儿科", "皮肤科", "心内科", "消化科", "妇科", "中医科"]),
            pick(["rank", "titleName", "职称", "Rank"], &["住院医师", "主治医师", "副主任医师", "主任医师"]),
            reference(["institution_no", "hospitalId", "所在机构", "Institution"], "YY", HOSPITALS),
            num(["score", "avgScore", "平均评分", "Mean score"], 3.6, 5.0, 1),
        ]),
    ]
}

fn insurance() -> Vec<Table> {
    vec![
        table("medical_insurance", "medical_members", ["基本医疗保险参保人", "Medical insurance members"], [
            "每行是一名基本医疗保险参保人。",
            "One row is one member of basic medical insurance.",
        ])
        .topic("健康保障").l3().words(&["医保", "参保"]).office("待遇保障处").every(Monthly).gb18030().rows(Rows::Persons(0.36)).corrected(0.01).span(900)
        .columns(vec![
            serial(["member_no", "PSN_NO", "人员编号", "Member number"], "YB"),
            citizen_id("CERTNO").required(),
            person_name("PSN_NAME"),
            sex("GEND"),
            birth_date("BRDY"),
            pick(["scheme", "INSUTYPE", "险种", "Scheme"], &["职工医保", "职工医保", "城乡居民医保"]),
            pick(["state", "PSN_INSU_STAS", "参保状态", "State"], &["正常参保", "正常参保", "正常参保", "暂停参保", "终止参保"]).personal(L2),
            company_name_as(["employer", "EMP_NAME", "单位名称", "Employer"]).gaps(0.35),
            district("INSU_ADMDVS"),
            updated_at("UPDT_TIME"),
        ]),
        table("medical_insurance", "medical_settlements", ["医保结算明细", "Settlements"], [
            "每行是一次医疗费用的医保结算。",
            "One row is one settlement of medical costs.",
        ])
        .topic("健康保障").l4().words(&["医保", "结算"]).office("基金监管处").every(Daily).piped().rows(Rows::OfPersons(56_000)).span(200)
        .columns(vec![
            serial(["settlement_no", "SETL_ID", "结算编号", "Settlement"], "JS"),
            citizen_id("CERTNO").sensitive(L4).required(),
            reference(["institution_no", "FIXMEDINS_CODE", "定点机构", "Institution"], "YY", HOSPITALS),
            at(["settled_at", "SETL_TIME", "结算时间", "Settled at"]).required().personal(L3),
            coded(["visit_kind", "MED_TYPE", "医疗类别", "Kind of visit"], "visit_kind").personal(L3),
            money(["total", "MEDFEE_SUMAMT", "医疗费总额", "Total"], 10.0, 20_000.0).personal(L3).unit("元"),
            money(["fund_part", "FUND_PAY_SUMAMT", "基金支付", "Paid by fund"], 0.0, 12_000.0).personal(L3).unit("元"),
            money(["own_part", "PSN_PART_AMT", "个人负担", "Paid by patient"], 0.0, 8_000.0).personal(L3).unit("元"),
        ]),
        table("medical_insurance", "medicine_catalogue", ["医保药品目录", "Insured medicines"], [
            "每行是一个纳入医保的药品规格。",
            "One row is one form of a medicine that insurance pays for.",
        ])
        .topic("健康保障").l1().words(&["药品", "医保"]).office("医药服务管理处").every(Monthly).bom().noted().rows(Rows::AtMost(3_000))
        .columns(vec![
            serial(["medicine_no", "MED_LIST_CODG", "药品编码", "Medicine"], "YP"),
            pick(["medicine_name", "DRUG_NAME", "药品名称", "Name"], &["阿莫西林胶囊", "二甲双胍片", "氨氯地平片", "布洛芬缓释胶囊", "奥美拉唑肠溶胶囊", "头孢克洛颗粒"]),
            pick(["form", "DOSFORM", "剂型", "Form"], &["片剂", "胶囊", "颗粒", "注射剂", "口服液"]),
            pick(["list", "CHRGITM_LV", "甲乙类", "List"], &["甲类", "乙类"]),
            num(["own_share", "SELFPAY_PROP", "自付比例", "Own share"], 0.0, 30.0, 0).unit("%"),
            money(["price_limit", "PRIC_UPLMT", "最高限价", "Price limit"], 1.0, 900.0).unit("元"),
            on(["valid_from", "BEGNDATE", "生效日期", "Valid from"], 0, 0),
        ]),
    ]
}
