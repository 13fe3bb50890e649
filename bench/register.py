"""Registers against the sample city's truth: pairs of records that are of one entity, found and wrong.

    .venv/bin/python bench/register.py DATA [--register persons]

DATA is the data directory of a sample city whose registers have been resolved (`make demo`).
"""
import argparse
import csv
import itertools
import sqlite3
from collections import defaultdict
from pathlib import Path


def pairs(groups):
    return {pair for members in groups.values() for pair in itertools.combinations(sorted(members), 2)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--register", default="persons")
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
    found, right = pairs(found), pairs(right)
    hit = len(found & right)
    precision, recall = hit / max(len(found), 1), hit / max(len(right), 1)
    score = 2 * precision * recall / max(precision + recall, 1e-12)
    print(f"{arguments.register}: {len(truth)} records with truth ({unknown} without), {len(right)} pairs of one entity, "
          f"{len(found)} found, {hit} right: precision {precision:.4f}, recall {recall:.4f}, F1 {score:.4f}")


if __name__ == "__main__":
    main()
