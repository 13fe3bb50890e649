#!/usr/bin/env python3
"""Measures the detectors of classes and grades: precision and recall, printed as Markdown.

    bench/grade.py [--sanjiang PROGRAM] [--grade PROGRAM] [--wrong]     --wrong lists the columns that are told wrongly

Two truths. The sample city declares the class and grade of every item, and is generated here at a small scale; the
detectors see headers as its departments write them, and values. The files beside the repository (SANJIANG_SHARED) were
not made by us; bench/grade/labels.csv says by hand what their columns hold. Without them that part is skipped, loudly. And
bench/grade/headers.csv is a list of headers with what each should be taken for.
"""
import argparse
import collections
import csv
import glob
import io
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import tomllib

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
CLASSES = ["public", "business", "personal", "sensitive"]
GRADES = ["L1", "L2", "L3", "L4"]
ROWS = 1000
TODAY = 20_777
csv.field_size_limit(1 << 28)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sanjiang", default=os.path.join(ROOT, "target/debug/sanjiang"))
    parser.add_argument("--grade", default=os.path.join(ROOT, "target/debug/examples/grade"))
    parser.add_argument("--city", default=os.path.join(ROOT, "cities/sample"), help="declarations to take as the truth")
    parser.add_argument("--wrong", action="store_true")
    return parser.parse_args()


def rows(program, path, options):
    """Header and the first rows of a file, as landing would read it."""
    with subprocess.Popen([program, "read", path, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as reader:
        table = csv.reader(io.TextIOWrapper(reader.stdout, encoding="utf-8", newline=""))
        header = next(table, None)
        found = [row for _, row in zip(range(ROWS), table)]
        reader.kill()
    return header, found


def rows_of_database(path, name):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        found = database.execute(f'SELECT * FROM "{name}" LIMIT {ROWS}')
        return [field[0] for field in found.description], [["" if value is None else str(value) for value in row] for row in found]


def ask(program, tables):
    """The proposals for tables of (header, title, values) columns."""
    lines = [json.dumps({"today": TODAY, "columns": [{"name": name, "title": title, "values": values} for name, title, values in columns]})
             for columns in tables]
    done = subprocess.run([program], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def declared(path):
    with open(path, "rb") as file:
        return tomllib.load(file)


def sample(args, folder):
    """(table, columns, truth) of each resource of the sample city whose file can be read."""
    sources = os.path.join(folder, "sources")
    subprocess.run([args.sanjiang, "sample", "--out", sources, "--scale", "0.02"], check=True, capture_output=True)
    for path in sorted(glob.glob(os.path.join(args.city, "resources/*/*.toml"))):
        resource = declared(path)
        system, name, collect = resource["system"], os.path.basename(path)[:-5], resource["collect"]
        options = [f"--{key}={collect[key]}" for key in ("records", "encoding", "header", "table") if key in collect]
        files = glob.glob(os.path.join(sources, "api", system, name + ".ndjson")) or sorted(glob.glob(os.path.join(sources, system, collect["from"])))
        if os.path.exists(database := os.path.join(sources, system, system + ".db")):
            header, found = rows_of_database(database, collect["from"])
        else:
            if "api" in (files[0].split(os.sep) if files else []):
                options = []
            header, found = rows(args.sanjiang, files[0], options) if files else (None, [])
        if not header:
            print(f"SKIP: no rows of {system}/{name}", file=sys.stderr)
            continue
        items = {item.get("source", item["name"]): item for item in resource["item"]}
        columns, truth = [], []
        for at, field in enumerate(header):
            if (item := items.get(field)) is None:
                continue
            columns.append((field, "", [row[at] for row in found if at < len(row)]))
            truth.append((item.get("class", "public"), item.get("grade", resource["grade"])))
        yield f"{system}/{name}", columns, truth


def shared(args):
    """The same for the files of others, by the labels kept here. A column without a label is public and L1."""
    root = os.path.join(os.environ.get("SANJIANG_SHARED", os.path.join(ROOT, "../shared")), "data/city")
    if not os.path.isdir(root):
        print(f"SKIP: {root} is absent; the files of others are not measured", file=sys.stderr)
        return
    labels = collections.defaultdict(dict)
    with open(os.path.join(HERE, "grade/labels.csv"), encoding="utf-8") as file:
        for line in csv.DictReader(file):
            labels[line["file"], line["options"]][line["column"]] = (line["class"], line["grade"])
    for (file, options), columns in labels.items():
        header, found = rows(args.sanjiang, os.path.join(root, file), options.split())
        if not header:
            print(f"SKIP: no rows of {file}", file=sys.stderr)
            continue
        known = [field.strip() for field in header]
        for column in set(columns) - set(known) - {"*"}:
            print(f"{file}: the label of `{column}` fits no column", file=sys.stderr)
        kept = [at for at, field in enumerate(known) if field]
        yield file, [(known[at], "", [row[at] for row in found if at < len(row)]) for at in kept], [columns.get(known[at], ("public", "L1")) for at in kept]


def share(part, whole):
    return f"{part / whole:.3f}" if whole else "–"


def class_told(answer):
    """What was found; the unknown is proposed as business L2, but nobody found it to be that."""
    return answer["class"] if answer["known"] else "unknown"


def table(title, names, pairs):
    """Precision and recall of each name, from (truth, told) pairs."""
    print(f"\n| {title} | columns | told | right | precision | recall |\n| --- | ---: | ---: | ---: | ---: | ---: |")
    for name in names:
        true, told = sum(truth == name for truth, _ in pairs), sum(answer == name for _, answer in pairs)
        right = sum(truth == answer == name for truth, answer in pairs)
        print(f"| {name} | {true} | {told} | {right} | {share(right, told)} | {share(right, true)} |")


def measure(title, found, args):
    found = list(found)
    if not found:
        return
    answers = ask(args.grade, [columns for _, columns, _ in found])
    pairs = [(name, column[0], truth, answer)
             for (name, columns, truths), told in zip(found, answers) for column, truth, answer in zip(columns, truths, told)]
    print(f"\n## {title}: {len(found)} tables, {len(pairs)} columns")
    about = {True: "about persons", False: "not"}
    of_persons = [(about[truth[0] in CLASSES[2:]], about[answer["class"] in CLASSES[2:]]) for _, _, truth, answer in pairs]
    table("about persons?", [about[True]], of_persons)
    table("class", CLASSES, [(truth[0], class_told(answer)) for _, _, truth, answer in pairs])
    table("grade", GRADES, [(truth[1], answer["grade"]) for _, _, truth, answer in pairs])
    below = sum(answer["grade"] < truth[1] for _, _, truth, answer in pairs)
    above = sum(answer["grade"] > truth[1] for _, _, truth, answer in pairs)
    high = [(truth[1] >= "L3", answer["grade"] >= "L3") for _, _, truth, answer in pairs]
    right = sum(a and b for a, b in high)
    print(f"\nL3 and above together: precision {share(right, sum(b for _, b in high))}, recall {share(right, sum(a for a, _ in high))}. "
          f"Graded too low: {below}, too high: {above}; nothing found in {sum(not answer['known'] for *_, answer in pairs)}.")
    if args.wrong:
        print("\n| table | column | declared | told | by |\n| --- | --- | --- | --- | --- |")
        for name, field, truth, answer in pairs:
            if truth != (answer["class"], answer["grade"]):
                print(f"| {name} | {field} | {truth[0]} {truth[1]} | {answer['class']} {answer['grade']} | {'; '.join(answer['why']) or '–'} |")


def headers(args):
    """Headers alone, of a list that was written without looking at the detectors' words. It stays so: words are not added for it."""
    with open(os.path.join(HERE, "grade/headers.csv"), encoding="utf-8") as file:
        wanted = [(line["header"], line["info"] or None) for line in csv.DictReader(file)]
    answers = [answer for answer, in ask(args.grade, [[(header, "", [])] for header, _ in wanted])]
    right = sum(answer["info"] == info for (_, info), answer in zip(wanted, answers))
    missed = sum(answer["info"] is None and info is not None for (_, info), answer in zip(wanted, answers))
    print(f"\n## Headers alone: {len(wanted)}\n\n{right} told right, {missed} not recognised, {len(wanted) - right - missed} taken for something else.")
    if args.wrong:
        for (header, info), answer in zip(wanted, answers):
            if answer["info"] != info:
                print(f"- {header}: {info or 'nothing'}, told {answer['info'] or 'nothing'}")


def main():
    args = arguments()
    print("# Classes and grades, as detected")
    with tempfile.TemporaryDirectory() as folder:
        measure("The sample city", sample(args, folder), args)
    measure("Files of others", shared(args), args)
    headers(args)


main()
