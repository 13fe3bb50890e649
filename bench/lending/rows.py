"""Makes the rows that bench/gateway.py asks for: persons with a number, a name, a district, a day, an amount, a telephone, an address.

The same number of rows gives the same bytes. The numbers are unique and have right check digits. Each system gets the rows in
the form that it reads: CSV for ours, Parquet for roapi, SQLite with the number as its key for Datasette.
"""

import itertools
import sqlite3
from pathlib import Path

import duckdb

from delivery.make import DISTRICTS, GIVEN, NAMES, STREETS, check_digits

COLUMNS = ["id_number", "name", "district", "registered_on", "amount", "phone", "address"]
# Numbers are drawn without repetition: row i has number i * STEP modulo SPACE, all districts, days and serials of which are valid.
SPACE, STEP = 11 * 25_000 * 1_000, 123_456_787
# Ids that are asked for, at most: enough to touch almost every page of a table of ten millions.
ASKED = 1_000_000
# Rows whose answers are looked at.
LOOKED_AT = 200


def select(rows: int) -> str:
    """SQL for the rows, in the order of their making."""
    listed = lambda words: "[" + ",".join(f"'{word}'" for word in words.split(",")) + "]"
    pick = lambda text, h: f"substr('{text}', ({h} % {len(text)})::INTEGER + 1, 1)"
    birth = "strftime(DATE '1940-01-01' + (drawn // 11 % 25000)::INTEGER, '%Y%m%d')"
    check = check_digits("id17", [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], 11)
    return f"""
      WITH numbered AS (SELECT i, i * {STEP} % {SPACE} AS drawn, hash(i, 2) h2, hash(i, 3) h3, hash(i, 4) h4 FROM range({rows}) t(i)),
      bodies AS (SELECT *, list_extract({listed(DISTRICTS)}, (drawn % 11)::INTEGER + 1) AS district,
        district || {birth} || lpad((drawn // 275000)::VARCHAR, 3, '0') AS id17 FROM numbered)
      SELECT i, id17 || substr('10X98765432', {check} + 1, 1) AS id_number,
        {pick(NAMES, 'h2')} || {pick(GIVEN, 'h3')} || {pick(GIVEN, 'h4')} AS name, district,
        strftime(DATE '2020-01-01' + (h3 % 2200)::INTEGER, '%Y-%m-%d') AS registered_on,
        (h2 % 1000000 / 100)::DECIMAL(12, 2)::VARCHAR AS amount,
        '13' || lpad((h4 % 1000000000)::VARCHAR, 9, '0') AS phone,
        list_extract({listed(STREETS)}, (h4 % 10)::INTEGER + 1) || (h2 % 900 + 1)::VARCHAR || '号' AS address
      FROM bodies"""


class Rows:
    """The rows in a folder, in every form."""

    def __init__(self, folder: Path, rows: int):
        if rows > SPACE:
            raise SystemExit(f"there are {SPACE:,} numbers at most")
        self.folder, self.count = folder, rows
        folder.mkdir(parents=True, exist_ok=True)
        self.db = duckdb.connect(str(folder / "rows.duckdb"), config={"threads": 2})
        self.db.execute("SET enable_progress_bar = false")
        self.db.execute(f"CREATE TABLE person AS {select(rows)}")
        found = self.db.execute("SELECT count(*), count(DISTINCT id_number) FROM person").fetchone()
        if found != (rows, rows):
            raise SystemExit(f"the numbers are not unique: {found}")

    def csv(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.db.execute(f"COPY (SELECT {', '.join(COLUMNS)} FROM person ORDER BY i) TO '{path}' (FORMAT csv, HEADER)")

    def parquet(self, name: str, columns: str = ", ".join(COLUMNS)) -> Path:
        path = self.folder / f"{name}.parquet"
        if not path.exists():
            self.db.execute(f"COPY (SELECT {columns} FROM person ORDER BY i) TO '{path}' (FORMAT parquet)")
        return path

    def sqlite(self) -> Path:
        """In the order of the numbers, so that the index is written in one go. Made once for all that read it."""
        path = self.folder / "person.db"
        if path.exists():
            return path
        out = sqlite3.connect(path)
        columns = ", ".join(f"{name} TEXT" for name in COLUMNS[1:])
        out.execute(f"CREATE TABLE person (id_number TEXT PRIMARY KEY, {columns})")
        found = self.db.execute(f"SELECT {', '.join(COLUMNS)} FROM person ORDER BY id_number")
        for part in itertools.takewhile(bool, iter(lambda: found.fetchmany(50_000), None)):
            out.executemany(f"INSERT INTO person VALUES ({', '.join('?' * len(COLUMNS))})", part)
        out.commit()
        out.execute("ANALYZE")
        out.close()
        return path

    def ids(self, path: Path) -> None:
        """The ids that are asked for, in no order, 19 bytes each."""
        asked = self.db.execute(f"SELECT id_number FROM person ORDER BY hash(i, 9) LIMIT {ASKED}").fetchall()
        path.write_text("".join(f"{one}\n" for (one,) in asked))

    def some(self) -> list[dict]:
        """Rows whose answers are looked at."""
        found = self.db.execute(f"SELECT {', '.join(COLUMNS)} FROM person ORDER BY hash(i, 8) LIMIT {LOOKED_AT}").fetchall()
        return [dict(zip(COLUMNS, row)) for row in found]

    def close(self) -> None:
        self.db.close()
        (self.folder / "rows.duckdb").unlink()
