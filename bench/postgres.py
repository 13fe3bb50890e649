#!/usr/bin/env python3
"""A PostgreSQL table into the lake, all checks and syncs included, against `COPY … TO STDOUT` of it alone.

usage: bench/postgres.py [ROWS] [SANJIANG]     (defaults: 1000000, target/release/sanjiang or target/debug/sanjiang)
Prints wall and CPU seconds of both (client and server), the best of three, and the ratio of their speeds. On a busy machine
the ratio of CPU seconds is the one to trust.
"""

import glob
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TIMES = 3

TABLE = """
CREATE TABLE visit AS SELECT i AS id, '3302' || lpad((i * 7919 % 100000000)::text, 8, '0') AS station,
  '宁波市鄞州区第' || i % 500 || '社区' AS place, (i * 31 % 1000000)::numeric / 100 AS amount,
  DATE '2020-01-01' + (i % 2000)::int AS day, TIMESTAMPTZ '2026-01-01 00:00+08' + i * INTERVAL '1 second' AS at,
  i % 3 = 0 AS paid, (i % 360)::float8 / 7 AS degree, 'R' || i % 90 AS kind, CASE WHEN i % 4 = 0 THEN NULL ELSE '备注 ' || i END AS note
  FROM generate_series(1::bigint, ROWS) i;
ALTER TABLE visit ADD PRIMARY KEY (id);
"""

ITEMS = [("id", "integer"), ("station", "text"), ("place", "text"), ("amount", "money"), ("day", "date"),
         ("at", "datetime"), ("paid", "boolean"), ("degree", "number"), ("kind", "text"), ("note", "text")]


def sanjiang():
    if len(sys.argv) > 2:
        return sys.argv[2]
    built = [os.path.join(HERE, "target", kind, "sanjiang") for kind in ("release", "debug")]
    return next((path for path in built if os.path.exists(path)), None) or sys.exit("build first: cargo build --workspace")


def server(folder, more=()):
    bins = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    if not bins:
        print("SKIP: PostgreSQL is not installed")
        sys.exit(0)
    data = os.path.join(folder, "data")
    user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.getuid() == 0 else []
    if user:
        shutil.chown(folder, "postgres")
    subprocess.run(user + [f"{bins[-1]}/initdb", "-D", data, "-U", "postgres", "-E", "UTF8", "--locale=C", "--auth=trust", "--no-sync"],
                   check=True, stdout=subprocess.DEVNULL)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "shared_buffers=512MB", "max_wal_size=4GB", *more]
    process = subprocess.Popen(user + [f"{bins[-1]}/postgres", "-D", data, "-p", str(port)] + [part for option in options for part in ("-c", option)],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    psql = [f"{bins[-1]}/psql", "-X", "-q", "-h", "127.0.0.1", "-U", "postgres", "-p", str(port), "-v", "ON_ERROR_STOP=1", "-c"]
    while subprocess.run(psql + ["SELECT 1"], capture_output=True).returncode:
        time.sleep(0.1)
    return process, psql, port


def declare(folder, port):
    for room in ("departments", "systems", "resources"):
        os.makedirs(os.path.join(folder, room))

    def write(name, text):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    write("city.toml", 'title = "试验市"\ntitle_en = "Trial"\ndivision = "330200"\n[network]\nallow = ["127.0.0.1"]\n')
    write("departments/office.toml", 'title = "试验局"\nuscc = "113302000029290324"\n')
    write("systems/desk.toml", f'title = "系统"\ndepartment = "office"\n[connector]\nkind = "postgres"\nurl = "postgres://postgres@127.0.0.1:{port}/postgres"\n')
    items = "".join(f'[[item]]\nname = "{name}"\ntitle = "{name}"\nstandard = "{standard}"\n' + ("key = true\n" if name == "id" else "") for name, standard in ITEMS)
    write("resources/visit.toml", 'title = "到访"\ncode = "3990200/000001"\nsummary = "试验"\nsystem = "desk"\nclass = "department"\n'
          'share = "unconditional"\nopen = "none"\ngrade = "L1"\nperiod = "daily"\n[collect]\nfrom = "visit"\n' + items)


def server_seconds(process):
    """Of the server and of all its processes that have ended: user and system, their children's too."""
    with open(f"/proc/{process.pid}/stat", encoding="utf-8") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def measured(process, command):
    """Wall seconds, CPU seconds of the client, CPU seconds of the server."""
    time.sleep(0.5)
    before, began, served = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic(), server_seconds(process)
    done = subprocess.run(command, capture_output=True, text=True)
    took, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{command}: {done.stdout}{done.stderr}")
    time.sleep(0.5)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, server_seconds(process) - served


def main():
    program = sanjiang()
    with tempfile.TemporaryDirectory(prefix="bench-postgres-") as folder:
        os.chmod(folder, 0o755)
        database = os.path.join(folder, "server")
        os.makedirs(database)
        process, psql, port = server(database)
        try:
            subprocess.run(psql + [TABLE.replace("ROWS", str(ROWS))], check=True)
            subprocess.run(psql + ["VACUUM ANALYZE visit"], check=True)
            city = os.path.join(folder, "city")
            declare(city, port)
            copies, lands = [], []
            for turn in range(TIMES):
                copies.append(measured(process, ["sh", "-c", '"$@" > /dev/null', "sh"] + psql + ["COPY visit TO STDOUT"]))
                data = os.path.join(folder, f"data{turn}")
                lands.append(measured(process, [program, "collect", "--city", city, "--data", data, "--all"]))
                shutil.rmtree(data)
        finally:
            process.terminate()
            process.wait()
    best = lambda runs: [min(run[at] for run in runs) for at in range(3)]
    copy, land = best(copies), best(lands)
    print(f"{ROWS} rows, best of {TIMES}")
    for name, (wall, client, served) in (("COPY to /dev/null", copy), ("table to the lake", land)):
        print(f"{name}   {wall:7.2f} s wall  {client:7.2f} s CPU of the client  {served:7.2f} s CPU of the server")
    # Alone on two cores, client and server work side by side: the slower of the two decides, and what they cannot share.
    print(f"speed against COPY: {copy[0] / land[0]:.2f} by wall (goal 0.8), {sum(copy[1:]) / sum(land[1:]):.2f} by CPU of both")


if __name__ == "__main__":
    main()
