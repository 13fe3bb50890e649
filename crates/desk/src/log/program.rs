//! What the program is called where it acts by itself.

use kernel::Text;

/// Who acts where nobody does, by the word behind `program/`.
const PROGRAMS: [(&str, &str, &str); 18] = [
    ("city", "城市声明", "declarations"),
    ("collection", "归集之后", "after a collection"),
    ("command", "命令行", "command line"),
    ("correction", "更正", "correction"),
    ("demo", "演示", "demo"),
    ("log", "操作日志", "log of acts"),
    ("login", "登录页", "login"),
    ("neighbour", "城市间交换", "exchange between cities"),
    ("opening", "开放数据", "open data"),
    ("person", "工作人员", "staff"),
    ("push", "推送", "push"),
    ("recovery", "恢复", "recovery"),
    ("schedule", "计划任务", "schedule"),
    ("stranger", "未知来访者", "a stranger"),
    ("setup", "首次设置", "set-up"),
    ("service", "服务调用", "service calls"),
    ("subscription", "订阅推送", "subscription"),
    ("undo", "撤销更正", "undoing"),
];

/// What a program's part is called that acts by itself.
pub(super) fn program_title(word: &str) -> Text {
    let known = PROGRAMS.iter().find(|(program, ..)| *program == word);
    known.map_or_else(|| Text::new(word, word), |(_, zh, en)| Text::new(*zh, *en))
}
