#!/usr/bin/env python3
"""Fifty quality rules over one table, beside the same questions written by hand for DuckDB on the very same Parquet files.

    scripts/sql-peers && .venv/bin/python bench/quality.py [--rows 10000000] [--binary target/debug/sanjiang]

Ours: `sanjiang quality payments` from start to exit: 48 rules in one pass, a uniqueness and a reference rule, results, score and
defects written down. DuckDB: one SELECT of 48 counts, and the two others; two threads, nothing written. The counts must agree.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from delivery import make  # noqa: E402


def rules() -> list[tuple[str, str, str]]:
    """(name, our expression, DuckDB's condition under which a row fails), a spread of what people write."""
    found = []
    for item in ["citizen_id", "name", "kind", "employer", "amount", "paid_on", "updated_at", "phone", "address"]:
        found.append((f"{item}_given", f"{item} is not null", f"{item} IS NULL"))
    for n in range(10):
        found.append((f"amount_{n}", f"amount between {n} and {9000 + n * 100}", f"amount < {n} OR amount > {9000 + n * 100}"))
    for n in range(6):
        day = f"{2020 + n}-01-01"
        found.append((f"paid_{n}", f"paid_on >= '{day}'", f"paid_on < DATE '{day}'"))
    for n in range(12):
        found.append((f"kind_{n}", f"kind <> '{110 + n}'", f"kind = '{110 + n}'"))
    found.append(("birth", "year(cast(substr(citizen_id, 7, 4) || '-01-01' as date)) < 2000", "CAST(substr(citizen_id, 7, 4) AS INT) >= 2000"))
    found.append(("region", "starts_with(citizen_id, '3302')", "NOT starts_with(citizen_id, '3302')"))
    found.append(("length", "length(citizen_id) = 18 and length(employer) = 18", "length(citizen_id) <> 18 OR length(employer) <> 18"))
    found.append(("phone_form", "regexp_like(phone, '^1[3-9][0-9]{9}$')", "NOT regexp_matches(phone, '^1[3-9][0-9]{9}$')"))
    found.append(("street", "address like '%路%号'", "address NOT LIKE '%路%号'"))
    found.append(("short", "length(name) <= 2", "length(name) > 2"))
    found.append(("weekday", "amount % 7 < 6.5 or kind = '111'", "amount % 7 >= 6.5 AND kind <> '111'"))
    found.append(("case", "case kind when '110' then amount < 5000 else true end", "kind = '110' AND amount >= 5000"))
    found.append(("order", "date(updated_at) >= paid_on or amount < 10", "(updated_at AT TIME ZONE 'Asia/Shanghai')::DATE < paid_on AND amount >= 10"))
    found.append(("office", "substr(employer, 1, 8) = '91330200'", "substr(employer, 1, 8) <> '91330200'"))
    found.append(("odd", "substr(citizen_id, 17, 1) in ('1', '3', '5', '7', '9') or amount > 100", "substr(citizen_id, 17, 1) NOT IN ('1', '3', '5', '7', '9') AND amount <= 100"))
    return found[:48]


def declared(folder: Path, all_rules: list[tuple[str, str, str]]) -> None:
    text = make.RESOURCE
    head = '\n[[rule]]\nname = "{0}"\ntitle = "{0}"\ntitle_en = "{0}"\ndimension = "{1}"\n'
    for name, asks, _ in all_rules:
        text += head.format(name, "validity") + f'expression = "{asks}"\n'
    text += head.format("phone_once", "uniqueness") + 'unique = ["phone"]\n'
    text += head.format("kind_known", "referential") + 'references = { items = ["employer"], resource = "payments", to = ["employer"] }\n'
    (folder / "resources/payments/payments.toml").write_text(text)


DUCKDB = """
import duckdb, json, sys
db = duckdb.connect(config={"threads": 2})
db.execute("SET TimeZone = 'UTC'")
db.execute("SET enable_progress_bar = false")
db.execute(f"CREATE VIEW payments AS SELECT * FROM read_parquet('{sys.argv[1]}')")
for sql in json.loads(open(sys.argv[2]).read()):
    print(json.dumps([int(cell) for cell in db.execute(sql).fetchone()]))
"""


def measured(command: list[str], quiet: bool = False) -> tuple[float, float, str]:
    """Seconds by the clock and of processor, its children's included, and what it printed."""
    before, began = os.times(), time.perf_counter()
    out = subprocess.run(command, capture_output=True, text=True)
    wall, after = time.perf_counter() - began, os.times()
    if out.returncode not in (0, 1) or not out.stdout:
        sys.exit(f"failed: {' '.join(command)[:200]}\n{out.stderr[-2000:]}")
    return wall, after.children_user + after.children_system - before.children_user - before.children_system, out.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--binary", default=str(HERE.parent / "target/debug/sanjiang"))
    parser.add_argument("--work", default="/tmp/sanjiang-quality")
    options = parser.parse_args()
    work, binary = Path(options.work), str(Path(options.binary).resolve())
    shutil.rmtree(work, ignore_errors=True)
    city, data = make.city(work / "city"), work / "data"
    make.delivery(city / "sources/payments.csv", 0, options.rows)
    place = ["--city", str(city), "--data", str(data)]
    measured([binary, "collect", "--all", *place])
    # Nothing was put together and nothing replaced, so that every file there is one of the table's.
    all_rules = rules()
    declared(city, all_rules)
    counts = ", ".join(f"count(*) FILTER (WHERE {fails})" for _, _, fails in all_rules)
    questions = [
        f"SELECT count(*), {counts} FROM payments",
        "SELECT coalesce(sum(n), 0) FROM (SELECT count(*) n FROM payments WHERE phone IS NOT NULL GROUP BY phone HAVING count(*) > 1)",
        "SELECT count(*) FROM payments r WHERE employer IS NOT NULL AND NOT EXISTS (SELECT 1 FROM payments o WHERE o.employer = r.employer)",
    ]
    (work / "questions.json").write_text(json.dumps(questions))
    active = ", ".join(f"'{path}'" for path in sorted((data / "lake/standard/payments").glob("*.parquet")))
    script = DUCKDB.replace("read_parquet('{sys.argv[1]}')", f"read_parquet([{active}])")
    best: dict[str, tuple[float, float]] = {}
    for _ in range(options.rounds):
        wall, cpu, out = measured([binary, "quality", "payments", "--json", *place])
        ours = json.loads(out)
        theirs_wall, theirs_cpu, out = measured([sys.executable, "-c", script, "", str(work / "questions.json")])
        theirs = [cell for line in out.splitlines() for cell in json.loads(line)]
        found = [ours["rows"], *(rule["failed"] for rule in ours["rules"])]
        if ours["error"] or found != theirs:
            sys.exit(f"the counts differ: {ours['error']}\n{found}\n{theirs}")
        for name, wall, cpu in [("sanjiang quality", wall, cpu), ("DuckDB, by hand", theirs_wall, theirs_cpu)]:
            old = best.get(name, (wall, cpu))
            best[name] = (min(old[0], wall), min(old[1], cpu))
    print(f"\n50 rules, {options.rows:,} rows, best of {options.rounds}\n\n| | clock s | processor s |\n| --- | --- | --- |")
    for name, (wall, cpu) in best.items():
        print(f"| {name} | {wall:.2f} | {cpu:.2f} |")
    shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
