#!/usr/bin/env python3
"""How well and how quickly records are linked, beside Splink on DuckDB, in one run.

    scripts/link-peers && .venv/bin/python bench/link.py [--rows 1000000] [--command "target/debug/sanjiang link"]

Quality: precision, recall and F1 over pairs at a probability of one half, and the best F1 at any probability, on FEBRL 1 to 3 and
Chicago's early childhood sites (SANJIANG_SHARED names the folder), each side with its own blocking rules and both with Splink's.
Ours is told nothing but the id column. Speed: people that nobody is (link_people.py), the same rules on both sides. Prints Markdown.
"""

import argparse
import csv
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from link_people import make  # noqa: E402

FEBRL = ["soc_sec_id", "given_name", "surname", "date_of_birth", "postcode"]
CHICAGO = ["Phone", "Site name", "Address", "Zip+Site name:4", "Address:6"]
PEOPLE = ["phone", "street", "dob+postcode", "surname+dob", "given_name+surname+city"]


def measure(command: list[str]) -> tuple[float, float, float]:
    """Wall seconds, processor seconds, peak memory in MB."""
    begun = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status:
        sys.exit(f"{shlex.join(command)}\n{said.decode(errors='replace')[-3000:]}")
    return time.monotonic() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def score(pairs: Path, entity: dict[str, str]) -> tuple[float, float, float, float]:
    """Precision, recall, F1 at one half; best F1."""
    wanted = sum(count * (count - 1) // 2 for count in Counter(entity.values()).values())
    with pairs.open(newline="") as file:
        rows = sorted(((float(row["probability"]), entity[row["left_id"]] == entity[row["right_id"]]) for row in csv.DictReader(file)), reverse=True)
    right, best = 0, 0.0
    half = (0, 0)
    for number, (probability, is_right) in enumerate(rows, 1):
        right += is_right
        if number == len(rows) or rows[number][0] != probability:
            best = max(best, 2 * right / (number + wanted))
        if probability >= 0.5:
            half = (number, right)
    found, right = half
    return right / max(found, 1), right / wanted, 2 * right / (found + wanted), best


def sets(shared: Path, work: Path):
    """Name, Splink's settings, file without the truth, id column, blocking rules, entity of each id."""
    folder = shared / "data/city/er"
    for number in (1, 2, 3):
        path = folder / f"febrl/dataset{number}.csv"
        with path.open(newline="") as file:
            ids = [row["rec_id"] for row in csv.DictReader(file, skipinitialspace=True)]
        yield f"FEBRL {number}", "febrl", path, "rec_id", FEBRL, {name: name.split("-")[1] for name in ids}
    with next((folder / "chicago").glob("*.csv")).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    blind = work / "chicago.csv"
    with blind.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [name for name in rows[0] if name != "True Id"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    yield "Chicago", "chicago", blind, "Id", CHICAGO, {row["Id"]: row["True Id"] for row in rows}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--command", default="target/debug/sanjiang link")
    arguments = arguments.parse_args()
    shared = Path(os.environ.get("SANJIANG_SHARED", HERE.parent.parent / "shared"))
    with tempfile.TemporaryDirectory() as folder:
        work, out = Path(folder), Path(folder) / "pairs.csv"

        def ours(path, identity, rules):
            blocks = [word for rule in rules for word in ("--block", rule)]
            return measure([*shlex.split(arguments.command), str(path), "--id", identity, "--out", str(out), *blocks])

        def splink(name, path, rules):
            return measure([sys.executable, str(HERE / "link_splink.py"), name, str(path), str(out), *rules])

        if shared.is_dir():
            print("| set | blocking | | precision | recall | F1 | best F1 |\n| --- | --- | --- | --- | --- | --- | --- |")
            for title, settings, path, identity, rules, entity in sets(shared, work):
                lower = [rule.lower().replace(" ", "_") for rule in rules]
                for blocking, who, run in [
                    ("own", "ours", lambda: ours(path, identity, [])),
                    ("Splink's", "ours", lambda: ours(path, identity, rules)),
                    ("own", "Splink", lambda: splink(settings, path, lower)),
                ]:
                    run()
                    figures = " | ".join(f"{figure:.4f}" for figure in score(out, entity))
                    print(f"| {title} | {blocking} | {who} | {figures} |", flush=True)
        else:
            print(f"SKIP quality: {shared} is not there; SANJIANG_SHARED names the folder")
        if arguments.rows:
            people = work / "people.csv"
            make(people, arguments.rows)
            with people.open(newline="") as file:
                entity = {row["id"]: row["id"].split("-")[0] for row in csv.DictReader(file)}
            print(f"\n| {arguments.rows} people | wall s | processor s | peak MB | F1 |\n| --- | --- | --- | --- | --- |")
            for title, run in [
                ("ours, the same rules", lambda: ours(people, "id", PEOPLE)),
                ("ours, own rules", lambda: ours(people, "id", [])),
                ("Splink", lambda: splink("people", people, PEOPLE)),
            ]:
                wall, processor, memory = run()
                print(f"| {title} | {wall:.1f} | {processor:.1f} | {memory:.0f} | {score(out, entity)[2]:.4f} |", flush=True)


main()
