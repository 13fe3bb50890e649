#!/usr/bin/env python3
"""Open data over HTTP: a row by its key, and a page of a hundred rows with the exact total; beside Datasette and roapi on the same rows.

    scripts/gateway-peers && .venv/bin/python bench/open.py [--rows 13000000] [--seconds 20] [--connections 64]
        [--sanjiang target/debug/sanjiang] [--peers datasette,datasette-row,roapi]

Ours is opened as a city opens it: collected, proposed, measured by the gate, approved by another person, published. Each system is
measured alone, one after the other, by `wrk` on kept connections: first all of them, then one; nothing is counted for the first
seconds. Some answers are compared with what was generated, totals among them. Then whole files are fetched: how many bytes a
second, and what the server holds meanwhile.

Datasette has SQLite opened immutable and inspected, so that it knows its counts; pages are asked by `_next`, its quickest way.
roapi has the table in memory, and tells no totals. The exit code says whether answers were right, not how fast they came.
"""

import argparse
import html
import http.cookiejar
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from lending import load, peers  # noqa: E402
from lending.load import Asking, Client, Load, Server, free_port  # noqa: E402
from lending.rides import COLUMNS, Rides  # noqa: E402

PASSWORD = "one of many rivers"
PAGE = 100
KINDS = {"ride_no": "integer", "line": "integer", "boarded": "date", "fare": "money"}

CITY = {
    "city.toml": 'title = "测试市"\ntitle_en = "Bench"\ndivision = "330200"\n',
    "departments/transport.toml": 'title = "测试市交通局"\ntitle_en = "Transport"\nuscc = "113302000029290324"\n',
    "systems/buses.toml": 'title = "公交"\ntitle_en = "Buses"\ndepartment = "transport"\n\n[connector]\nkind = "files"\npath = "buses"\n',
    "resources/ride.toml": 'title = "乘车"\ntitle_en = "Rides"\ncode = "3990200/000001"\nsystem = "buses"\nsummary = "测试"\nclass = "department"\n'
    'share = "unconditional"\nopen = "unconditional"\ngrade = "L1"\nperiod = "yearly"\n\n[collect]\nfrom = "ride.csv"\n'
    + "".join(
        f'\n[[item]]\nname = "{name}"\ntitle = "{name}"\ntitle_en = "{name}"\nstandard = "{KINDS.get(name, "text")}"\ngrade = "L1"\n'
        + ("key = true\nrequired = true\n" if name == "ride_no" else "")
        for name in COLUMNS
    ),
    "models/open/rides.sql": '/*\ntitle = "乘车"\ntitle_en = "Rides"\nsummary = "测试"\ndepartment = "transport"\nkey = ["ride_no"]\n[open]\nlicence = "CC0-1.0"\n'
    f'theme = "transport"\nperiod = "yearly"\n*/\nSELECT {", ".join(COLUMNS)} FROM ride\n',
}


class Person:
    """A member of staff in a browser."""

    def __init__(self, port: int, name: str):
        self.at = f"http://127.0.0.1:{port}"
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        body = json.dumps({"name": name, "password": PASSWORD}).encode()
        self.opener.open(urllib.request.Request(f"{self.at}/api/v1/session", body, {"Content-Type": "application/json"})).read()

    def page(self, path: str) -> str:
        return self.opener.open(self.at + path).read().decode()

    def send(self, path: str, step: str, **fields: str) -> None:
        page = self.page(path)
        hidden = dict(re.findall(r'name="(csrf|proposal)" value="([^"]*)"', page))
        body = urllib.parse.urlencode({**{name: html.unescape(value) for name, value in hidden.items()}, **fields}).encode()
        self.opener.open(urllib.request.Request(f"{self.at}{path}/{step}", body, {"Origin": self.at})).read()


class Ours:
    def __init__(self, options, rides: Rides):
        self.binary, self.work = options.sanjiang, options.work / "ours"
        city, self.data = self.work / "city", self.work / "data"
        for name, text in CITY.items():
            (city / name).parent.mkdir(parents=True, exist_ok=True)
            (city / name).write_text(text)
        rides.csv(city / "buses/ride.csv")
        self.place = ["--city", str(city), "--data", str(self.data)]
        self.took: dict[str, float] = {}
        self.step("collected", lambda: self.command(["collect", "--all", *self.place]))
        self.step("modelled", lambda: self.command(["model", "run", *self.place]))
        for name in ["proposer", "approver"]:
            self.command(["account", "add", name, "--role", "steward", *self.place], PASSWORD)

    def step(self, name: str, act) -> None:
        began = time.monotonic()
        act()
        self.took[name] = time.monotonic() - began

    def command(self, words: list[str], text: str = "") -> None:
        done = subprocess.run([self.binary, *words], input=text, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"sanjiang {' '.join(words)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")

    def started(self) -> tuple[Server, int]:
        port = free_port()
        env = dict(os.environ, RUST_LOG="warn")
        server = Server([self.binary, "serve", "--no-collect", *self.place, "--listen", f"127.0.0.1:{port}"], self.work / "sanjiang.log", env=env)
        try:
            self.opened(server, port)
        except BaseException:
            server.stop()
            raise
        return server, port

    def opened(self, server: Server, port: int) -> None:
        server.until_ready(lambda: Client(port).get("/api/v1/node")[0] == 200)
        proposer, approver = Person(port, "proposer"), Person(port, "approver")
        proposer.send("/openings/rides", "propose", words="测试")
        self.step("measured by the gate", lambda: self.until(lambda: "同意开放</button>" in approver.page("/openings/rides")))
        approver.send("/openings/rides", "decide", act="approve")
        self.step("published", lambda: server.until_ready(lambda: Client(port).get("/api/v1/open/datasets/rides")[0] == 200, 3600))

    @staticmethod
    def until(is_so, seconds: float = 3600) -> None:
        end = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > end:
                sys.exit("the gate has not measured in time")
            time.sleep(0.5)


class Both(NamedTuple):
    """By key with all connections and with one; the same by page."""

    key: Load
    key_one: Load
    page: Load
    page_one: Load
    most: float


ROW = "/api/v1/open/datasets/rides/rows"
# How each is asked for a row, and for a page behind so many rows.
ASKED = {
    "sanjiang": (lambda port: Asking(port, f"{ROW}?ride_no="), lambda port: Asking(port, f"{ROW}?limit={PAGE}&offset=")),
    "datasette": (
        lambda port: Asking(port, "/ride/ride.json?ride_no__exact=", "&_shape=objects&_nofacet=1&_nosuggest=1"),
        lambda port: Asking(port, f"/ride/ride.json?_shape=objects&_nofacet=1&_nosuggest=1&_size={PAGE}&_next="),
    ),
    "datasette-row": (
        lambda port: Asking(port, "/ride/ride/", ".json?_shape=array"),
        lambda port: Asking(port, f"/ride/ride.json?_shape=objects&_nofacet=1&_nosuggest=1&_size={PAGE}&_next="),
    ),
    "roapi": (
        lambda port: Asking(port, "/api/tables/ride?filter%5Bride_no%5D="),
        lambda port: Asking(port, f"/api/tables/ride?limit={PAGE}&offset="),
    ),
}


def measured(name: str, server: Server, port: int, rides: Rides, options) -> Both:
    by_key, by_page = (asking(port) for asking in ASKED[name])
    ask = lambda asking, connections, seconds, seed: load.run(server, asking, rides.ids, connections, options.threads, seconds, seed)
    ask(by_key, options.connections, options.warm, 1)
    key, key_one = ask(by_key, options.connections, options.seconds, 2), ask(by_key, 1, options.seconds, 3)
    ask(by_page, options.connections, options.warm, 4)
    page, page_one = ask(by_page, options.connections, options.seconds, 5), ask(by_page, 1, options.seconds, 6)
    return Both(key, key_one, page, page_one, server.memory("VmHWM"))


def right(port: int, rides: Rides) -> None:
    """Rows, pages and totals of ours are what was generated."""
    client = Client(port)
    told = lambda query: json.loads(client.get(f"{ROW}?{query}")[2])
    for row in rides.some():
        found = told(f"ride_no={row['ride_no']}")
        if found["rows"] != [row] or found["total"] != 1:
            sys.exit(f"asked for {row}, answered {found}")
    for offset in [0, rides.count // 3, rides.count - PAGE // 2, rides.count + 5]:
        found = told(f"limit={PAGE}&offset={offset}")
        if found["rows"] != rides.these([row["ride_no"] for row in found["rows"]]) or found["total"] != rides.count:
            sys.exit(f"offset {offset}: {found['total']} in all, {found['rows'][:3]}")
        if len(found["rows"]) != max(0, min(PAGE, rides.count - offset)):
            sys.exit(f"offset {offset}: {len(found['rows'])} rows")
    for line, count in rides.lines():
        if told(f"line={line}&limit=1")["total"] != count:
            sys.exit(f"line {line}: not {count}")


def files(server: Server, port: int, rides: Rides) -> list[str]:
    """Whole files: the first time, when they are made, and again."""
    said = []
    for form in ["csv", "ndjson", "parquet"]:
        rates = []
        for _ in range(2):
            began, size = time.monotonic(), 0
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/open/datasets/rides/files/rides.{form}", timeout=3600) as answer:
                while part := answer.read(1 << 20):
                    size += len(part)
            rates.append(size / (time.monotonic() - began) / 1e6)
        said.append(f"{form}: {size / 1e6:,.0f} MB, {rates[0]:,.0f} MB/s when it is made, {rates[1]:,.0f} MB/s again")
    said.append(f"the server held {server.memory('VmHWM'):,.0f} MB at most, {server.memory('RssAnon'):,.0f} MB of its own now")
    return said


def theirs(name: str, options, rides: Rides) -> tuple[Server, int]:
    work, port = options.work / name, free_port()
    work.mkdir()
    if name == "roapi":
        (work / "roapi.yml").write_text(
            f"addr: {{http: '127.0.0.1:{port}', postgres: '127.0.0.1:{free_port()}', flight_sql: '127.0.0.1:{free_port()}'}}\n"
            f"tables:\n  - name: ride\n    uri: {rides.parquet()}\n    option: {{format: parquet, use_memory_table: true}}\n"
        )
        command = [peers.BIN / "roapi", "-c", work / "roapi.yml"]
    else:
        database, inspected = rides.sqlite(), work / "inspect.json"
        subprocess.run([peers.BIN / "datasette", "inspect", database, "--inspect-file", inspected], check=True, stdout=subprocess.DEVNULL)
        command = [peers.BIN / "datasette", "serve", "-i", database, "--inspect-file", inspected, "-h", "127.0.0.1", "-p", port]
        command += ["--setting", "num_sql_threads", "0"] if name == "datasette-row" else []
    server = Server([str(part) for part in command], work / f"{name}.log")
    by_key = ASKED[name][0](port)
    server.until_ready(lambda: Client(port).get(by_key.path(rides.first()))[0] == 200, 1800)
    return server, port


def table(runs: dict[str, Both], connections: int) -> None:
    c = f"{connections} conn."
    print(f"| | key/s, {c} | p99 ms | key p99 ms, 1 conn. | pages/s, {c} | p99 ms | page p99 ms, 1 conn. | CPU s / 1000 keys | pages | most MB | not 2xx or broken |")
    print(f"|{' --- |' * 11}")
    for name, run in runs.items():
        bad = sum(part.refused + part.broken for part in run[:4])
        print(f"| {name} | {run.key.rate:,.0f} | {run.key.p99:.1f} | {run.key_one.p99:.2f} | {run.page.rate:,.0f} | {run.page.p99:.1f} | "
              f"{run.page_one.p99:.2f} | {run.key.cpu:.2f} | {run.page.cpu:.2f} | {run.most:.0f} | {bad} |")
    mine = runs["sanjiang"]
    for name, run in list(runs.items())[1:]:
        print(f"ours against {name}: {mine.key.rate / run.key.rate:.1f}× by key, {mine.page.rate / run.page.rate:.1f}× by page")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default="datasette,datasette-row,roapi", help=f"of {','.join(list(ASKED)[1:])}; empty: none")
    options = load.options(parser, 1_000_000, "open")
    names = peers.present(options.peers)
    shutil.rmtree(options.work, ignore_errors=True)
    try:
        began = os.getloadavg()[0]
        rides = Rides(options.work / "rows", options.rows)
        ours = Ours(options, rides)
        server, port = ours.started()
        try:
            right(port, rides)
            runs, said = {"sanjiang": measured("sanjiang", server, port, rides, options)}, files(server, port, rides)
        finally:
            server.stop()
        for name in names:
            server, port = theirs(name, options, rides)
            try:
                runs[name] = measured(name, server, port, rides, options)
            finally:
                server.stop()
        print(f"\n{options.rows:,} rows, {options.seconds} s each, wrk -t{options.threads}; {os.cpu_count()} cores; load {began:.1f} before and {os.getloadavg()[0]:.1f} after\n")
        table(runs, options.connections)
        print("\nOurs: " + "; ".join(f"{name} in {took:.0f} s" for name, took in ours.took.items()) + ".\n" + ".\n".join(said) + ".")
        if any(part.refused or part.broken for run in runs.values() for part in run[:4]):
            sys.exit("not every call was answered")
    finally:
        shutil.rmtree(options.work, ignore_errors=True)


if __name__ == "__main__":
    main()
