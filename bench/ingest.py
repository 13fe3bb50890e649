#!/usr/bin/env python3
"""How quickly a delivery becomes a checked, durable, queryable table, beside others doing less.

    scripts/ingest-peers && .venv/bin/python bench/ingest.py [--rows 3000000] [--binary target/debug/sanjiang]

Ours: `sanjiang collect` from start to exit: every value checked, raw and standard layer committed and synced, books balanced.
DuckDB: the same file into one zstd Parquet file, two threads, nothing checked, nothing synced.
dlt: the same rows into a Delta table on local files, by its own CSV reader (a part of the rows: its cost is per row) and by Arrow tables.
Prints Markdown. `--big GB` collects one large file. Two curves are drawn: `--sizes 1,3,10` of the cost per row of one file of
so many million rows into an empty lake, `--curve MILLIONS` of deliveries of a million rows into a growing table.
"""

import argparse
import json
import multiprocessing
import os
import re
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from delivery import curve, make  # noqa: E402

DUCKDB = """
import duckdb, sys
db = duckdb.connect(config={"threads": 2})
db.execute("SET memory_limit = '4GB'")
db.execute(f"COPY (SELECT * FROM read_csv('{sys.argv[1]}')) TO '{sys.argv[2]}' (FORMAT parquet, COMPRESSION zstd)")
"""

DLT_ROWS = """
import dlt, sys
from dlt.sources.filesystem import filesystem, read_csv
from pathlib import Path
source, out = Path(sys.argv[1]), Path(sys.argv[2])
files = filesystem(bucket_url=source.parent.as_uri(), file_glob=source.name)
rows = (files | read_csv()).with_name("payments")
rows.apply_hints(table_format="delta")
pipeline = dlt.pipeline("bench", destination=dlt.destinations.filesystem(out.as_uri()), dataset_name="city", pipelines_dir=str(out / "state"))
pipeline.run(rows, loader_file_format="parquet").raise_on_failed_jobs()
"""

DLT_ARROW = """
import dlt, sys
import pyarrow.csv
from pathlib import Path
source, out = Path(sys.argv[1]), Path(sys.argv[2])
@dlt.resource(name="payments", table_format="delta")
def payments():
    for batch in pyarrow.csv.open_csv(source):
        yield batch
pipeline = dlt.pipeline("bench", destination=dlt.destinations.filesystem(out.as_uri()), dataset_name="city", pipelines_dir=str(out / "state"))
pipeline.run(payments(), loader_file_format="parquet").raise_on_failed_jobs()
"""


def measure(command: list[str], **more) -> dict:
    """Runs a program to its end: wall and processor seconds, and the most memory it held."""
    began = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, **more)
    _, status, used = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"failed ({status}): {' '.join(command)[:300]}")
    return {"wall": time.perf_counter() - began, "cpu": used.ru_utime + used.ru_stime, "mb": used.ru_maxrss / 1024}


def apart(work, *given) -> None:
    """In a process of its own: what this one has ever held would count as held by those it starts."""
    child = multiprocessing.Process(target=work, args=given)
    child.start()
    child.join()
    if child.exitcode:
        sys.exit(f"{work.__name__} failed")


def fresh(path: Path) -> Path:
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def written(path: Path) -> float:
    return sum(f.stat().st_size for f in path.rglob("*") if f.is_file()) / 1e6


class Bench:
    def __init__(self, options):
        self.options = options
        self.work = fresh(Path(options.work))
        self.binary = str(Path(options.binary).resolve())

    def collect(self, city: Path, data: Path) -> dict:
        log = dict(os.environ, RUST_LOG="warn", DO_NOT_TRACK="1")
        return measure([self.binary, "collect", "--all", "--city", str(city), "--data", str(data)], env=log)

    def rows(self, data: Path, city: Path, layer: str = "standard") -> int:
        sql = f"SELECT count(*) AS n FROM {layer}.payments"
        out = subprocess.run([self.binary, "sql", sql, "--city", str(city), "--data", str(data)], capture_output=True, text=True, check=True)
        numbers = re.findall(r"\d+", out.stdout)
        return int(numbers[0]) if numbers else -1

    def ours(self, city: Path, rows: int) -> dict:
        data = fresh(self.work / "ours")
        result = self.collect(city, data)
        found = self.rows(data, city)
        if found != rows:
            sys.exit(f"{found} rows in the standard layer, {rows} were delivered")
        result["disk"] = written(data / "lake")
        return result

    def duckdb(self, source: Path) -> dict:
        out = fresh(self.work / "duckdb")
        result = measure([sys.executable, "-c", DUCKDB, str(source), str(out / "payments.parquet")])
        result["disk"] = written(out)
        return result

    def dlt(self, script: str, source: Path) -> dict:
        out = fresh(self.work / "dlt")
        quiet = dict(os.environ, RUNTIME__DLTHUB_TELEMETRY="false", RUNTIME__LOG_LEVEL="ERROR")
        result = measure([sys.executable, "-c", script, str(source), str(out)], env=quiet)
        result["disk"] = written(out / "city")
        return result

    def compare(self) -> None:
        rows, part = self.options.rows, min(self.options.rows, 100_000)
        city = make.city(self.work / "city")
        source = city / "sources" / "payments.csv"
        apart(make.delivery, source, 0, rows)
        small = self.work / "small" / "payments.csv"
        apart(make.delivery, small, 0, part)
        size = source.stat().st_size / 1e6
        print(f"\n{rows:,} rows, 10 columns, {size:.0f} MB of CSV; best of {self.options.rounds}.\n")
        jobs = [("sanjiang collect", rows, lambda: self.ours(city, rows)), ("DuckDB", rows, lambda: self.duckdb(source))]
        if not self.options.no_dlt:
            jobs += [("dlt, Arrow tables", rows, lambda: self.dlt(DLT_ARROW, source)), ("dlt, its CSV reader", part, lambda: self.dlt(DLT_ROWS, small))]
        results = {name: [] for name, _, _ in jobs}
        # In turns, so that a busy moment of the machine meets all of them.
        for turn in range(self.options.rounds):
            for name, _, job in jobs:
                if turn == 0 or not name.startswith("dlt"):
                    results[name].append(job())
        print("| | rows | wall s | CPU s | wall µs/row | CPU µs/row | peak MB | MB on disk | wall, ours is | CPU, ours is |")
        print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
        best = {name: {key: min(r[key] for r in found) for key in found[0]} for name, found in results.items()}
        ours = best["sanjiang collect"]
        for name, count, _ in jobs:
            b = best[name]
            ratio = lambda key: (b[key] / count) / (ours[key] / rows)
            print(
                f"| {name} | {count:,} | {b['wall']:.2f} | {b['cpu']:.2f} | {b['wall'] / count * 1e6:.2f} | {b['cpu'] / count * 1e6:.2f} "
                f"| {b['mb']:.0f} | {b['disk']:.0f} | {ratio('wall'):.2f}× | {ratio('cpu'):.2f}× |"
            )
        print(json.dumps({"rows": rows, "results": results}), file=sys.stderr)

    def big(self, gigabytes: float) -> None:
        """One large file; the peak of memory is what counts."""
        city = make.city(self.work / "big")
        source, first = city / "sources" / "payments.csv", self.work / "first.csv"
        apart(make.delivery, first, 0, make.MILLION)
        count = max(1, int(gigabytes * 1e9 / first.stat().st_size))
        rows = count * make.MILLION
        apart(make.millions, source, first, range(count))
        data = fresh(self.work / "ours")
        found = self.collect(city, data)
        there = self.rows(data, city)
        print(f"\n{source.stat().st_size / 1e9:.1f} GB, {rows:,} rows: {found['wall']:.0f} s, {found['cpu'] / rows * 1e6:.2f} CPU µs/row, ")
        print(f"peak {found['mb']:.0f} MB; {there:,} rows in the standard layer.")
        if there != rows:
            sys.exit("rows are missing")

    def curve(self, millions: int) -> None:
        """Deliveries of a million rows each, every tenth of them a correction, into a growing table."""
        city = make.city(self.work / "curve")
        data = fresh(self.work / "ours")
        first = self.work / "first.csv"
        apart(make.delivery, first, 0, make.MILLION)
        points = []
        for number in range(millions):
            for old in (city / "sources").iterdir():
                old.unlink()
            source = city / "sources" / f"{number:04}.csv"
            apart(make.millions, source, first, range(number, number + 1), self.options.changed if number else 0)
            found = self.collect(city, data)
            points.append({"rows": (number + 1) * make.MILLION, **found})
            print(f"{points[-1]['rows']:,} rows: {found['cpu']:.2f} CPU s, {found['wall']:.2f} s, {found['mb']:.0f} MB", flush=True)
            costs = [(point["rows"] / 1e6, point["cpu"]) for point in points]
            Path(self.options.svg).write_text(curve.draw(costs, "表的大小（百万行）", "millions of rows in the table"))

    def sizes(self, millions: list[int]) -> None:
        """One file of each size, into an empty lake."""
        city = make.city(self.work / "sizes")
        source, first = city / "sources" / "payments.csv", self.work / "first.csv"
        apart(make.delivery, first, 0, make.MILLION)
        costs = []
        print("\n| rows | wall s | CPU s | CPU µs/row | peak MB |\n| --- | --- | --- | --- | --- |", flush=True)
        for number in millions:
            apart(make.millions, source, first, range(number))
            found = self.ours(city, number * make.MILLION)
            costs.append((number, found["cpu"] / number))
            print(f"| {number} M | {found['wall']:.1f} | {found['cpu']:.1f} | {costs[-1][1]:.2f} | {found['mb']:.0f} |", flush=True)
        Path(self.options.svg).write_text(curve.draw(costs, "一个文件的大小（百万行）", "millions of rows in one file"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=3_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--binary", default=str(HERE.parent / "target/debug/sanjiang"))
    parser.add_argument("--work", default="/tmp/sanjiang-ingest")
    parser.add_argument("--no-dlt", action="store_true")
    parser.add_argument("--big", type=float, default=0, help="gigabytes of one file")
    parser.add_argument("--curve", type=int, default=0, help="millions of rows")
    parser.add_argument("--sizes", default="", help="millions of rows in one file, by commas")
    parser.add_argument("--changed", type=int, default=1000, help="corrections of older rows in each further delivery")
    parser.add_argument("--svg", default=str(HERE.parent / "docs/ingest-cost.svg"))
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    bench = Bench(options)
    try:
        if options.big:
            bench.big(options.big)
        elif options.curve:
            bench.curve(options.curve)
        elif options.sizes:
            bench.sizes([int(size) for size in options.sizes.split(",")])
        else:
            bench.compare()
    finally:
        shutil.rmtree(bench.work, ignore_errors=True)


if __name__ == "__main__":
    main()
