#!/usr/bin/env python3
"""PostgreSQL by its stream of changes, while runs are killed (SIGKILL) at random moments and the table goes on changing.

usage: drill/replication.py [KILLS] [SANJIANG] [SEED]     (defaults: 30, target/debug/sanjiang, the time)
In the end the standard layer must hold what the table holds, and raw every change once. Needs PostgreSQL; skips without it.
"""

import csv
import io
import os
import random
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(HERE, "bench"))
import postgres  # noqa: E402

KILLS = int(sys.argv[1]) if len(sys.argv) > 1 else 30
PROGRAM = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else os.path.join(HERE, "target/debug/sanjiang")
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else int(time.time())
KEYS = 3000

TABLE = "CREATE TABLE visit (id bigint PRIMARY KEY, note text); INSERT INTO visit SELECT i, '人' || i FROM generate_series(1, 1000) i"


def changes(chance):
    """Transactions of all sizes, some taken back; now and then all rows of the table at once."""
    sql = ""
    for _ in range(chance.randrange(1, 8)):
        sql += "BEGIN;"
        for _ in range(chance.choice([1, 3, 30])):
            key, word = chance.randrange(KEYS), chance.randrange(10**6)
            sql += chance.choice([
                f"DELETE FROM visit WHERE id = {key};",
                f"INSERT INTO visit VALUES ({key}, '名{word}') ON CONFLICT (id) DO UPDATE SET note = excluded.note;",
                f"UPDATE visit SET id = {key} WHERE id = {word % KEYS} AND NOT EXISTS (SELECT FROM visit WHERE id = {key});",
            ])
        sql += "ROLLBACK;" if chance.random() < 0.2 else "COMMIT;"
    if chance.random() < 0.2:
        sql += f"UPDATE visit SET note = note || '{chance.randrange(10)}';"
    return sql


def declare(folder, port):
    items = postgres.ITEMS[:]
    postgres.ITEMS[:] = [("id", "integer"), ("note", "text")]
    postgres.declare(folder, port)
    postgres.ITEMS[:] = items
    path = os.path.join(folder, "resources/visit.toml")
    text = open(path, encoding="utf-8").read()
    open(path, "w", encoding="utf-8").write(text.replace('from = "visit"\n', 'from = "visit"\nmode = "replication"\n'))


def main():
    chance = random.Random(SEED)
    print(f"seed {SEED}", flush=True)
    with tempfile.TemporaryDirectory(prefix="drill-replication-") as folder:
        os.chmod(folder, 0o755)
        database, city, data = (os.path.join(folder, name) for name in ("server", "city", "data"))
        os.makedirs(database)
        process, psql, port = postgres.server(database, ["wal_level=logical"])
        collect = [PROGRAM, "collect", "--city", city, "--data", data, "--all"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}

        def ask(sql):
            command = [PROGRAM, "sql", sql, "--city", city, "--data", data, "--format", "csv"]
            text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            return list(csv.reader(io.StringIO(text)))[1:]

        try:
            subprocess.run(psql + [TABLE], check=True)
            declare(city, port)
            began = time.monotonic()
            subprocess.run(collect, check=True, **quiet)
            whole = time.monotonic() - began
            killed = 0
            while killed < KILLS:
                subprocess.run(psql + [changes(chance)], check=True)
                run = subprocess.Popen(collect, **quiet)
                time.sleep(chance.uniform(0, whole * 1.2))
                if run.poll() is None:
                    run.kill()
                    killed += 1
                run.wait()
            for _ in range(3):
                subprocess.run(collect, check=True, **quiet)
            rows = subprocess.run(psql + ["COPY (SELECT id, note FROM visit ORDER BY id) TO STDOUT (FORMAT csv)"], check=True, capture_output=True, text=True)
            there = list(csv.reader(io.StringIO(rows.stdout)))
            here = ask("SELECT id, note FROM visit ORDER BY id")
            raw, lines = map(int, ask("SELECT count(*), count(DISTINCT _line) FROM raw.visit")[0])
        finally:
            process.terminate()
            process.wait()
    wrong = [row for row in here if row not in there] + [row for row in there if row not in here]
    print(f"{KILLS} kills: {len(there)} rows at the source, {len(here)} here, {len(wrong)} differ; {raw} records in raw, {raw - lines} twice")
    if wrong or raw != lines:
        sys.exit(f"violation, seed {SEED}: {wrong[:5]}")


if __name__ == "__main__":
    main()
