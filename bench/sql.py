#!/usr/bin/env python3
"""SQL over the lake's own table provider against DuckDB on the very same Parquet files, two threads each.

TPC-H data comes from the PyPI package tpchgen-cli. The ClickBench questions run over a table that is generated here with the
same 105 columns (Zipf-spread users, phrases and addresses): the original cannot be fetched from a package registry, so these
figures are not comparable with published ones, only with each other.

Runs are interleaved (ours, theirs, ours, …); what counts is processor time, user + system; the least of the runs is taken.

  python3 bench/sql.py --work DIR [--tpch 1 10] [--hits 10000000] [--runs 3] [--json FILE]

`make bench-sql` builds the program (in the one profile there is: dependencies optimised) and brings DuckDB.
"""
import argparse, json, os, pathlib, resource, shutil, subprocess, sys, time

HERE = pathlib.Path(__file__).resolve().parent
TPCH = ["customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier"]


def questions(path):
    found, name = {}, None
    for line in path.read_text().splitlines():
        if line.startswith("-- ") and " " not in line[3:]:
            name = line[3:]
            found[name] = []
        elif name:
            found[name].append(line)
    return {name: "\n".join(lines) for name, lines in found.items()}


class Ours:
    """`bench run` in a process of its own; a statement a line, an answer a line."""

    def __init__(self, program, root):
        self.process = subprocess.Popen([program, "run", str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, sql):
        self.process.stdin.write(json.dumps(sql) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        peak = peak_mib(self.process.pid)
        self.process.stdin.close()
        self.process.wait()
        return peak


class Duck(Ours):
    """DuckDB in a process of its own, by the same conversation."""

    def __init__(self, root, tables):
        views = {table: str(pathlib.Path(root) / "standard" / table / "*.parquet") for table in tables}
        command = [sys.executable, __file__, "--duck", json.dumps(views)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def serve_duck(views):
    import duckdb
    connection = duckdb.connect(config={"threads": 2})
    for table, files in views.items():
        connection.execute(f"create view {table} as select * from read_parquet('{files}')")
    for line in sys.stdin:
        sql = json.loads(line)
        wall, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
        try:
            rows = connection.execute(sql).to_arrow_table().num_rows
            after = resource.getrusage(resource.RUSAGE_SELF)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            told = {"rows": rows, "wall": (time.perf_counter() - wall) * 1000, "cpu": cpu * 1000}
        except Exception as error:
            told = {"error": str(error)}
        print(json.dumps(told), flush=True)


def peak_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) // 1024
    return 0


def contest(program, root, tables, asked, runs):
    ours, duck = Ours(program, root), Duck(root, tables)
    results = []
    for name, sql in asked.items():
        times = {"ours": [], "duck": []}
        rows = {}
        for _ in range(runs):
            for who, engine in (("ours", ours), ("duck", duck)):
                answer = engine.ask(sql)
                if "error" in answer:
                    print(f"{name} {who}: {answer['error']}", file=sys.stderr)
                    times[who].append(None)
                else:
                    times[who].append(answer)
                    rows[who] = answer["rows"]
        if None in times["ours"] + times["duck"]:
            results.append({"name": name, "failed": [who for who in times if None in times[who]]})
            continue
        least = {who: min(answer["cpu"] for answer in answers) for who, answers in times.items()}
        wall = {who: min(answer["wall"] for answer in answers) for who, answers in times.items()}
        results.append({"name": name, "ours": least["ours"], "duck": least["duck"], "wall": wall, "rows": rows,
                        "agree": rows["ours"] == rows["duck"]})
    return results, {"ours": ours.close(), "duck": duck.close()}


def show(title, results, peak):
    print(f"\n{title}\n{'':6}{'ours':>9}{'DuckDB':>9}{'ratio':>7}   processor ms")
    done = [result for result in results if "failed" not in result]
    for result in done:
        ratio = result["ours"] / max(result["duck"], 1)
        print(f"{result['name']:6}{result['ours']:9.0f}{result['duck']:9.0f}{ratio:7.2f}{'' if result['agree'] else '   ROWS DIFFER'}")
    ours, duck = sum(r["ours"] for r in done), sum(r["duck"] for r in done)
    print(f"total {ours:9.0f}{duck:9.0f}{ours / max(duck, 1):7.2f}   peak MiB {peak['ours']} | {peak['duck']}")
    for result in results:
        if "failed" in result:
            print(f"{result['name']}: failed by {', '.join(result['failed'])}")
    return {"title": title, "ours": ours, "duck": duck, "ratio": ours / max(duck, 1), "peak": peak, "questions": results}


def load(program, root, table, file, order=()):
    if not (root / "standard" / table / "_delta_log").is_dir():
        subprocess.run([program, "load", str(root), table, str(file), ",".join(order)], check=True)


# Sorted by key, as upkeep leaves the tables of the standard layer; the wide table by ClickBench's own key.
ORDER = {
    "customer": ("c_custkey",), "lineitem": ("l_orderkey", "l_linenumber"), "nation": ("n_nationkey",), "orders": ("o_orderkey",),
    "part": ("p_partkey",), "partsupp": ("ps_partkey", "ps_suppkey"), "region": ("r_regionkey",), "supplier": ("s_suppkey",),
    "hits": ("CounterID", "EventDate", "UserID", "EventTime", "WatchID"),
}


def tpch(options, scale):
    source, root = options.work / f"tpch{scale}", options.work / f"lake-tpch{scale}"
    if not source.is_dir():
        tool = pathlib.Path(sys.executable).parent / "tpchgen-cli"
        subprocess.run([str(tool) if tool.exists() else "tpchgen-cli", "parquet", "-s", str(scale), "-o", str(source)], check=True)
    for table in TPCH:
        load(options.program, root, table, source / f"{table}.parquet", ORDER.get(table, ()) if options.sort else ())
    asked = pick(options, questions(HERE / "sql" / "tpch.sql"))
    return show(f"TPC-H SF{scale}", *contest(options.program, root, TPCH, asked, options.runs))


def hits(options):
    file, root = options.work / f"hits{options.hits}.parquet", options.work / f"lake-hits{options.hits}"
    if not file.exists():
        import hits as generator
        generator.write(file, options.hits)
    load(options.program, root, "hits", file, ORDER["hits"] if options.sort else ())
    asked = pick(options, questions(HERE / "sql" / "hits.sql"))
    return show(f"hits, {options.hits} rows", *contest(options.program, root, ["hits"], asked, options.runs))


def pick(options, asked):
    return {name: sql for name, sql in asked.items() if not options.only or name in options.only}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("target/bench-sql"))
    parser.add_argument("--program", default=str(HERE.parent / "target/debug/examples/bench"))
    parser.add_argument("--tpch", type=int, nargs="*", default=[1])
    parser.add_argument("--hits", type=int, default=0)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--no-sort", dest="sort", action="store_false")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--duck", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.duck:
        return serve_duck(json.loads(options.duck))
    options.work.mkdir(parents=True, exist_ok=True)
    told = [tpch(options, scale) for scale in options.tpch]
    if options.hits:
        told.append(hits(options))
    if options.json:
        options.json.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
