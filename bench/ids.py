#!/usr/bin/env python3
"""Compares the standards of ids with those of others, on random and mutated values.

    bench/ids.py [COUNT] [SANJIANG]        COUNT values of each kind (default 20000); the binary (default target/debug/sanjiang)

Oracles: PyPI `python-stdnum`, npm `id-validator` (NODE_PATH tells where), PyPI `coord-convert` and `pyproj`. One that is
not installed is skipped, loudly. Every disagreement must fall into a class that docs/standards.md explains; any other
one fails the run.
"""
import collections
import json
import os
import random
import subprocess
import sys
import tempfile

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
SANJIANG = sys.argv[2] if len(sys.argv) > 2 else "target/debug/sanjiang"
HERE = os.path.dirname(os.path.abspath(__file__))
RANDOM = random.Random(20260101)


def ours(kind, values, city=None):
    """(accepted, value or fault code) of each value."""
    command = [SANJIANG, "standard", "check", kind] + (["--city", city] if city else [])
    text = "\n".join(values) + "\n"
    lines = subprocess.run(command, input=text, capture_output=True, text=True).stdout.splitlines()
    assert len(lines) == len(values), f"{kind}: {len(lines)} answers to {len(values)} values"
    return [(line.split("\t")[0] == "ok", line.split("\t")[1]) for line in lines]


def mutated(value, alphabet):
    """One to two slips: a changed, lost, doubled or swapped sign. Half of all values stay as they are."""
    signs = list(value)
    for _ in range(RANDOM.choice([0, 0, 1, 2])):
        if not signs:
            break
        at = RANDOM.randrange(len(signs))
        match RANDOM.randrange(4):
            case 0: signs[at] = RANDOM.choice(alphabet)
            case 1: del signs[at]
            case 2: signs.insert(at, signs[at])
            case 3: signs[at:at + 2] = reversed(signs[at:at + 2])
    return "".join(signs)


DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def some(alphabet, length):
    return "".join(RANDOM.choice(alphabet) for _ in range(length))


def table(name):
    with open(os.path.join(HERE, "../crates/data/reference", name), encoding="utf-8") as file:
        return [line.rstrip("\n").split(",") for line in file][1:]


DIVISIONS = sorted({row[0] for row in table("divisions.csv")})
COUNTIES = [code for code in DIVISIONS if not code.endswith("00")]


def report(kind, values, mine, theirs, explain):
    """Counts agreement; `explain(value, mine, theirs)` names the class of a disagreement, or None."""
    classes = collections.Counter()
    examples = {}
    for value, answer, other in zip(values, mine, theirs):
        if answer[0] != other:
            name = explain(value, answer, other) or "UNEXPLAINED"
            classes[name] += 1
            examples.setdefault(name, (value, answer[1], other))
    accepted = sum(1 for answer in mine if answer[0])
    agree = len(values) - sum(classes.values())
    print(f"{kind:32} {len(values):>8} values, {accepted:>8} accepted, {agree:>8} agree")
    for name, count in classes.most_common():
        print(f"    {count:>8} {name}: e.g. {examples[name]}")
    return classes["UNEXPLAINED"]


def citizens():
    from stdnum.iso7064 import mod_11_2
    for _ in range(COUNT):
        area = RANDOM.choice(COUNTIES) if RANDOM.random() < 0.9 else some(DIGITS, 6)
        body = f"{area}{RANDOM.randint(1900, 2025)}{RANDOM.randint(1, 12):02}{RANDOM.randint(1, 31):02}{some(DIGITS, 3)}"
        yield mutated(body + mod_11_2.calc_check_digit(body), DIGITS + "X")


def valid(module, clean=str):
    def check(value):
        try:
            return bool(module.is_valid(clean(value)))
        except Exception:
            return False
    return check


def python_ids():
    from stdnum import isbn, issn, luhn
    from stdnum.cn import ric, uscc
    from stdnum.iso7064 import mod_11_10
    failures = 0

    values = list(citizens())
    answers = ours("citizen_id", values)
    theirs = [valid(ric)(value) for value in values]

    def explain_citizen(value, mine, other):
        area = value[:6]
        if len(value) == 15:
            return "15 places: we upgrade them, stdnum takes 18 only"
        if mine[0] and area in DIVISIONS:
            return "area of the tables that stdnum's list lacks"
        if mine[1] == "citizen_id.division":
            return "area that stdnum finds by a shorter prefix, and no edition of GB/T 2260 has"
        if mine[1] == "citizen_id.birthday" or not mine[0] and value[6:10] > "2026":
            return "born in a year before 1800 or after 2199"
        return None

    failures += report("citizen_id / stdnum cn.ric", values, answers, theirs, explain_citizen)

    def codes():
        for _ in range(COUNT):
            body = RANDOM.choice(["91", "92", "93", "11", "12", "13", "52", "53", "51"]) + RANDOM.choice(COUNTIES)
            inner = some(DIGITS * 3 + "ABCDEFGHJKLMNPQRTUWXY", 8)
            weights = [3, 7, 9, 10, 5, 8, 4, 2]
            sum_ = sum(int(c, 36) * w for c, w in zip(inner, weights))
            inner += "0123456789X0"[11 - sum_ % 11] if sum_ % 11 else "0"
            whole = body + inner
            yield mutated(whole + uscc.calc_check_digit(whole), USCC)

    values = list(codes())
    answers = ours("uscc", values)

    def explain_uscc(value, mine, other):
        if mine[1] == "uscc.inner_check_digit":
            return "the organisation code inside (GB 11714) is wrong; stdnum does not look at it"
        if not value[:2].isdigit() and value[:1] in "123456789ANY":
            return "a letter in the first two places, as GB 32100 gives to agriculture and others; stdnum takes digits only"
        if mine[1] == "uscc.authority":
            return "no registering authority of GB 32100"
        return None

    failures += report("uscc / stdnum cn.uscc", values, answers, [valid(uscc)(value) for value in values], explain_uscc)

    def cards():
        for _ in range(COUNT):
            head, length = RANDOM.choice([("62", 19), ("62", 16), ("4", 16), ("51", 16), ("34", 15), ("3528", 16), ("9558", 19), ("0", 16)])
            body = head + some(DIGITS, length - 1 - len(head))
            yield mutated(body + luhn.calc_check_digit(body), DIGITS)

    def explain_card(value, mine, other):
        return f"we also check what stdnum's luhn does not: {mine[1]}" if other and mine[1] in (
            "bank_card.length", "bank_card.issuer", "bank_card.form") else None

    values = list(cards())
    failures += report("bank_card / stdnum luhn", values, ours("bank_card", values), [valid(luhn)(value) for value in values], explain_card)

    def registrations():
        for _ in range(COUNT):
            body = RANDOM.choice(COUNTIES) + some(DIGITS, 8)
            yield mutated(body + mod_11_10.calc_check_digit(body), DIGITS)

    values = list(registrations())
    theirs = [len(value) == 15 and valid(mod_11_10)(value) for value in values]
    failures += report("registration_number / mod_11_10", values, ours("registration_number", values), theirs, lambda *_: None)

    def books():
        for _ in range(COUNT):
            if RANDOM.random() < 0.5:
                body = RANDOM.choice(["978", "979"]) + some(DIGITS, 9)
                yield mutated(body + isbn.ean.calc_check_digit(body), DIGITS)
            else:
                body = some(DIGITS, 9)
                yield mutated(body + isbn._calc_isbn10_check_digit(body), DIGITS + "X")

    def explain_book(value, mine, other):
        return "9 digits: an SBN of before 1970, which stdnum completes with a leading 0" if len(value) == 9 else None

    values = list(books())
    failures += report("isbn / stdnum isbn", values, ours("isbn", values), [valid(isbn)(value) for value in values], explain_book)

    def journals():
        for _ in range(COUNT):
            body = some(DIGITS, 7)
            yield mutated(body + issn.calc_check_digit(body), DIGITS + "X")

    values = list(journals())
    failures += report("issn / stdnum issn", values, ours("issn", values), [valid(issn)(value) for value in values], lambda *_: None)
    return failures


NODE = """
const Id = require('id-validator'); const id = new Id();
const lines = require('fs').readFileSync(0, 'utf8').split('\\n');
console.log(JSON.stringify(lines.filter(line => line).map(line => id.isValid(line))));
"""


def node_ids():
    values = [value for value in citizens() if value]
    done = subprocess.run(["node", "-e", NODE], input="\n".join(values), capture_output=True, text=True)
    theirs = json.loads(done.stdout)

    def explain(value, mine, other):
        area = value[:6]
        if other and mine[1] == "citizen_id.birthday":
            return "a day that the calendar does not have (30 February): id-validator lets it roll over"
        if mine[0] and not other and area in DIVISIONS:
            return "area of the tables that id-validator's list lacks, or a birthday before 1900 or after today"
        if other and mine[1] in ("citizen_id.division", "citizen_id.province"):
            return "area in no edition of GB/T 2260: id-validator does not insist on one"
        if len(value) == 15 and mine[0] != other:
            return "15 places: no check digit, areas differ"
        return None

    return report("citizen_id / id-validator", values, ours("citizen_id", values), theirs, explain)


def coordinates():
    """Both ways of every system agree to a millionth of a degree."""
    import coord_convert.transform as theirs
    from pyproj import Transformer
    systems = {"gcj02": theirs.wgs2gcj, "bd09": theirs.wgs2bd}
    for code in (4491, 4513, 4549, 4548, 4528, 3857):
        transformer = Transformer.from_crs(4490 if code != 3857 else 4326, code, always_xy=True)
        systems[f"EPSG:{code}"] = transformer.transform
    failures = 0
    with tempfile.TemporaryDirectory() as city:
        os.mkdir(os.path.join(city, "standards"))
        with open(os.path.join(city, "city.toml"), "w", encoding="utf-8") as file:
            file.write("title = '城'\ntitle_en = 'City'\ndivision = '330200'\n")
        for crs, forth in systems.items():
            with open(os.path.join(city, "standards/own.toml"), "w", encoding="utf-8") as file:
                file.write(f"title = '本地'\ntitle_en = 'Own'\nkind = 'position'\ncrs = '{crs}'\n")
            middle = {"EPSG:4491": 75, "EPSG:4513": 75, "EPSG:4548": 117, "EPSG:4549": 120, "EPSG:4528": 120}.get(crs)
            span = (middle - 1.5, middle + 1.5) if middle else (80, 130)
            points = [(RANDOM.uniform(*span), RANDOM.uniform(18, 53)) for _ in range(COUNT)]
            there = [forth(lon, lat) for lon, lat in points]
            answers = ours("own", [f"{x:.12f},{y:.12f}" for x, y in there], city)
            worst = 0.0
            for (lon, lat), (ok, answer) in zip(points, answers):
                if not ok:
                    print(f"    {crs}: {lon},{lat} refused: {answer}")
                    failures += 1
                    continue
                x, y = map(float, answer.split(","))
                worst = max(worst, abs(x - lon), abs(y - lat))
            print(f"{crs:32} {COUNT:>8} points, the farthest off by {worst:.1e} degrees")
            failures += worst > 1e-6
    return failures


def main():
    failures = 0
    for name, part in (("python-stdnum", python_ids), ("id-validator", node_ids), ("coord-convert and pyproj", coordinates)):
        try:
            failures += part()
        except (ImportError, FileNotFoundError, json.JSONDecodeError) as error:
            print(f"SKIP: {name} is not installed ({error}); not compared", file=sys.stderr)
    sys.exit(1 if failures else 0)


main()
