"""The load, the same for every system: `wrk` with load.lua. And what a server has used, from /proc."""

import argparse
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def text(path: Path) -> str:
    """Of a file of /proc; empty when what it tells of is gone."""
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def options(parser: argparse.ArgumentParser, rows: int, name: str) -> argparse.Namespace:
    """What every benchmark under load can be told, and what it was told; `name` is of its folder."""
    parser.add_argument("--rows", type=int, default=rows)
    parser.add_argument("--seconds", type=int, default=20, help="of each measurement")
    parser.add_argument("--warm", type=int, default=5, help="seconds before, which are not counted")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--threads", type=int, default=1, choices=[1, 2], help="of wrk")
    parser.add_argument("--sanjiang", default=str(HERE.parent.parent / "target/debug/sanjiang"))
    parser.add_argument("--work", default=f"/tmp/sanjiang-{name}-{os.getpid()}")
    told = parser.parse_args()
    told.sanjiang, told.work = str(Path(told.sanjiang).resolve()), Path(told.work)
    wrk()
    return told


class Asking(NamedTuple):
    """How a system is asked for a row: what stands before and after the id in the address, and headers."""

    port: int
    before: str
    after: str = ""
    headers: dict = {}

    def path(self, number: str) -> str:
        return self.before + number + self.after


class Client:
    """A kept connection."""

    def __init__(self, port: int):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def get(self, path: str, headers: dict | None = None) -> tuple[int, dict, bytes]:
        return self.ask("GET", path, None, headers)

    def ask(self, method: str, path: str, body: object = None, headers: dict | None = None) -> tuple[int, dict, bytes]:
        said = dict(headers or {}, **({"Content-Type": "application/json"} if body is not None else {}))
        self.connection.request(method, path, None if body is None else json.dumps(body), said)
        answer = self.connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


class Server:
    """A process of ours to measure. Ended by its own id, and no other."""

    def __init__(self, command: list[str], log: Path, **more):
        self.log = log
        self.out = log.open("wb")
        self.process = subprocess.Popen(command, stdout=self.out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **more)

    def until_ready(self, ready, seconds: float = 600) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                sys.exit(f"ended with {self.process.returncode}: {self.log.read_text(errors='replace')[-2000:]}")
            try:
                if ready():
                    return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.2)
        sys.exit(f"not ready after {seconds:.0f} s: {self.log.read_text(errors='replace')[-2000:]}")

    def family(self) -> list[int]:
        """The process and those that it started."""
        found, at = [self.process.pid], 0
        while at < len(found):
            # Threads come and go meanwhile.
            for task in Path(f"/proc/{found[at]}/task").glob("*/children"):
                found += [int(child) for child in text(task).split()]
            at += 1
        return found

    def processor(self) -> float:
        """Seconds of processor so far, those of children that have ended among them."""
        fields = [text(Path(f"/proc/{one}/stat")).rpartition(")")[2].split() for one in self.family()]
        return sum(sum(int(field) for field in one[11:15]) for one in fields) / TICKS

    def memory(self, name: str) -> float:
        """Megabytes: `VmHWM` the most it held, `RssAnon` its own now, without files that are mapped."""
        lines = [line for one in self.family() for line in text(Path(f"/proc/{one}/status")).splitlines()]
        return sum(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.out.close()


class Load(NamedTuple):
    """Answers a second, milliseconds, answers that were not 2xx, connections that failed, processor seconds for 1000 answers."""

    answered: int
    rate: float
    p50: float
    p90: float
    p99: float
    p999: float
    most: float
    refused: int
    broken: int
    cpu: float
    wrk_cpu: float


def wrk() -> str:
    found = shutil.which("wrk")
    if not found:
        sys.exit("wrk is needed for the load, and is not there: scripts/gateway-peers installs it (Debian: apt-get install wrk)")
    return found


def run(server: Server, asking: Asking, ids: Path, connections: int, threads: int, seconds: int, seed: int = 0) -> Load:
    result = ids.with_suffix(".result")
    result.unlink(missing_ok=True)
    headers = "".join(f"{name}: {value}\r\n" for name, value in {"Host": f"127.0.0.1:{asking.port}", **asking.headers}.items())
    place = {
        "LENDING_IDS": str(ids),
        "LENDING_HEAD": f"GET {asking.before}",
        "LENDING_TAIL": f"{asking.after} HTTP/1.1\r\n{headers}\r\n",
        "LENDING_RESULT": str(result),
        "LENDING_SEED": str(seed),
    }
    command = [wrk(), f"-t{min(threads, connections)}", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s", "-s", str(HERE / "load.lua"), f"http://127.0.0.1:{asking.port}/"]
    before, used = server.processor(), os.times()
    out = subprocess.run(command, env=dict(os.environ, **place), capture_output=True, text=True)
    spent, after = server.processor() - before, os.times()
    if out.returncode or not result.exists():
        sys.exit(f"wrk failed: {out.stdout[-1000:]}{out.stderr[-1000:]}")
    told = json.loads(result.read_text())
    millis = {name: told[name] / 1000 for name in ["p50", "p90", "p99", "p999", "most"]}
    own = after.children_user + after.children_system - used.children_user - used.children_system
    many = max(told["answered"], 1)
    return Load(told["answered"], told["answered"] / told["micros"] * 1e6, **millis, refused=told["refused"], broken=told["broken"], cpu=spent / many * 1000, wrk_cpu=own)
