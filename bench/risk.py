#!/usr/bin/env python3
"""How long `sanjiang risk` takes on a large table, and its peak memory.

    python3 bench/risk.py [--rows 13000000] [--command "target/debug/sanjiang risk"]

A register of persons is made: sex, age, district, occupation, date of a visit, diagnosis. Measured: with the columns' roles
said, and with roles proposed (the search for what singles rows out looks at as many combinations as its effort allows).
Prints Markdown.
"""

import argparse
import os
import random
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def make(path: Path, rows: int):
    dice = random.Random(5)
    days = [f"2026-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29)]
    ill = ["高血压", "糖尿病", "胃炎", "肺炎", "哮喘", "感冒", "骨折", "湿疹"]
    columns = ["男女", range(100), range(330201, 330284), range(1, 13), days, ill]
    with path.open("w", encoding="utf-8") as file:
        file.write("性别,年龄,区划代码,职业,就诊日期,诊断\n")
        while rows > 0:
            count = min(rows, 200_000)
            drawn = [dice.choices(column, k=count) for column in columns]
            file.writelines(",".join(map(str, row)) + "\n" for row in zip(*drawn))
            rows -= count


def measure(command: list[str]) -> tuple[float, float, float]:
    """Wall seconds, processor seconds, peak memory in MB."""
    begun = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1) or said:
        sys.exit(f"{shlex.join(command)}\n{said.decode(errors='replace')[-2000:]}")
    return time.monotonic() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rows", type=int, default=13_000_000)
    arguments.add_argument("--command", default="target/debug/sanjiang risk")
    arguments = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "visits.csv"
        make(path, arguments.rows)
        said = ["--quasi", "性别,年龄,区划代码,职业,就诊日期", "--sensitive", "诊断"]
        print(f"| {arguments.rows} rows, {path.stat().st_size >> 20} MB | wall s | processor s | rows/processor s | peak MB |\n| --- | ---: | ---: | ---: | ---: |")
        reading = [*shlex.split(arguments.command)[:-1], "read", str(path)]
        for title, command in [
            ("`sanjiang read` of the file, for comparison", reading),
            ("roles said: k, l, t, proposal", [*shlex.split(arguments.command), str(path), *said, "--format", "json"]),
            ("roles proposed", [*shlex.split(arguments.command), str(path), "--format", "json"]),
        ]:
            wall, processor, memory = measure(command)
            print(f"| {title} | {wall:.1f} | {processor:.1f} | {arguments.rows / processor:,.0f} | {memory:.0f} |", flush=True)


main()
