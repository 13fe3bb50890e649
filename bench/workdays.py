#!/usr/bin/env python3
"""Compares lines `2026-02-14<TAB>1` on standard input with PyPI `chinesecalendar` and `holidays`, day by day.

A disagreement must be one that is explained below; any other one, or an explained one that is gone, fails the run.
"""
import datetime
import sys

import chinese_calendar
import holidays

EXPLAINED = {
    "chinesecalendar": {
        # 国办发明电〔2005〕35号: the Saturday was worked for 3 January 2006; chinesecalendar lacks it.
        datetime.date(2005, 12, 31),
    },
    "holidays": set(),
}

ours = {}
for line in sys.stdin:
    text, worked = line.rstrip("\n").split("\t")
    ours[datetime.date.fromisoformat(text)] = worked == "1"
china = holidays.China(years=sorted({day.year for day in ours}))
failed = not ours
for name, is_worked in (("chinesecalendar", chinese_calendar.is_workday), ("holidays", china.is_working_day)):
    differences = {day for day, worked in ours.items() if is_worked(day) != worked}
    for day in sorted(differences):
        print(f"{day} {day:%a}: ours {int(ours[day])}, {name} {int(is_worked(day))}{' (explained)' if day in EXPLAINED[name] else ''}")
    print(f"{name}: {len(ours)} days compared, {len(differences)} differ, {len(differences & EXPLAINED[name])} of them explained")
    failed |= differences != EXPLAINED[name]
sys.exit(1 if failed else 0)
