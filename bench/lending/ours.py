"""Ours: a city of two departments, one of which lends persons to the other; and what is checked of its answers."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from . import signature
from .load import Asking, Client, Server, free_port
from .rows import COLUMNS, Rows

PASSWORD = "one of many rivers"
OFFICERS = ["civil", "housing"]
KINDS = {"id_number": "citizen_id", "registered_on": "date", "amount": "money"}

CITY = {
    "city.toml": 'title = "测试市"\ntitle_en = "Bench"\ndivision = "330200"\n\n[share]\nper_minute = 600000\n',
    "departments/civil.toml": 'title = "测试市民政局"\ntitle_en = "Civil affairs"\nuscc = "113302000029290324"\n',
    "departments/housing.toml": 'title = "测试市住建局"\ntitle_en = "Housing"\nuscc = "113302000029290324"\n',
    "systems/people.toml": 'title = "人员"\ntitle_en = "People"\ndepartment = "civil"\n\n[connector]\nkind = "files"\npath = "people"\n',
    "resources/person.toml": 'title = "人员"\ntitle_en = "Persons"\ncode = "3990200/000001"\nsystem = "people"\nsummary = "测试"\nclass = "department"\n'
    'share = "conditional"\nshare_condition = "依法履职"\nopen = "none"\ngrade = "L3"\nperiod = "yearly"\n\n[collect]\nfrom = "person.csv"\n'
    + "".join(
        f'\n[[item]]\nname = "{name}"\ntitle = "{name}"\ntitle_en = "{name}"\nstandard = "{KINDS.get(name, "text")}"\n'
        + ('class = "sensitive"\ngrade = "L3"\nkey = true\nrequired = true\n' if name == "id_number" else 'grade = "L2"\n')
        for name in COLUMNS
    ),
}


class Ours:
    def __init__(self, binary: str, work: Path, rows: Rows):
        self.binary, self.work, self.city, self.data = binary, work, work / "city", work / "data"
        for name, text in CITY.items():
            (self.city / name).parent.mkdir(parents=True, exist_ok=True)
            (self.city / name).write_text(text)
        rows.csv(self.city / "people/person.csv")
        self.place = ["--city", str(self.city), "--data", str(self.data)]
        self.env = dict(os.environ, RUST_LOG="warn")
        self.command(["collect", "--all", *self.place])
        for of in OFFICERS:
            self.command(["account", "add", of, "--role", "officer", "--department", of, *self.place], PASSWORD)
        self.port, self.cookies = free_port(), {}

    def command(self, words: list[str], text: str = "") -> str:
        done = subprocess.run([self.binary, *words], input=text, capture_output=True, text=True, env=self.env)
        if done.returncode:
            sys.exit(f"sanjiang {' '.join(words)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout

    def started(self, number: str) -> tuple[Server, Asking]:
        """Serves, with a grant of all items and an application that reads under it; ready when it answers."""
        port = self.port
        server = Server([self.binary, "serve", *self.place, "--listen", f"127.0.0.1:{port}"], self.work / "sanjiang.log", env=self.env)
        server.until_ready(lambda: Client(port).get("/api/v1/node")[0] == 200)
        for name in OFFICERS:
            _, headers, _ = self.asked("POST", "session", {"name": name, "password": PASSWORD})
            self.cookies[name] = headers["set-cookie"].partition(";")[0]
        self.grant = self.granted()
        self.key = self.told("POST", "applications", {"department": "housing", "name": "公租房审核"}, "housing")["key"]
        asking = Asking(port, f"/api/v1/grants/{self.grant}/rows?purpose=service&id_number=", headers={"Authorization": f"Bearer {self.key}"})
        # Answers 503 while the copy that rows come from is made.
        server.until_ready(lambda: Client(port).get(asking.path(number), asking.headers)[0] == 200, 3600)
        return server, asking

    def granted(self) -> str:
        asked = {
            "resource": "person",
            "purpose": "service",
            "channels": ["query"],
            "items": [{"name": name, "whole": True} for name in COLUMNS],
            "keys": ["id_number"],
            "reason": "公租房资格审核，《公共租赁住房管理办法》第八条",
        }
        request = self.told("POST", "requests", asked, "housing")["id"]
        return self.told("POST", f"requests/{request}", {"act": "grant", "per_minute": 600_000}, "civil")["grant"]

    def asked(self, method: str, path: str, body: object = None, who: str | None = None) -> tuple[int, dict, bytes]:
        headers = {"Cookie": self.cookies[who]} if who else {}
        # Not kept: between two measurements the server closes what is idle.
        status, headers, answer = Client(self.port).ask(method, f"/api/v1/{path}", body, headers)
        if status not in (200, 204):
            sys.exit(f"{method} {path}: {status} {answer.decode(errors='replace')[:1000]}")
        return status, headers, answer

    def told(self, method: str, path: str, body: object = None, who: str | None = None) -> dict:
        return json.loads(self.asked(method, path, body, who)[2])

    def calls(self) -> int:
        """Readings under the grant, as its own page counts them."""
        return sum(day["calls"] for day in self.told("GET", f"grants/{self.grant}", None, "civil")["usage"])

    def leaf(self, asking: Asking, number: str) -> int:
        """Asks, and answers the place of the answer's leaf in the log, which has no gaps."""
        status, headers, body = Client(asking.port).get(asking.path(number), asking.headers)
        if status != 200 or len(json.loads(body)["rows"]) != 1:
            sys.exit(f"{status} {body.decode(errors='replace')[:500]}")
        return int(re.fullmatch(r"leaf=(\d+)", headers["sanjiang-receipt"])[1])

    def counted(self, asking: Asking, rows: list[dict]) -> None:
        """Each call has the next leaf."""
        leaves = [self.leaf(asking, row["id_number"]) for row in rows]
        if leaves != list(range(leaves[0], leaves[0] + len(rows))):
            sys.exit(f"{len(rows)} calls have leaves {leaves[0]} to {leaves[-1]}")

    def checked(self, asking: Asking, number: str) -> list[str]:
        """One answer: its digest, its signature by another's code, its receipt offline, and that a changed answer is told."""
        path = asking.path(number)
        status, headers, body = Client(asking.port).get(path, asking.headers)
        node = self.told("GET", "node")
        signature.digest(headers, body)
        key = signature.signature("GET", path, status, headers, node["keys"])
        for wrong in [(path.replace(number, number[::-1]), 200, headers), (path, 200, {**headers, "sanjiang-receipt": "leaf=0"})]:
            try:
                signature.signature("GET", *wrong, node["keys"])
            except signature.Wrong:
                continue
            sys.exit("a signature holds for what was not signed")
        leaf = re.fullmatch(r"leaf=(\d+)", headers["sanjiang-receipt"])[1]
        answer, receipt, forged = (self.work / name for name in ["answer.json", "receipt.json", "forged.json"])
        answer.write_bytes(body)
        forged.write_bytes(body.replace(number.encode(), number[::-1].encode()))
        status, _, proof = Client(asking.port).get(f"/api/v1/receipts/{leaf}", asking.headers)
        if status != 200:
            sys.exit(f"receipt {leaf}: {status} {proof[:500]}")
        receipt.write_bytes(proof)
        # Another place than the data directory: nothing but the receipt, the answer and the log's key is there.
        check = [self.binary, "log", "check-receipt", str(receipt), "--data", str(self.work / "nowhere"), "--lang", "en"]
        check += [word for key in node["log_keys"] for word in ("--key", key)]
        holds = subprocess.run([*check, "--answer", str(answer)], capture_output=True, text=True)
        fails = subprocess.run([*check, "--answer", str(forged)], capture_output=True, text=True)
        if holds.returncode or not fails.returncode:
            sys.exit(f"check-receipt: {holds.stdout}{holds.stderr}\nand of a forged answer: {fails.stdout}{fails.stderr}")
        return [f"signature of one answer verified in Python, key {key}", f"its receipt verified offline: {holds.stdout.splitlines()[0]}"]

    def verified(self) -> str:
        """The whole log, when nobody serves."""
        began = time.monotonic()
        told = self.command(["log", "verify", *self.place, "--lang", "en"]).strip().splitlines()[-1]
        return f"sanjiang log verify, {time.monotonic() - began:.0f} s: {told}"
