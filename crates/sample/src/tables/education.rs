//! Education: schools, pupils, teachers, the cloud school.

use data::declare::Grade::{L1, L2, L3};
use data::declare::UpdatePeriod::{Continuous, HalfYearly, Weekly, Yearly};

use crate::calendar::{year_of, DateForm};
use crate::spec::{table, Answer, Rows, Table, YEAR};
use crate::stock::*;

const SCHOOLS: u64 = 1_280;

pub fn tables() -> Vec<Table> {
    let mut all = schools();
    all.extend(cloud());
    all
}

fn schools() -> Vec<Table> {
    vec![
        table("schools", "school_list", ["学校名录", "Schools"], [
            "每行是一所学校或幼儿园。",
            "One row is one school or kindergarten.",
        ])
        .topic("公共服务").l1().words(&["学校", "教育"]).office("基础教育处").every(Yearly).xlsx(3).clean().rows(Rows::Fixed(SCHOOLS)).span(12_000)
        .columns(vec![
            serial(["school_no", "学校标识码", "学校标识码", "School"], "XX"),
            named(["school_name", "学校名称", "学校名称", "Name"], &["实验", "第一", "第二", "第三", "中心", "滨海", "江南", "育才"], &["小学", "中学", "幼儿园", "学校", "职业学校"]),
            coded(["kind", "办学类型代码", "办学类型", "Kind"], "school_kind"),
            pick(["nature", "举办者性质", "举办者性质", "Run by"], &["公办", "公办", "公办", "民办"]),
            address("地址"),
            district_name("区县"),
            int(["pupils", "在校学生数", "在校学生数", "Pupils"], 60, 3_200).unit("人"),
            int(["classes", "班级数", "班级数", "Classes"], 3, 72).unit("个"),
            num(["grounds", "占地面积（平方米）", "占地面积", "Grounds"], 1_800.0, 90_000.0, 0).unit("㎡"),
            int(["teachers", "专任教师数", "专任教师数", "Teachers"], 8, 260).unit("人"),
            office_phone("办公电话"),
            on(["founded_on", "建校日期", "建校日期", "Founded on"], -4_000, 0),
        ]),
        table("schools", "school_yearly", ["教育事业统计", "Education statistics"], [
            "每行是一个区一年的教育事业主要指标。",
            "One row is one district's main figures of education in one year.",
        ])
        .topic("公共服务").l1().office("规划财务处").every(Yearly).xlsx(2).clean().rows(Rows::Grid { things: 10, steps: 15, seconds: YEAR })
        .columns(vec![
            col(["year", "年份", "年份", "Year"], "year", |row, out| push(out, i64::from(year_of(row.day)))).key(),
            district_name("区县").key(),
            int(["schools", "学校数", "学校数", "Schools"], 30, 220).unit("所"),
            int(["pupils", "在校生", "在校生", "Pupils"], 20_000, 180_000).unit("人"),
            int(["teachers", "专任教师", "专任教师", "Teachers"], 1_500, 14_000).unit("人"),
            num(["ratio", "生师比", "生师比", "Pupils per teacher"], 10.0, 17.0, 2),
        ]),
        table("pupils", "pupil_roll", ["中小学生学籍", "Pupils on roll"], [
            "每行是一名在校中小学生的学籍。",
            "One row is one pupil on the roll of a school.",
        ])
        .topic("公共服务").l3().words(&["学籍", "学生"]).office("基础教育处").every(HalfYearly).gbk().rows(Rows::Persons(0.93))
        .only(|_, person| (6..19).contains(&person.age())).corrected(0.02).dates(DateForm::Plain).span(400)
        .columns(vec![
            serial(["pupil_no", "XJH", "学籍号", "Pupil number"], "XJ"),
            person_name("XM"),
            sex("XB"),
            birth_date("CSRQ").sensitive(L3),
            citizen_id("SFZJH").gaps(0.015),
            ethnicity("MZ"),
            reference(["school_no", "XXBSM", "学校标识码", "School"], "XX", SCHOOLS),
            col(["school_year", "NJ", "年级", "School year"], "count", |row, out| {
                push(out, i64::from((row.someone().age() - 5).clamp(1, 12)));
            }).graded(L2),
            dwelling("JTZZ"),
            district("SSXQ"),
            guardian("JHRXM"),
            phone("JHRDH"),
            updated_at("GXSJ"),
        ]),
        table("pupils", "teachers", ["教师信息", "Teachers"], [
            "每行是一名在职教师。",
            "One row is one teacher in service.",
        ])
        .topic("公共服务").l3().words(&["教师"]).office("教师工作处").every(HalfYearly).gbk().rows(Rows::OfPersons(16_000))
        .only(|_, person| (22..61).contains(&person.age())).span(9_000).dates(DateForm::Plain)
        .columns(vec![
            serial(["teacher_no", "JSBH", "教师编号", "Teacher"], "JS"),
            person_name("XM"),
            sex("XB"),
            citizen_id("SFZJH").required(),
            coded(["education_level", "XL", "学历", "Education level"], "education_level").personal(L2),
            reference(["school_no", "XXBSM", "任教学校", "School"], "XX", SCHOOLS),
            pick(["subject", "RJXK", "任教学科", "Subject"], &["语文", "数学", "英语", "科学", "体育", "音乐", "美术", "信息科技"]).graded(L1),
            on(["hired_on", "CJGZRQ", "参加工作日期", "In service since"], 0, 0),
        ]),
        table("pupils", "enrolment_applications", ["入学报名", "Applications for school"], [
            "每行是一份义务教育入学报名。",
            "One row is one application for a place in compulsory school.",
        ])
        .topic("公共服务").l3().words(&["入学"]).office("基础教育处").every(Yearly).bom().rows(Rows::OfPersons(9_000))
        .only(|_, person| (5..13).contains(&person.age())).span(200)
        .columns(vec![
            serial(["application_no", "报名号", "报名号", "Application"], "BM"),
            person_name("学生姓名"),
            citizen_id("学生身份证号").required(),
            reference(["school_no", "志愿学校", "志愿学校", "School wanted"], "XX", SCHOOLS),
            pick(["ground", "报名类别", "报名类别", "Ground"], &["户籍生", "户籍生", "随迁子女", "人才子女"]).personal(L2),
            flag(["home_owned", "有无房产", "是否有房产", "Home owned"], 0.7).personal(L3),
            at(["applied_at", "报名时间", "报名时间", "Applied at"]),
            coded(["case_status", "审核状态", "审核状态", "Handling status"], "case_status"),
        ]),
    ]
}

fn cloud() -> Vec<Table> {
    vec![
        table("cloud_school", "courses", ["甬上云校课程资源", "Courses online"], [
            "每行是云校的一个课程资源。",
            "One row is one course in the cloud school.",
        ])
        .topic("公共服务").l1().words(&["云校", "课程"]).office("教育技术中心").every(Weekly).api(Answer::PageNum).rows(Rows::AtMost(2_600))
        .columns(vec![
            serial(["course_no", "courseId", "课程编号", "Course"], "KC"),
            pick(["subject", "subjectName", "学科", "Subject"], &["语文", "数学", "英语", "科学", "历史", "地理", "美术"]),
            int(["school_year", "gradeNo", "年级", "School year"], 1, 12),
            pick(["kind", "resType", "资源类型", "Kind"], &["微课", "直播回放", "课件", "习题"]),
            int(["minutes", "durationMin", "时长", "Minutes"], 5, 90).unit("分钟"),
            int(["views", "viewCount", "播放量", "Views"], 0, 24_000).unit("次"),
            on(["published_on", "publishDate", "发布日期", "Published on"], 0, 0),
        ]),
        table("cloud_school", "course_views", ["甬上云校学习记录", "Course views"], [
            "每行是一名学生对一个课程的一次学习。",
            "One row is one pupil's session with one course.",
        ])
        .topic("公共服务").l3().words(&["云校", "学习"]).office("教育技术中心").every(Continuous).api(Answer::PageNum).rows(Rows::OfPersons(26_000))
        .only(|_, person| (6..19).contains(&person.age())).span(90).incremental("updated_at")
        .columns(vec![
            serial(["view_no", "logId", "记录编号", "View"], "XX"),
            citizen_id("studentIdNo").gaps(0.1),
            person_name("studentName"),
            reference(["course_no", "courseId", "课程编号", "Course"], "KC", 2_600).required(),
            at(["started_at", "beginTime", "开始时间", "Started at"]).required(),
            int(["minutes", "watchMin", "学习时长", "Minutes"], 1, 60).unit("分钟"),
            pick(["device", "terminal", "终端", "Device"], &["手机", "平板", "电脑", "电视"]).gaps(0.05).graded(L1),
            updated_at("modifyTime"),
        ]),
        table("cloud_school", "live_classes", ["云校直播课表", "Live classes"], [
            "每行是一节排定的直播课。",
            "One row is one live class on the timetable.",
        ])
        .topic("公共服务").l1().office("教育技术中心").every(Weekly).api(Answer::PageNum).clean().rows(Rows::AtMost(1_500)).span(120)
        .columns(vec![
            serial(["class_no", "liveId", "直播编号", "Class"], "ZB"),
            pick(["subject", "subjectName", "学科", "Subject"], &["语文", "数学", "英语", "科学"]),
            at(["starts_at", "startTime", "开始时间", "Starts at"]),
            int(["minutes", "durationMin", "时长", "Minutes"], 20, 60).unit("分钟"),
            int(["seats", "capacity", "可容纳人数", "Seats"], 200, 20_000),
            reference(["school_no", "schoolId", "授课学校", "School"], "XX", SCHOOLS),
        ]),
    ]
}
