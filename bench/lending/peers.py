"""The peers: each answers the same question, one row by its number, unsigned and without a log.

    roapi           a table in memory (its default), asked by a filter of its REST API
    datasette       SQLite with the number as its key, opened immutable and inspected beforehand; the table's JSON API with a filter
    datasette-row   the same by the address of the row, without threads: the fastest that we have found
    roapi-kv        no query: a map in memory from numbers to texts that were made beforehand, a row as JSON each
"""

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

from .load import Asking, Client, Server, free_port
from .rows import COLUMNS, Rows

BIN = Path(sys.executable).parent
# A row as roapi's map of texts has it.
AS_TEXT = "id_number, to_json(struct_pack(" + ", ".join(f"{name} := {name}" for name in COLUMNS) + "))::VARCHAR AS answer"


def started(command: list, log: Path, asking: Asking, number: str) -> Server:
    server = Server([str(part) for part in command], log)
    server.until_ready(lambda: Client(asking.port).get(asking.path(number), asking.headers)[0] == 200)
    return server


def roapi(work: Path, rows: Rows, number: str, kv: bool = False) -> tuple[Server, Asking]:
    parquet, port = rows.parquet("texts", AS_TEXT) if kv else rows.parquet("person"), free_port()
    form = "tables: []\nkvstores" if kv else "tables"
    more = "key: id_number\n    value: answer" if kv else "option: {format: parquet, use_memory_table: true}"
    source = f"{form}:\n  - name: person\n    uri: {parquet}\n    {more}\n"
    (work / "roapi.yml").write_text(f"addr: {{http: '127.0.0.1:{port}', postgres: '127.0.0.1:{free_port()}', flight_sql: '127.0.0.1:{free_port()}'}}\n{source}")
    asking = Asking(port, "/api/kv/person/") if kv else Asking(port, "/api/tables/person?filter%5Bid_number%5D=%27", "%27")
    return started([BIN / "roapi", "-c", work / "roapi.yml"], work / "roapi.log", asking, number), asking


def roapi_kv(work: Path, rows: Rows, number: str) -> tuple[Server, Asking]:
    return roapi(work, rows, number, kv=True)


def datasette(work: Path, rows: Rows, number: str, row: bool = False) -> tuple[Server, Asking]:
    database, inspected, port = rows.sqlite(), work / "inspect.json", free_port()
    subprocess.run([BIN / "datasette", "inspect", database, "--inspect-file", inspected], check=True, stdout=subprocess.DEVNULL)
    command = [BIN / "datasette", "serve", "-i", database, "--inspect-file", inspected, "-h", "127.0.0.1", "-p", port]
    asking = Asking(port, "/person/person.json?id_number__exact=", "&_shape=array&_nocount=1&_nofacet=1&_nosuggest=1")
    if row:
        command += ["--setting", "num_sql_threads", "0"]
        asking = Asking(port, "/person/person/", ".json?_shape=array")
    return started(command, work / "datasette.log", asking, number), asking


def datasette_row(work: Path, rows: Rows, number: str) -> tuple[Server, Asking]:
    return datasette(work, rows, number, row=True)


PEERS = {
    "roapi": ("roapi, filter", roapi),
    "datasette": ("Datasette, filter", datasette),
    "datasette-row": ("Datasette, row's address", datasette_row),
    "roapi-kv": ("roapi, map of texts", roapi_kv),
}


def present(names: str) -> list[str]:
    """Those of the peers asked for that can run; says loudly which cannot."""
    found = []
    for name in filter(None, names.split(",")):
        if name not in PEERS:
            sys.exit(f"no peer is called {name}: {', '.join(PEERS)}")
        program = name.partition("-")[0]
        if shutil.which(program, path=str(BIN)):
            found.append(name)
        else:
            print(f"SKIP SKIP SKIP {name}: {program} is not in {BIN}, NOT measured; scripts/gateway-peers installs it", flush=True)
    if any(name.startswith("datasette") for name in found) and importlib.util.find_spec("uvloop") is None:
        print("Datasette runs without uvloop, which makes it faster; scripts/gateway-peers installs it", flush=True)
    return found


def row_of(body: bytes) -> dict:
    """The one row of a peer's answer."""
    told = json.loads(body)
    if isinstance(told, list):
        return told[0] if len(told) == 1 else {}
    return told
