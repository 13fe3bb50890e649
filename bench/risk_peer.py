"""Compares k, l (distinct, entropy, recursive) and t of `sanjiang risk` with pycanon's, and how long each takes.

    scripts/risk-peer [--tables 30] [--rows 20000] [--file FILE --quasi a,b --sensitive c,d]

Without --file a register of that many rows is made. Recursive (c, l)-diversity is defined on the counts of a class in
descending order (Machanavajjhala et al.); pycanon 1.3.6 sorts them in ascending order, so its function is run with its
sort turned round, and the number it gives by itself is only printed.
"""

import argparse
import csv
import json
import math
import random
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import numpy
import pandas
from pycanon import anonymity
from pycanon.anonymity import _l_diversity as peer_l

COMMAND = ["target/debug/sanjiang", "risk"]
wrong = []


def check(what, ours, theirs, near=1e-9):
    good = ours == theirs or (ours is not None and theirs is not None and abs(ours - theirs) <= near)
    if not good:
        wrong.append(f"{what}: ours {ours}, pycanon {theirs}")
    return good


def ours(path, quasi, sensitive):
    command = [*COMMAND, str(path), "--quasi", ",".join(quasi), "--sensitive", ",".join(sensitive), "-l", "1000", "--format", "json"]
    begun = time.monotonic()
    # It ends with 1 where a table may not be opened as it is.
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 1) or not done.stdout:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return json.loads(done.stdout), time.monotonic() - begun


def descending():
    """pycanon's module with its counts in the order of the definition."""
    class Turned:
        def __getattr__(self, name):
            return getattr(numpy, name)

        def sort(self, values):
            return numpy.sort(values)[::-1]

    return Turned()


def theirs(frame, quasi, sensitive):
    begun = time.monotonic()
    k = anonymity.k_anonymity(frame, quasi)
    told = {}
    for name in sensitive:
        plain = peer_l.recursive_c_l_diversity(frame, quasi, [name])[0]
        one = SimpleNamespace(
            l=anonymity.l_diversity(frame, quasi, [name]),
            entropy=anonymity.entropy_l_diversity(frame, quasi, [name]),
            t=anonymity.t_closeness(frame, quasi, [name]),
            plain_c=plain,
        )
        told[name] = one
    taken = time.monotonic() - begun
    peer_l.np = descending()
    for name in sensitive:
        told[name].c = peer_l.recursive_c_l_diversity(frame, quasi, [name])[0]
    peer_l.np = numpy
    return k, told, taken


def compare(title, path, quasi, sensitive):
    frame = pandas.read_csv(path)
    mine, seconds = ours(path, quasi, sensitive)
    k, told, peer_seconds = theirs(frame, quasi, sensitive)
    check(f"{title} k", mine["anonymity"]["k"], int(k))
    odd = 0
    for one in mine["sensitive"]:
        name = one["column"]
        peer = told[name]
        check(f"{title} {name} l", one["l"], int(peer.l))
        # Its entropy l is cut down to a whole number, at which rounding may tip over.
        low, high = math.floor(one["entropy_l"] - 1e-9), math.floor(one["entropy_l"] + 1e-9)
        if peer.entropy not in (low, high):
            wrong.append(f"{title} {name} entropy l: ours {one['entropy_l']}, pycanon {peer.entropy}")
        if peer.l > 1:
            check(f"{title} {name} recursive c at l = {peer.l}", one["recursive_c"], int(peer.c))
            odd += peer.plain_c != peer.c
        numeric = pandas.api.types.is_numeric_dtype(frame[name])
        check(f"{title} {name} t ({'ordered' if numeric else 'equal'})", one["t_ordered"] if numeric else one["t_equal"], float(peer.t))
    return seconds, peer_seconds, odd, mine


def make(path, rows, seed):
    """A random table: up to four quasi-identifiers, a sensitive text and a sensitive number."""
    dice = random.Random(seed)
    quasi = [f"q{at}" for at in range(dice.randint(1, 4))]
    sizes = {name: dice.randint(1, 4) for name in quasi}
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*quasi, "ill", "pay"])
        for _ in range(rows):
            ill = dice.choice(["flu", "gout", "burn", "cold", "none"][: dice.randint(2, 5)])
            writer.writerow([*(dice.randint(0, sizes[name]) for name in quasi), ill, dice.choice([0, 5, 5, 20, 100, 1000])])
    return quasi


def register(path, rows):
    dice = random.Random(11)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["sex", "age", "district", "job", "ill", "pay"])
        for _ in range(rows):
            ill = dice.choices(["flu", "gout", "burn", "cold", "asthma", "none"], [5, 2, 1, 4, 1, 9])[0]
            writer.writerow([dice.choice("MF"), dice.randint(2, 8) * 10, 330200 + dice.randint(1, 10), dice.choice("abcdef"), ill, dice.randint(2, 60) * 500])
    return ["sex", "age", "district", "job"], ["ill", "pay"]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--tables", type=int, default=30)
    arguments.add_argument("--rows", type=int, default=20_000)
    arguments.add_argument("--file", type=Path)
    arguments.add_argument("--quasi", default="")
    arguments.add_argument("--sensitive", default="")
    arguments = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        odd = 0
        for seed in range(arguments.tables):
            path = Path(folder) / f"{seed}.csv"
            quasi = make(path, random.Random(seed).choice([20, 60, 300, 1000]), seed)
            odd += compare(f"table {seed}", path, quasi, ["ill", "pay"])[2]
        print(f"{arguments.tables} random tables compared; recursive c of pycanon as it is differs from the definition in {odd} columns")
        if arguments.file:
            path, quasi, sensitive = arguments.file, arguments.quasi.split(","), arguments.sensitive.split(",")
        else:
            path = Path(folder) / "register.csv"
            quasi, sensitive = register(path, arguments.rows)
        seconds, peer_seconds, _, mine = compare(path.name, path, quasi, sensitive)
        told = mine["anonymity"]
        print(f"{path.name}: {mine['rows']} rows, {told['classes']} classes, k = {told['k']}")
        print(f"seconds: ours {seconds:.2f} (the whole command, with reading, search and proposal), pycanon {peer_seconds:.2f}: {peer_seconds / seconds:.1f} times as long")
    print("\n".join(f"WRONG  {line}" for line in wrong) or f"pycanon {version('pycanon')} agrees in everything")
    sys.exit(bool(wrong))


main()
