//! Every act that the log can tell of. Builds with assertions, as tests are, stop at one that is not here.

use kernel::Text;

/// An act by its word, with what it is called.
pub const ACTS: [(&str, &str, &str); 42] = [
    ("account.create", "新建账户", "Account made"),
    ("account.sight", "设定可见范围", "What an account sees set"),
    ("city.configure", "城市声明变更", "Declarations changed"),
    ("collect.run", "归集", "Collected"),
    ("collect.start", "发起归集", "Collection started"),
    ("defect.answer", "答复质量问题", "Defect answered"),
    ("drift.decide", "处理结构变化", "Drift decided"),
    ("grade.decide", "确定分级", "Grade decided"),
    ("grade.undo", "撤销分级", "Grade taken back"),
    ("key.issue", "发放推送密钥", "Push key issued"),
    ("key.revoke", "吊销推送密钥", "Push key revoked"),
    ("message.hurry", "立即重发消息", "Messages sent again"),
    ("model.run", "模型运行", "Model made"),
    ("model.start", "发起模型运行", "Models started"),
    ("objection.raise", "提出异议", "Objection raised"),
    ("objection.recheck", "复核异议", "Objection checked again"),
    ("push.receive", "接收推送", "Push received"),
    ("quality.measure", "发起质量测量", "Quality measured"),
    ("read.as_of", "读取历史时点数据", "Table read as it was"),
    ("read.changes", "读取变更", "Changes read"),
    ("read.conflicts", "读取冲突值", "Conflicts read"),
    ("read.doubts", "读取待判定记录", "Pairs in doubt read"),
    ("read.entity", "查阅实体", "Entity read"),
    ("read.failing", "读取不合规行", "Failing rows read"),
    ("read.figure", "读取指标明细", "Rows of a figure read"),
    ("read.pair", "比对记录", "Records compared"),
    ("read.quarantine", "读取问题数据", "Quarantine read"),
    ("read.refused", "查阅问题行", "Refused row read"),
    ("read.row_history", "读取行的历史", "History of a row read"),
    ("read.sql", "SQL 查询", "SQL query"),
    ("register.decide", "人工判定", "Pair decided"),
    ("register.resolve", "发起归并", "Register resolved"),
    ("register.undo", "撤销判定", "Decision taken back"),
    ("row.correct", "更正问题行", "Refused rows corrected"),
    ("row.edit", "更正数据行", "Rows edited"),
    ("row.undo", "撤销更正", "Correction taken back"),
    ("rule.adopt", "采用规则", "Rule adopted"),
    ("schedule.pause", "暂停归集", "Collection paused"),
    ("schedule.resume", "恢复归集", "Collection resumed"),
    ("session.begin", "登录", "Logged in"),
    ("session.end", "退出", "Logged out"),
    ("session.refuse", "登录失败", "Login refused"),
];

/// Who acts where nobody does, by the word behind `program/`.
const PROGRAMS: [(&str, &str, &str); 12] = [
    ("city", "城市声明", "declarations"),
    ("collection", "归集之后", "after a collection"),
    ("command", "命令行", "command line"),
    ("correction", "更正", "correction"),
    ("demo", "演示", "demo"),
    ("login", "登录页", "login"),
    ("person", "工作人员", "staff"),
    ("push", "推送", "push"),
    ("recovery", "恢复", "recovery"),
    ("schedule", "计划任务", "schedule"),
    ("setup", "首次设置", "set-up"),
    ("undo", "撤销更正", "undoing"),
];

/// What a program's part is called that acts by itself.
pub(super) fn program_title(word: &str) -> Text {
    let known = PROGRAMS.iter().find(|(program, ..)| *program == word);
    known.map_or_else(|| Text::new(word, word), |(_, zh, en)| Text::new(*zh, *en))
}

/// What an act is called; its word, where it is from a newer version.
pub fn act_title(word: &str) -> Text {
    let known = ACTS.iter().find(|(act, ..)| *act == word);
    known.map_or_else(|| Text::new(word, word), |(_, zh, en)| Text::new(*zh, *en))
}
