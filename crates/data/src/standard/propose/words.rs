//! Words that tell what a column is.

/// Texts that people and programs write for "no value".
pub(super) const NULLS: [&str; 22] = [
    "NaN",
    "nan",
    "NULL",
    "Null",
    "null",
    "N/A",
    "n/a",
    "#N/A",
    "NA",
    "None",
    "none",
    "\\N",
    "—",
    "——",
    "-",
    "--",
    "－",
    "/",
    "无",
    "空",
    "暂无",
    "未填写",
];

/// Names of columns whose values are ids or codes, whatever they look like.
pub(super) const IDENTIFIERS: [&str; 17] = [
    "编号", "编码", "代码", "账号", "帐号", "证号", "号码", "标识", "邮编", "邮政", "文号", "单号", "code", "no",
    "postcode", "zip", "zipcode",
];

/// Names of columns of division codes.
pub(super) const DIVISIONS: [&str; 6] = ["区划", "行政区", "adcode", "division", "area_code", "地区代码"];

/// Names of columns of amounts in yuan.
pub(super) const MONEY: [&str; 19] = [
    "金额", "价格", "单价", "总价", "票价", "房价", "售价", "均价", "费用", "资金", "收入", "支出", "余额", "工资",
    "补贴", "amount", "price", "cost", "salary",
];
