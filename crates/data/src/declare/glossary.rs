//! What a required key is, in Chinese: the schemas describe keys in English.

/// A few words on a key; empty for one that explains itself.
pub(super) fn about(key: &str) -> &'static str {
    let known = [
        ("title", "中文名称"),
        ("division", "行政区划代码（GB/T 2260）"),
        ("uscc", "统一社会信用代码（提供方代码）"),
        ("department", "所属部门的编号"),
        ("connector", "数据怎么取"),
        ("kind", "类型"),
        ("path", "文件夹或文件的路径"),
        ("url", "地址"),
        ("token", "令牌，可写 `${NAME}` 从环境变量取"),
        ("user", "用户名"),
        ("password", "口令，写 `${NAME}` 从环境变量取"),
        ("next", "应答中下一页的位置（JSON 指针）"),
        ("code", "信息资源代码，如 `3330200001/000012`；在代码集中是每个 `[[code]]`"),
        ("summary", "摘要：有什么，一行是什么，适合谁用"),
        ("system", "来源系统的编号"),
        ("class", "信息资源分类：base 基础、topic 主题、department 部门"),
        ("share", "共享类型：unconditional 无条件、conditional 有条件、none 不予共享"),
        ("open", "开放类型：unconditional 无条件、conditional 有条件、none 不予开放"),
        ("grade", "数据分级：L1 到 L4"),
        ("period", "更新周期：continuous、daily、weekly、monthly、quarterly、half_yearly、yearly、irregular"),
        ("collect", "从哪里、怎样读取各行"),
        ("contract", "交付约定：哪些变化直接接收，哪些待确认"),
        ("from", "文件名或通配符、表名、接口路径"),
        ("item", "信息项，每列一个 `[[item]]`"),
        ("name", "标准层的列名：小写字母、数字、`_`"),
        ("standard", "数据元编号或内置类型"),
        ("value", "代码值"),
        ("panel", "指标或图，每个一节 `[[panel]]`"),
        ("id", "编号，在驾驶舱内唯一"),
        ("sql", "一条 SELECT"),
    ];
    known.iter().find(|(name, _)| *name == key).map_or("", |(_, zh)| zh)
}
