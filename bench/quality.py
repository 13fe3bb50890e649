#!/usr/bin/env python3
"""Fifty quality rules over one table, beside the same questions written by hand for DuckDB on the very same Parquet files.

    scripts/quality-peers && .venv/bin/python bench/quality.py [--rows 10000000] [--binary target/debug/sanjiang] [--peers soda,ge]

Ours: `sanjiang quality payments` from start to exit: 48 rules in one pass, a uniqueness and a reference rule, results, score and
defects written down. DuckDB: one SELECT of 48 counts, and the two others; two threads, nothing written. The counts must agree.
Peers, where they are installed, each from start to exit, two threads, over a DuckDB view of these files, nothing kept:

    soda        a contract of Soda: native checks, failed_rows with an expression or a query for the others (bench/quality_soda.py)
    soda-own    the same, the reference by Soda's own check: a join that gives each row as often as its value is referred to
    ge          a suite of Great Expectations: native expectations, UnexpectedRowsExpectation for the others (bench/quality_ge.py)
    ge-columns  the same, the conditions of one row as columns of the view, so that it can ask for all of them at once
    ge-pandas   the same in a pandas data frame, which is what it documents for Parquet files (about a GB for a million rows)

`at work` is what a program says of its own: from its first question to its last answer, without what it takes to start.
"""

import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import duckdb

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from delivery import make  # noqa: E402


class Rule(NamedTuple):
    """Our expression, DuckDB's condition under which a row fails, and what peers with words of their own call the same."""

    name: str
    asks: str
    fails: str
    native: list | None = None


def rules() -> list[Rule]:
    """A spread of what people write."""
    found = []
    for item in ["citizen_id", "name", "kind", "employer", "amount", "paid_on", "updated_at", "phone", "address"]:
        found.append(Rule(f"{item}_given", f"{item} is not null", f"{item} IS NULL", ["given", item]))
    for n in range(10):
        found.append(Rule(f"amount_{n}", f"amount between {n} and {9000 + n * 100}", f"amount < {n} OR amount > {9000 + n * 100}", ["between", "amount", n, 9000 + n * 100]))
    for n in range(6):
        day = f"{2020 + n}-01-01"
        found.append(Rule(f"paid_{n}", f"paid_on >= '{day}'", f"paid_on < DATE '{day}'", ["since", "paid_on", day]))
    for n in range(12):
        found.append(Rule(f"kind_{n}", f"kind <> '{110 + n}'", f"kind = '{110 + n}'", ["never", "kind", str(110 + n)]))
    found.append(Rule("birth", "year(cast(substr(citizen_id, 7, 4) || '-01-01' as date)) < 2000", "CAST(substr(citizen_id, 7, 4) AS INT) >= 2000"))
    found.append(Rule("region", "starts_with(citizen_id, '3302')", "NOT starts_with(citizen_id, '3302')"))
    found.append(Rule("length", "length(citizen_id) = 18 and length(employer) = 18", "length(citizen_id) <> 18 OR length(employer) <> 18"))
    found.append(Rule("phone_form", "regexp_like(phone, '^1[3-9][0-9]{9}$')", "NOT regexp_matches(phone, '^1[3-9][0-9]{9}$')", ["form", "phone", "^1[3-9][0-9]{9}$"]))
    found.append(Rule("street", "address like '%路%号'", "address NOT LIKE '%路%号'"))
    found.append(Rule("short", "length(name) <= 2", "length(name) > 2", ["longest", "name", 2]))
    found.append(Rule("weekday", "amount % 7 < 6.5 or kind = '111'", "amount % 7 >= 6.5 AND kind <> '111'"))
    found.append(Rule("case", "case kind when '110' then amount < 5000 else true end", "kind = '110' AND amount >= 5000"))
    found.append(Rule("order", "date(updated_at) >= paid_on or amount < 10", "(updated_at AT TIME ZONE 'Asia/Shanghai')::DATE < paid_on AND amount >= 10"))
    found.append(Rule("office", "substr(employer, 1, 8) = '91330200'", "substr(employer, 1, 8) <> '91330200'"))
    found.append(Rule("odd", "substr(citizen_id, 17, 1) in ('1', '3', '5', '7', '9') or amount > 100", "substr(citizen_id, 17, 1) NOT IN ('1', '3', '5', '7', '9') AND amount <= 100"))
    return found[:48]


def declared(folder: Path, all_rules: list[Rule]) -> None:
    text = make.RESOURCE
    head = '\n[[rule]]\nname = "{0}"\ntitle = "{0}"\ntitle_en = "{0}"\ndimension = "{1}"\n'
    for rule in all_rules:
        text += head.format(rule.name, "validity") + f'expression = "{rule.asks}"\n'
    text += head.format("phone_once", "uniqueness") + 'unique = ["phone"]\n'
    text += head.format("kind_known", "referential") + 'references = { items = ["employer"], resource = "payments", to = ["employer"] }\n'
    (folder / "resources/payments/payments.toml").write_text(text)


DUCKDB = """
import duckdb, json, sys, time
began = time.perf_counter()
db = duckdb.connect(config={"threads": 2})
db.execute("SET TimeZone = 'UTC'")
db.execute("SET enable_progress_bar = false")
db.execute(f"CREATE VIEW payments AS SELECT * FROM read_parquet('{sys.argv[1]}')")
for sql in json.loads(open(sys.argv[2]).read()):
    print(json.dumps([int(cell) for cell in db.execute(sql).fetchone()]))
print(time.perf_counter() - began)
"""


def measured(command: list[str], quiet: bool = False) -> tuple[float, float, str]:
    """Seconds by the clock and of processor, its children's included, and what it printed."""
    before, began = os.times(), time.perf_counter()
    out = subprocess.run(command, capture_output=True, text=True)
    wall, after = time.perf_counter() - began, os.times()
    if out.returncode not in (0, 1) or not out.stdout:
        sys.exit(f"failed: {' '.join(command)[:200]}\n{out.stderr[-2000:]}")
    return wall, after.children_user + after.children_system - before.children_user - before.children_system, out.stdout


PEERS = {
    "soda": ("Soda", "soda_duckdb", "quality_soda.py", []),
    "soda-own": ("Soda, its own reference check", "soda_duckdb", "quality_soda.py", ["own"]),
    "ge": ("Great Expectations", "great_expectations duckdb_engine", "quality_ge.py", []),
    "ge-columns": ("Great Expectations, conditions as columns", "great_expectations duckdb_engine", "quality_ge.py", ["columns"]),
    "ge-pandas": ("Great Expectations, pandas", "great_expectations duckdb_engine", "quality_ge.py", ["pandas"]),
}


def present(names: str) -> list[str]:
    """Those of the peers asked for that can run; says which cannot."""
    found = []
    for name in filter(None, names.split(",")):
        if name not in PEERS:
            sys.exit(f"no peer is called {name}: {', '.join(PEERS)}")
        missing = [part for part in PEERS[name][1].split() if importlib.util.find_spec(part) is None]
        if missing:
            print(f"SKIP {name}: {' and '.join(missing)} not installed; scripts/quality-peers does it", flush=True)
        else:
            found.append(name)
    return found


def questions(all_rules: list[Rule]) -> list[str]:
    counts = ", ".join(f"count(*) FILTER (WHERE {rule.fails})" for rule in all_rules)
    return [
        f"SELECT count(*), {counts} FROM payments",
        "SELECT coalesce(sum(n), 0) FROM (SELECT count(*) n FROM payments WHERE phone IS NOT NULL GROUP BY phone HAVING count(*) > 1)",
        "SELECT count(*) FROM payments r WHERE employer IS NOT NULL AND NOT EXISTS (SELECT 1 FROM payments o WHERE o.employer = r.employer)",
    ]


def views(work: Path, files: list[str], all_rules: list[Rule]) -> None:
    """What the peers look at, and what they are to ask."""
    database = work / "peers.duckdb"
    failing = ", ".join(f"({rule.fails}) AS {rule.name}_fails" for rule in all_rules)
    with duckdb.connect(str(database)) as db:
        db.execute(f"CREATE VIEW payments AS SELECT * FROM read_parquet({files})")
        db.execute(f"CREATE VIEW payments_asked AS SELECT *, {failing} FROM payments")
    job = {"work": str(work), "files": files, "database": str(database), "rules": [rule._asdict() for rule in all_rules]}
    (work / "job.json").write_text(json.dumps(job))


class Run(NamedTuple):
    """Seconds from start to exit, seconds of processor, seconds by the program's own clock (0: it does not say), what it counted."""

    wall: float
    cpu: float
    work: float
    counts: list


def ours(binary: str, place: list[str]) -> Run:
    wall, cpu, out = measured([binary, "quality", "payments", "--json", *place])
    told = json.loads(out)
    if told["error"]:
        sys.exit(f"failed: {told['error']}")
    return Run(wall, cpu, 0, [told["rows"], *(rule["failed"] for rule in told["rules"])])


def by_hand(script: str, work: Path) -> Run:
    wall, cpu, out = measured([sys.executable, "-c", script, "", str(work / "questions.json")])
    *answers, seconds = out.splitlines()
    return Run(wall, cpu, float(seconds), [cell for line in answers for cell in json.loads(line)])


def peer(name: str, work: Path) -> Run:
    _, _, script, more = PEERS[name]
    wall, cpu, out = measured([sys.executable, str(HERE / script), str(work / "job.json"), *more])
    told = json.loads(out.splitlines()[-1])
    return Run(wall, cpu, told["seconds"], told["counts"])


def agree(runs: dict[str, Run], names: list[str]) -> None:
    """Every count of every rule, whoever counted."""
    first, right = next(iter(runs.items()))
    for title, run in runs.items():
        if len(run.counts) != len(right.counts):
            sys.exit(f"{title} gave {len(run.counts)} counts, {first} {len(right.counts)}")
        wrong = [f"{name}: {a} and {b}" for name, a, b in zip(names, right.counts, run.counts) if a != b]
        if wrong:
            sys.exit(f"the counts of {first} and {title} differ\n" + "\n".join(wrong))


def table(best: dict[str, Run]) -> None:
    print("| | clock s | processor s | at work s | clock / ours | processor / ours |\n| --- | --- | --- | --- | --- | --- |")
    base = next(iter(best.values()))
    for title, run in best.items():
        work = f"{run.work:.2f}" if run.work else ""
        print(f"| {title} | {run.wall:.2f} | {run.cpu:.2f} | {work} | {run.wall / base.wall:.2f} | {run.cpu / base.cpu:.2f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--binary", default=str(HERE.parent / "target/debug/sanjiang"))
    parser.add_argument("--work", default="/tmp/sanjiang-quality")
    parser.add_argument("--peers", default="soda,ge", help=f"of {','.join(PEERS)}; empty: none")
    options = parser.parse_args()
    work, binary, peers = Path(options.work), str(Path(options.binary).resolve()), present(options.peers)
    shutil.rmtree(work, ignore_errors=True)
    city, data = make.city(work / "city"), work / "data"
    make.delivery(city / "sources/payments.csv", 0, options.rows)
    place = ["--city", str(city), "--data", str(data)]
    measured([binary, "collect", "--all", *place])
    # Nothing was put together and nothing replaced, so that every file there is one of the table's.
    all_rules = rules()
    declared(city, all_rules)
    (work / "questions.json").write_text(json.dumps(questions(all_rules)))
    files = [str(path) for path in sorted((data / "lake/standard/payments").glob("*.parquet"))]
    script = DUCKDB.replace("read_parquet('{sys.argv[1]}')", f"read_parquet({files})")
    views(work, files, all_rules)
    names = ["rows", *(rule.name for rule in all_rules), "phone_once", "kind_known"]
    best: dict[str, Run] = {}
    for _ in range(options.rounds):
        # In turns, so that what else the machine does falls on all of them.
        runs = {"sanjiang quality": ours(binary, place), "DuckDB, by hand": by_hand(script, work)}
        runs |= {PEERS[name][0]: peer(name, work) for name in peers}
        agree(runs, names)
        for title, run in runs.items():
            old = best.get(title, run)
            best[title] = Run(min(old.wall, run.wall), min(old.cpu, run.cpu), min(old.work, run.work), run.counts)
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"\n50 rules, {options.rows:,} rows, best of {options.rounds}; load at the end: {load}\n")
    table(best)
    shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
