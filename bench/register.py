"""Registers against the sample city's truth: pairs of records that are of one entity, found and wrong.

    python3 bench/register.py DATA [--register persons] [--link target/debug/sanjiang]

DATA is the data directory of a sample city whose registers have been resolved (`make demo`). With `--link` the same
records are linked once more as a plain file, in which a third of the first field's values (the id) is missing.
"""
import argparse
import csv
import itertools
import json
import sqlite3
import subprocess
import tempfile
import tomllib
import zlib
from collections import defaultdict
from pathlib import Path


def pairs(groups):
    return {pair for members in groups.values() for pair in itertools.combinations(sorted(members), 2)}


def score(name, found, right, more=""):
    found, right = pairs(found), pairs(right)
    hit = len(found & right)
    precision, recall = hit / max(len(found), 1), hit / max(len(right), 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-12)
    print(f"{name}: {len(right)} pairs of one entity, {len(found)} found, {hit} right: precision {precision:.4f}, recall {recall:.4f}, F1 {f1:.4f}{more}")


def linked(arguments, file, truth):
    """The records as a file with a third of the ids missing, through `sanjiang link`."""
    declared = tomllib.loads(next(arguments.data.rglob(f"registers/{arguments.register}.toml")).read_text(encoding="utf-8"))
    names = [field["name"] for field in declared["field"]]
    right, missing, all_of = defaultdict(list), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        with (Path(folder) / "records.csv").open("w", newline="", encoding="utf-8") as out:
            lines = csv.writer(out)
            lines.writerow(["record", *names])
            for source, key, value in file.execute("SELECT source, key, value FROM record"):
                values, name = json.loads(value), f"{source}|{key}"
                all_of += 1
                if zlib.crc32(name.encode()) % 3 == 0:
                    values[0], missing = None, missing + 1
                lines.writerow([name, *(value or "" for value in values)])
                right[truth[(source, key)]].append(name)
        command = [arguments.link, "link", f"{folder}/records.csv", "--id", "record", "--out", f"{folder}/pairs.csv"]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        with open(f"{folder}/pairs.csv", encoding="utf-8") as lines:
            found = {n: sorted((row["left_id"], row["right_id"])) for n, row in enumerate(csv.DictReader(lines))}
    score(f"{arguments.register} by link, ids missing in {missing / max(all_of, 1):.0%}", found, right)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--register", default="persons")
    parser.add_argument("--link", help="the binary")
    arguments = parser.parse_args()
    file = sqlite3.connect(f"file:{arguments.data}/registers/{arguments.register}.sqlite?mode=ro", uri=True)
    truth = {}
    for (source,) in file.execute("SELECT DISTINCT source FROM record").fetchall():
        with next(arguments.data.rglob(f"truth/identity/{source}.csv")).open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                truth[(source, row["key"])] = row["entity"]
    found, right = defaultdict(list), defaultdict(list)
    unknown = 0
    for source, key, entity in file.execute("SELECT source, key, entity FROM record"):
        who = truth.get((source, key))
        if who is None:
            unknown += 1
            continue
        found[entity].append((source, key))
        right[who].append((source, key))
    score(arguments.register, found, right, f" ({unknown} records without truth)")
    if arguments.link:
        linked(arguments, file, truth)


if __name__ == "__main__":
    main()
