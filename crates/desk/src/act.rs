//! Every act that there is, and who may do it: the one table of authority. What is not in it is nobody's. Builds with
//! assertions, as tests are, stop at an act that is not here.

use kernel::Text;

use crate::authority::{May, Reach};

/// One act.
#[derive(Debug)]
pub struct Act {
    /// `read.sql`. What begins with `see.` shows what is known about data and leaves no leaf, but for `see.reads`, and once a day `see.me`.
    pub word: &'static str,
    zh: &'static str,
    en: &'static str,
    pub may: May,
}

impl Act {
    pub fn title(&self) -> Text {
        Text::new(self.zh, self.en)
    }
}

const A: Reach = Reach::All;
const O: Reach = Reach::Own;
const N: Reach = Reach::Nothing;

/// A row of the table, for: system, security, audit, steward, analyst, officer.
const fn of(word: &'static str, zh: &'static str, en: &'static str, may: [Reach; 6]) -> Act {
    Act { word, zh, en, may: May::Roles(may) }
}

/// Done by the program itself.
const fn program(word: &'static str, zh: &'static str, en: &'static str) -> Act {
    Act { word, zh, en, may: May::Program }
}

/// Done by whom an account stands for (a citizen, a company), about the own records.
const fn person(word: &'static str, zh: &'static str, en: &'static str) -> Act {
    Act { word, zh, en, may: May::Person }
}

/// Done by anybody logged in, to what is the own.
const fn anyone(word: &'static str, zh: &'static str, en: &'static str) -> Act {
    Act { word, zh, en, may: May::Anyone }
}

/// All of them, by word.
#[rustfmt::skip]
pub const ACTS: [Act; 136] = [
    anyone("access.apply", "申请受限开放数据", "Restricted data applied for"),
    of("access.decide", "审核受限开放申请", "Application for restricted data decided", [N, N, N, A, N, O]),
    anyone("access.leave", "放弃受限开放数据", "Access to restricted data given up"),
    anyone("access.read", "查询受限开放数据", "Restricted data read"),
    of("access.withdraw", "收回受限开放数据", "Access to restricted data withdrawn", [N, N, N, A, N, O]),
    of("account.confirm", "核实身份", "Identity confirmed", [N, A, N, N, N, N]),
    of("account.create", "新建账户", "Account made", [A, N, N, N, N, N]),
    of("account.invite", "发放账户链接", "Account link issued", [A, N, N, N, N, N]),
    anyone("account.link", "关联统一身份", "Identity linked"),
    of("account.lock", "停用账户", "Account locked", [A, N, N, N, N, N]),
    anyone("account.password", "修改密码", "Password changed"),
    of("account.rights", "授予权限", "Rights set", [N, A, N, N, N, N]),
    of("account.sessions", "结束他人会话", "Sessions of another ended", [A, A, N, N, N, N]),
    anyone("account.unlink", "取消关联统一身份", "Identity unlinked"),
    of("account.unlock", "启用账户", "Account unlocked", [A, N, N, N, N, N]),
    program("account.use", "使用账户链接", "Account link used"),
    program("act.refuse", "拒绝越权操作", "Act refused"),
    anyone("app.change", "修改开放应用", "Open-data application changed"),
    anyone("app.end", "注销开放应用", "Open-data application given up"),
    of("app.moderate", "审核开放应用", "Open-data application shown or not", [N, N, N, A, N, N]),
    anyone("app.register", "登记开放应用", "Open-data application registered"),
    anyone("app.renew", "更换开放应用密钥", "Key of an open-data application renewed"),
    of("application.issue", "发放应用密钥", "Application key issued", [A, N, N, N, N, O]),
    of("application.revoke", "吊销应用密钥", "Application key revoked", [A, N, N, N, N, O]),
    of("challenge.answer", "答复质疑", "Challenge answered", [N, N, A, N, N, N]),
    person("challenge.raise", "质疑一次查询", "Reading challenged"),
    program("city.configure", "城市声明变更", "Declarations changed"),
    anyone("client.enter", "登录应用", "Logged in to an application"),
    of("client.key", "更换登录签名密钥", "Key of ID tokens renewed", [A, N, N, N, N, N]),
    of("client.register", "登记登录应用", "Login application registered", [A, N, N, N, N, N]),
    of("client.revoke", "停用登录应用", "Login application revoked", [A, N, N, N, N, N]),
    of("client.secret", "更换登录应用密钥", "Secret of a login application renewed", [A, N, N, N, N, N]),
    program("collect.run", "归集", "Collected"),
    of("collect.start", "发起归集", "Collection started", [N, N, N, A, N, O]),
    anyone("consent.give", "同意应用登录", "Login to an application agreed to"),
    anyone("consent.withdraw", "撤回对应用的同意", "Agreement with an application taken back"),
    of("defect.answer", "答复质量问题", "Defect answered", [N, N, N, A, N, O]),
    of("drift.decide", "处理结构变化", "Drift decided", [N, N, N, A, N, O]),
    of("emergency.ask", "申请应急授权", "Emergency rights asked for", [N, N, N, A, A, A]),
    of("emergency.decide", "审批应急授权", "Emergency rights decided", [N, A, N, N, N, N]),
    of("emergency.end", "结束应急授权", "Emergency rights ended", [A, A, A, A, A, A]),
    of("grade.decide", "确定分级", "Grade decided", [N, N, N, A, N, O]),
    of("grade.undo", "撤销分级", "Grade taken back", [N, N, N, A, N, O]),
    of("grant.end", "收回授权", "Grant withdrawn", [N, N, N, A, N, O]),
    of("grant.report", "报告使用情况", "Use reported", [N, N, N, O, N, O]),
    of("grant.subscribe", "订阅授权的变化", "Changes under a grant subscribed", [N, N, N, O, O, O]),
    of("harvest.run", "采集其他目录", "Catalogue harvested", [N, N, N, A, N, O]),
    of("key.issue", "发放推送密钥", "Push key issued", [A, N, N, N, N, N]),
    of("key.revoke", "吊销推送密钥", "Push key revoked", [A, N, N, N, N, N]),
    program("log.forget", "清理过期日志", "Old entries let go"),
    of("message.hurry", "立即重发消息", "Messages sent again", [A, N, N, A, N, N]),
    program("model.run", "模型运行", "Model made"),
    of("model.start", "发起模型运行", "Models started", [N, N, N, A, N, N]),
    of("node.ask", "向其他城市申请数据", "Data requested of another city", [N, N, N, O, N, O]),
    of("node.call", "联络其他城市节点", "Node of another city called", [A, N, N, A, N, N]),
    of("node.dispute", "对其他城市的答复提出争议", "Refusal of another city disputed", [N, N, N, O, N, O]),
    of("node.read", "使用其他城市的数据", "Read from another city", [N, N, N, O, N, O]),
    program("node.receive", "接收其他城市的信封", "Envelope of another city taken"),
    program("node.refuse", "拒绝其他城市的信封或答复", "Envelope or answer of another city refused"),
    program("node.send", "信封已被其他城市接收", "Envelope taken by another city"),
    of("node.withdraw", "撤回向其他城市的申请", "Request to another city withdrawn", [N, N, N, O, N, O]),
    of("objection.raise", "提出异议", "Objection raised", [N, N, N, A, A, A]),
    of("objection.recheck", "复核异议", "Objection checked again", [N, N, N, A, N, N]),
    of("open.decide", "审核开放", "Opening decided", [N, N, N, A, N, N]),
    program("open.hold", "暂缓发布", "Version held back"),
    program("open.measure", "测算开放风险", "Risk of opening measured"),
    of("open.propose", "提议开放", "Opening proposed", [N, N, N, A, N, O]),
    program("open.publish", "发布开放数据", "Open data published"),
    of("open.withdraw", "撤下开放数据", "Open data withdrawn", [N, N, N, A, N, O]),
    program("push.receive", "接收推送", "Push received"),
    of("quality.measure", "发起质量测量", "Quality measured", [N, N, N, A, N, O]),
    of("read.as_of", "读取历史时点数据", "Table read as it was", [N, N, N, A, A, O]),
    of("read.changes", "读取变更", "Changes read", [N, N, N, A, A, O]),
    of("read.conflicts", "读取冲突值", "Conflicts read", [N, N, N, A, N, N]),
    of("read.doubts", "读取待判定记录", "Pairs in doubt read", [N, N, N, A, N, N]),
    of("read.entity", "查阅实体", "Entity read", [N, N, N, A, A, N]),
    of("read.failing", "读取不合规行", "Failing rows read", [N, N, N, A, A, O]),
    of("read.figure", "读取指标明细", "Rows of a figure read", [N, N, N, A, A, N]),
    of("read.grant", "按授权使用数据", "Read under a grant", [N, N, N, O, O, O]),
    of("read.pair", "比对记录", "Records compared", [N, N, N, A, N, N]),
    of("read.preview", "查看样例数据", "Preview read", [N, N, N, A, A, O]),
    of("read.quarantine", "读取问题数据", "Quarantine read", [N, N, N, A, N, O]),
    of("read.refused", "查阅问题行", "Refused row read", [N, N, N, A, N, O]),
    of("read.row_history", "读取行的历史", "History of a row read", [N, N, N, A, A, O]),
    of("read.sql", "SQL 查询", "SQL query", [N, N, N, A, A, N]),
    of("record.drop", "删除登记的数据集", "Registered dataset removed", [N, N, N, A, N, N]),
    of("record.put", "登记数据集", "Dataset registered", [N, N, N, A, N, N]),
    of("register.decide", "人工判定", "Pair decided", [N, N, N, A, N, N]),
    of("register.resolve", "发起归并", "Register resolved", [N, N, N, A, N, N]),
    of("register.undo", "撤销判定", "Decision taken back", [N, N, N, A, N, N]),
    of("request.ask", "申请数据", "Data requested", [N, N, N, O, N, O]),
    of("request.decide", "审核申请", "Request decided", [N, N, N, O, N, O]),
    of("request.dispute", "提出争议", "Refusal disputed", [N, N, N, O, N, O]),
    of("request.settle", "裁定争议", "Dispute settled", [N, N, N, A, N, N]),
    of("request.withdraw", "撤回申请", "Request withdrawn", [N, N, N, O, N, O]),
    of("row.correct", "更正问题行", "Refused rows corrected", [N, N, N, A, N, O]),
    of("row.edit", "更正数据行", "Rows edited", [N, N, N, A, N, O]),
    of("row.undo", "撤销更正", "Correction taken back", [N, N, N, A, N, O]),
    of("rule.adopt", "采用规则", "Rule adopted", [N, N, N, A, N, O]),
    of("schedule.pause", "暂停归集", "Collection paused", [A, N, N, A, N, O]),
    of("schedule.resume", "恢复归集", "Collection resumed", [A, N, N, A, N, O]),
    anyone("second.bind", "绑定动态口令", "Second factor bound"),
    of("second.reset", "重置动态口令", "Second factor reset", [N, A, N, N, N, N]),
    of("see.accesses", "查看受限开放申请", "See applications for restricted data", [N, N, N, A, N, O]),
    of("see.accounts", "查看账户", "See accounts", [A, A, A, N, N, N]),
    of("see.applications", "查看应用", "See applications", [A, N, N, A, N, O]),
    of("see.challenges", "查看质疑", "See challenges", [N, N, A, N, N, O]),
    of("see.clients", "查看登录应用", "See login applications", [A, N, N, N, N, N]),
    of("see.corrections", "查看更正记录", "See corrections", [N, N, N, A, N, O]),
    of("see.defects", "查看质量问题", "See defects", [N, N, N, A, A, O]),
    of("see.drift", "查看结构变化", "See drift", [N, N, N, A, N, O]),
    of("see.emergencies", "查看应急授权", "See emergency rights", [A, A, A, A, A, A]),
    of("see.grading", "查看分级建议", "See proposals of grades", [N, A, N, A, N, O]),
    of("see.grants", "查看授权", "See grants", [N, N, N, A, O, O]),
    of("see.harvest", "查看目录采集", "See harvests", [N, N, N, A, N, O]),
    of("see.log", "查看操作日志", "See the log", [N, N, A, N, N, N]),
    person("see.me", "查看谁看过我", "See who read about oneself"),
    of("see.messages", "查看消息", "See messages", [A, N, N, A, N, N]),
    of("see.nodes", "查看其他城市节点", "See nodes of other cities", [A, N, N, A, N, O]),
    of("see.openings", "查看开放", "See openings", [N, N, N, A, N, O]),
    of("see.reads", "查询谁使用过某人的数据", "See who read about somebody", [N, N, A, N, N, N]),
    of("see.registers", "查看基础库", "See registers", [N, N, N, A, A, N]),
    of("see.requests", "查看申请", "See requests", [N, N, N, A, N, O]),
    of("see.suggestions", "查看规则建议", "See proposals of rules", [N, N, N, A, N, O]),
    of("see.voices", "查看公众意见", "See what the public says", [N, N, N, A, N, O]),
    program("service.leave", "暂停调用服务", "Service left alone"),
    program("service.return", "恢复调用服务", "Service asked again"),
    program("session.begin", "登录", "Logged in"),
    anyone("session.end", "退出", "Logged out"),
    program("session.refuse", "登录失败", "Login refused"),
    program("token.issue", "签发令牌", "Tokens issued"),
    program("token.refuse", "拒绝签发令牌", "Tokens refused"),
    of("voice.answer", "答复公众意见", "Public's words answered", [N, N, N, A, N, O]),
    of("voice.moderate", "审核公众意见", "Public's words released or refused", [N, N, N, A, N, N]),
    anyone("voice.raise", "对开放数据提意见", "Open data commented on or asked for"),
    anyone("voice.support", "支持数据需求", "Data request supported"),
];

/// The act of this word.
pub fn find(word: &str) -> Option<&'static Act> {
    ACTS.binary_search_by(|act| act.word.cmp(word)).ok().and_then(|at| ACTS.get(at))
}

/// What an act is called; its word, where it is from another version.
pub fn title(word: &str) -> Text {
    find(word).map_or_else(|| Text::new(word, word), Act::title)
}
