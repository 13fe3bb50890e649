#!/usr/bin/env python3
"""One row by its key, over HTTP: ours, signed and told in the log before it is given, beside roapi and Datasette, unsigned.

    scripts/gateway-peers && .venv/bin/python bench/gateway.py [--rows 1000000] [--seconds 20] [--connections 64] [--sanjiang target/debug/sanjiang]
        [--peers roapi,datasette,datasette-row,roapi-kv]

Each system has the same rows and is measured alone, one after the other: `wrk` asks for random numbers that are there, on kept
connections: first all of the connections, then one. Nothing is counted for the first seconds. Answers are compared with what was
generated. Of ours it is checked that each call has its leaf in the log, that the log verifies afterwards, that an answer's digest
and signature hold by code that is not ours, and its receipt offline. What the peers do is said in bench/lending/peers.py.

Processor seconds are those of the server and its children, for 1000 answers; `most MB` is the most memory it held since its
start, `own MB` what it holds without mapped files. The exit code says whether answers were right, not how fast they came.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import time
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from lending import load, peers  # noqa: E402
from lending.load import Asking, Client, Load, Server  # noqa: E402
from lending.ours import Ours  # noqa: E402
from lending.rows import Rows  # noqa: E402

OURS = "sanjiang"


class Run(NamedTuple):
    """What was measured of a system: with all connections, with one; memory; seconds until it answered; answers, the first too."""

    many: Load
    one: Load
    most: float
    own: float
    ready: float
    answered: int


def flush(folder: Path) -> float:
    """Milliseconds that the disk takes to make a small write durable, the median of fifty."""
    times = []
    with (folder / "flush").open("wb", buffering=0) as file:
        for _ in range(50):
            file.write(bytes(4096))
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def right(name: str, asking: Asking, rows: list[dict]) -> None:
    """Every value of some rows is what was generated."""
    client = Client(asking.port)
    for row in rows:
        status, _, body = client.get(asking.path(row["id_number"]), asking.headers)
        told = (json.loads(body)["rows"] if name == OURS else [peers.row_of(body)]) if status == 200 else []
        if told != [row]:
            sys.exit(f"{name}: asked for {row}, answered {status} {body.decode(errors='replace')[:500]}")


def measured(server: Server, asking: Asking, ids: Path, options, ready: float) -> Run:
    ask = lambda connections, seconds, seed: load.run(server, asking, ids, connections, options.threads, seconds, seed)
    warm, many, one = ask(options.connections, options.warm, 1), ask(options.connections, options.seconds, 2), ask(1, options.seconds, 3)
    return Run(many, one, server.memory("VmHWM"), server.memory("RssAnon"), ready, warm.answered + many.answered + one.answered)


def ours(options, rows: Rows, some: list[dict], ids: Path) -> tuple[Run, list[str]]:
    city = Ours(options.sanjiang, options.work / "ours", rows)
    began = time.monotonic()
    server, asking = city.started(some[0]["id_number"])
    ready = time.monotonic() - began
    try:
        right(OURS, asking, some)
        city.counted(asking, some)
        notes = [f"{len(some)} answers have every value that was generated; so many calls one by one have so many leaves, without gaps"]
        number = some[0]["id_number"]
        first, before = city.leaf(asking, number), city.calls()
        run = measured(server, asking, ids, options, ready)
        told, added = city.calls() - before, city.leaf(asking, number) - first - 1
        # What is asked when time is up has its leaf too, and nobody waits for its answer.
        under_way = told - run.answered
        if added != told or not 0 <= under_way <= 2 * options.connections + 1:
            sys.exit(f"{run.answered} answers under load, {told} readings, {added} leaves")
        notes.append(f"{run.answered:,} answers under load and {under_way} calls under way when time was up: {added:,} readings, {added:,} leaves")
        notes += city.checked(asking, number)
    finally:
        server.stop()
    notes.append(city.verified().removesuffix("."))
    return run, notes


def theirs(name: str, options, rows: Rows, some: list[dict], ids: Path) -> Run:
    work = options.work / name
    work.mkdir()
    began = time.monotonic()
    server, asking = peers.PEERS[name][1](work, rows, some[0]["id_number"])
    ready = time.monotonic() - began
    try:
        right(name, asking, some)
        return measured(server, asking, ids, options, ready)
    finally:
        server.stop()


def table(runs: dict[str, Run], connections: int) -> None:
    c = f"{connections} conn."
    heads = ["", f"answers/s, {c}", f"p50 ms, {c}", f"p99 ms, {c}", "p50 ms, 1 conn.", "p99 ms, 1 conn.", "answers/s, 1 conn.", "CPU s / 1000", "most MB", "own MB", "not 2xx", "broken"]
    print(f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
    for title, (many, one, most, own, *_) in runs.items():
        figures = [f"{many.rate:,.0f}", f"{many.p50:.2f}", f"{many.p99:.2f}", f"{one.p50:.2f}", f"{one.p99:.2f}", f"{one.rate:,.0f}"]
        print(f"| {title} | {' | '.join(figures)} | {many.cpu:.2f} | {most:.0f} | {own:.0f} | {many.refused + one.refused} | {many.broken + one.broken} |")
    mine = next(iter(runs.values()))
    print(f"\n| ours against | answers/s, {c} | p99, {c} | p99, 1 conn. | CPU |\n| --- | --- | --- | --- | --- |")
    for title, run in list(runs.items())[1:]:
        fewer = [run.many.p99 / mine.many.p99, run.one.p99 / mine.one.p99, run.many.cpu / mine.many.cpu]
        print(f"| {title} | {mine.many.rate / run.many.rate:.1f}× | {' | '.join(f'{ratio:.1f}×' for ratio in fewer)} |")


def side_by_side(options, work: Path, names: list[str]) -> None:
    rows, loads = Rows(work / "rows", options.rows), [os.getloadavg()[0]]
    ids, some, disk = work / "rows/ids", rows.some(), flush(work)
    rows.ids(ids)
    mine, notes = ours(options, rows, some, ids)
    runs = {"sanjiang, signed and logged": mine}
    for name in names:
        runs[peers.PEERS[name][0]] = theirs(name, options, rows, some, ids)
    loads.append(os.getloadavg()[0])
    rows.close()
    print(f"\n{options.rows:,} rows, {options.seconds} s each, wrk -t{options.threads}; {os.cpu_count()} cores; a flush takes {disk:.1f} ms; "
          f"load {loads[0]:.1f} before and {loads[1]:.1f} after\n")
    table(runs, options.connections)
    print("\nOurs: " + ".\n".join(notes) + ".")
    told = {title: {"many": run.many._asdict(), "one": run.one._asdict(), "most": run.most, "own": run.own, "ready": run.ready} for title, run in runs.items()}
    print(json.dumps({"rows": options.rows, "flush": disk, "load": loads, "runs": told}, ensure_ascii=False))
    if any(part.refused or part.broken for run in runs.values() for part in (run.many, run.one)):
        sys.exit("not every call was answered")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default="roapi,datasette,datasette-row", help=f"of {','.join(peers.PEERS)}; empty: none")
    options = load.options(parser, 1_000_000, "gateway")
    names = peers.present(options.peers)
    shutil.rmtree(options.work, ignore_errors=True)
    try:
        side_by_side(options, options.work, names)
    finally:
        shutil.rmtree(options.work, ignore_errors=True)


if __name__ == "__main__":
    main()
