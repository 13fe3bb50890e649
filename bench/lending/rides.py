"""Makes the rows that bench/open.py opens: rides on buses, which are about nobody: a number, a line, a stop, a day, an hour, a fare.

The same number of rows gives the same bytes. Each system gets them in the form that it reads: CSV for ours, SQLite with the number
as its key for Datasette, Parquet for roapi.
"""

import itertools
import sqlite3
from pathlib import Path

import duckdb

COLUMNS = ["ride_no", "line", "stop", "boarded", "hour", "fare"]
ASKED, LOOKED_AT, LINES = 1_000_000, 100, 400


class Rides:
    def __init__(self, folder: Path, rows: int):
        self.folder, self.count, self.ids = folder, rows, folder / "ids"
        folder.mkdir(parents=True, exist_ok=True)
        self.db = duckdb.connect(str(folder / "rows.duckdb"), config={"threads": 2})
        self.db.execute("SET enable_progress_bar = false")
        self.db.execute(f"""
          CREATE TABLE ride AS SELECT i + 1 AS ride_no, 1 + (hash(i, 1) % {LINES})::INTEGER AS line,
            '站台' || (hash(i, 2) % 5000)::VARCHAR AS stop, strftime(DATE '2020-01-01' + (hash(i, 3) % 2200)::INTEGER, '%Y-%m-%d') AS boarded,
            lpad((hash(i, 4) % 24)::VARCHAR, 2, '0') || ':00' AS hour, (hash(i, 5) % 1000 / 100)::DECIMAL(12, 2)::VARCHAR AS fare
          FROM range({rows}) t(i)""")
        # Numbers as wrk's script takes them, 18 digits each; they serve as keys and as offsets.
        asked = self.db.execute(f"SELECT ride_no FROM ride ORDER BY hash(ride_no, 9) LIMIT {ASKED}").fetchall()
        self.ids.write_text("".join(f"{one:018}\n" for (one,) in asked))

    def ordered(self) -> str:
        return f"SELECT {', '.join(COLUMNS)} FROM ride ORDER BY ride_no"

    def csv(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.db.execute(f"COPY ({self.ordered()}) TO '{path}' (FORMAT csv, HEADER)")

    def parquet(self) -> Path:
        path = self.folder / "ride.parquet"
        self.db.execute(f"COPY ({self.ordered()}) TO '{path}' (FORMAT parquet)")
        return path

    def sqlite(self) -> Path:
        path = self.folder / "ride.db"
        if path.exists():
            return path
        out = sqlite3.connect(path)
        out.execute("CREATE TABLE ride (ride_no INTEGER PRIMARY KEY, line INTEGER, stop TEXT, boarded TEXT, hour TEXT, fare TEXT)")
        found = self.db.execute(self.ordered())
        for part in itertools.takewhile(bool, iter(lambda: found.fetchmany(50_000), None)):
            out.executemany("INSERT INTO ride VALUES (?, ?, ?, ?, ?, ?)", part)
        out.commit()
        out.execute("ANALYZE")
        out.close()
        return path

    def first(self) -> str:
        return f"{1:018}"

    def some(self) -> list[dict]:
        found = self.db.execute(f"SELECT {', '.join(COLUMNS)} FROM ride ORDER BY hash(ride_no, 8) LIMIT {LOOKED_AT}").fetchall()
        return [dict(zip(COLUMNS, row)) for row in found]

    def these(self, numbers: list[int]) -> list[dict]:
        """The rows of some numbers, in that order."""
        select = f"SELECT {', '.join(COLUMNS)} FROM ride WHERE ride_no IN (SELECT unnest(?::BIGINT[]))"
        found = {row[0]: dict(zip(COLUMNS, row)) for row in self.db.execute(select, [numbers]).fetchall()}
        return [found.get(number) for number in numbers]

    def lines(self) -> list[tuple[int, int]]:
        return self.db.execute("SELECT line, count(*) FROM ride GROUP BY line ORDER BY line LIMIT 3").fetchall()
