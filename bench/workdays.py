#!/usr/bin/env python3
"""Compares lines `2026-02-14<TAB>1` on standard input with PyPI `chinesecalendar`, day by day.

A disagreement must be one that is explained below; any other one, or an explained one that is gone, fails the run.
"""
import datetime
import sys

import chinese_calendar

EXPLAINED = {
    # 国办发明电〔2005〕35号: the Saturday was worked for 3 January 2006; chinesecalendar lacks it.
    datetime.date(2005, 12, 31),
}

differences, days = set(), 0
for line in sys.stdin:
    text, ours = line.rstrip("\n").split("\t")
    day = datetime.date.fromisoformat(text)
    days += 1
    if chinese_calendar.is_workday(day) != (ours == "1"):
        differences.add(day)
        print(f"{day} {day:%a}: ours {ours}, chinesecalendar {int(chinese_calendar.is_workday(day))}"
              f"{' (explained)' if day in EXPLAINED else ''}")
print(f"{days} days compared, {len(differences)} differ, {len(differences & EXPLAINED)} of them explained")
sys.exit(0 if days > 0 and differences == EXPLAINED else 1)
