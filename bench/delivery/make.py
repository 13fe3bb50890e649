"""Makes what the benchmark collects: a city of one resource, and deliveries of people as a department exports them.

Ten columns: a number, a citizen id and a credit code with right check digits, a name and an address in Chinese, a code,
an amount, a date, a time, a telephone. About 125 bytes a row. The same numbers give the same bytes.
"""

from pathlib import Path

import duckdb

CITY = {
    "city.toml": 'title = "测试市"\ntitle_en = "Bench"\ndivision = "330200"\n',
    "departments/insurance.toml": 'title = "测试市社保局"\ntitle_en = "Insurance"\nshort = "社保"\nuscc = "113302000029290324"\ncontact = "0574-88122055"\n',
    "systems/payments.toml": 'title = "缴费系统"\ntitle_en = "Payments"\ndepartment = "insurance"\n\n'
    '[connector]\nkind = "files"\npath = "sources"\n',
    "standards/serial_no.toml": 'title = "业务编号"\ntitle_en = "Serial number"\nkind = "text"\npattern = "[0-9A-Z-]{4,32}"\n',
    "standards/short_text.toml": 'title = "短文本"\ntitle_en = "Short text"\nkind = "text"\nmin_length = 1\nmax_length = 60\n',
    "standards/amount.toml": 'title = "金额"\ntitle_en = "Amount"\nkind = "money"\nminimum = 0.0\nmaximum = 1e13\n',
    "standards/day.toml": 'title = "业务日期"\ntitle_en = "Day"\nkind = "date"\nearliest = "1949-10-01"\nlatest = "2099-12-31"\n',
    "standards/kind.toml": 'title = "险种代码"\ntitle_en = "Kind"\nkind = "code"\ncodes = "kind"\n',
    "codes/kind.toml": 'title = "险种代码"\ntitle_en = "Kind"\n'
    + "".join(f'\n[[code]]\nvalue = "{110 + n}"\ntitle = "险种{n}"\ntitle_en = "Kind {n}"\n' for n in range(12)),
}

ITEMS = [
    ("serial_no", "业务编号", "serial_no"),
    ("citizen_id", "公民身份号码", "citizen_id"),
    ("name", "姓名", "short_text"),
    ("kind", "险种", "kind"),
    ("employer", "单位代码", "uscc"),
    ("amount", "金额", "amount"),
    ("paid_on", "缴费日期", "day"),
    ("updated_at", "更新时间", "datetime"),
    ("phone", "电话", "phone"),
    ("address", "地址", "short_text"),
]

RESOURCE = (
    'title = "缴费记录"\ntitle_en = "Payments"\ncode = "3990200/000001"\nsystem = "payments"\noffice = "测试处"\n'
    'summary = "每行是一笔缴费。"\nsummary_en = "One row is one payment."\nclass = "department"\nkeywords = ["社保"]\n'
    'share = "conditional"\nshare_condition = "测试"\nopen = "none"\ngrade = "L3"\nperiod = "daily"\nissued = "2026-01-01"\n\n'
    '[collect]\nfrom = "*.csv"\nmode = "full"\nversion = "updated_at"\n'
) + "".join(
    f'\n[[item]]\nname = "{name}"\ntitle = "{title}"\ntitle_en = "{name}"\nstandard = "{standard}"\ngrade = "L3"\n'
    + ("key = true\nrequired = true\n" if name == "serial_no" else "")
    for name, title, standard in ITEMS
)

NAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂文辉玲建国华英"
DISTRICTS = "330203,330204,330205,330206,330211,330212,330225,330226,330281,330282,330283"
STREETS = "中山路,解放南路,百丈东路,环城西路,药行街,鼓楼巷,江东北路,天童南路,兴宁路,通途路"


def check_digits(digits: str, weights: list[int], modulus: int) -> str:
    """SQL for the weighted sum of a text of digits."""
    terms = " + ".join(f"(ascii(substr({digits}, {n + 1}, 1)) - 48) * {w}" for n, w in enumerate(weights))
    return f"(({terms}) % {modulus})"


def delivery(path: Path, first: int, rows: int, changed: int = 0, threads: int = 2) -> None:
    """Rows numbered from `first` on; then `changed` earlier ones again, with a later time and another amount."""
    span = f"""
      SELECT i, 0 AS again FROM range({first}, {first + rows}) t(i)
      UNION ALL SELECT (i * {max(first, 1) // max(changed, 1)})::BIGINT AS i, 1 AS again FROM range({changed}) t(i)"""
    listed = lambda words: "[" + ",".join(f"'{word}'" for word in words.split(",")) + "]"
    body = f"list_extract({listed(DISTRICTS)}, (h1 % 11)::INTEGER + 1) || strftime(DATE '1940-01-01' + (h2 % 25000)::INTEGER, '%Y%m%d') || lpad((h3 % 1000)::VARCHAR, 3, '0')"
    inner = check_digits("org", [3, 7, 9, 10, 5, 8, 4, 2], 11)
    weights31 = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
    # The inner check place may be X, which counts 29 in the outer sum.
    outer = " + ".join(
        f"(CASE substr(code, {n + 1}, 1) WHEN 'X' THEN 29 ELSE ascii(substr(code, {n + 1}, 1)) - 48 END) * {w}"
        for n, w in enumerate(weights31)
    )
    pick = lambda text, h: f"substr('{text}', ({h} % {len(text)})::INTEGER + 1, 1)"
    sql = f"""
    COPY (
      WITH numbered AS ({span}),
      drawn AS (SELECT i, again, hash(i, 1) h1, hash(i, 2) h2, hash(i, 3) h3, hash(i, 4) h4 FROM numbered),
      bodies AS (SELECT *, {body} AS id17, lpad((h4 % 40000)::VARCHAR, 8, '1') AS org FROM drawn),
      inners AS (SELECT *, '91330200' || org || substr('0X987654321', ({inner}) + 1, 1) AS code FROM bodies)
      SELECT 'NB2026' || lpad(i::VARCHAR, 9, '0') AS serial_no,
        id17 || substr('10X98765432', {check_digits("id17", [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], 11)} + 1, 1) AS citizen_id,
        {pick(NAMES, 'h1')} || {pick(GIVEN, 'h2')} || {pick(GIVEN, 'h3')} AS name,
        (110 + h1 % 12)::VARCHAR AS kind,
        code || substr('0123456789ABCDEFGHJKLMNPQRTUWXY', ((31 - ({outer}) % 31) % 31)::INTEGER + 1, 1) AS employer,
        ((h2 % 1000000) / 100 + again)::DECIMAL(12, 2)::VARCHAR AS amount,
        strftime(DATE '2020-01-01' + (h3 % 2200)::INTEGER, '%Y-%m-%d') AS paid_on,
        strftime(TIMESTAMP '2026-01-01' + to_seconds((h4 % 20000000)::INTEGER) + to_days(400 * again), '%Y-%m-%d %H:%M:%S') AS updated_at,
        '13' || lpad((h4 % 1000000000)::VARCHAR, 9, '0') AS phone,
        list_extract({listed(STREETS)}, (h1 % 10)::INTEGER + 1) || (h2 % 900 + 1)::VARCHAR || '号' AS address
      FROM inners
    ) TO '{path}' (FORMAT csv, HEADER)"""
    path.parent.mkdir(parents=True, exist_ok=True)
    duckdb.connect(config={"threads": threads, "preserve_insertion_order": True}).execute(sql)


MILLION = 1_000_000


def millions(path: Path, template: Path, numbers: range, changed: int = 0) -> None:
    """Rows of whole millions: those of `template`, which holds the first million, under other serial numbers (making them
    one by one takes longer than landing them). Then `changed` earlier rows again, as `delivery` makes them."""
    head, body = template.read_bytes().split(b"\n", 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        out.write(head)
        for number in numbers:
            out.write((b"\n" + body[:-1]).replace(b"\nNB2026000", b"\nNB2026%03d" % number))
        out.write(b"\n")
        if changed:
            again = path.with_suffix(".again")
            delivery(again, numbers.start * MILLION, 0, changed)
            out.write(again.read_bytes().split(b"\n", 1)[1])
            again.unlink()


def city(folder: Path) -> Path:
    """The city's folder; deliveries go to `folder/sources`."""
    for name, text in {**CITY, "resources/payments/payments.toml": RESOURCE}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "sources").mkdir(exist_ok=True)
    return folder
