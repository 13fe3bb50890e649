"""A running demo for clients that are not ours: over a copy of the city that the browser tests have collected with this binary, where
they have; else over one that is collected first."""

import contextlib
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import urllib.request

SCALE = "0.01"
CITIES = pathlib.Path(__file__).resolve().parents[2] / "target/tmp/e2e-cities"


def kept(binary):
    """The collected city of e2e/server.mjs, if there is one of this binary."""
    told = pathlib.Path(binary).stat()
    folder = CITIES / f"{SCALE}-{told.st_size}-{int(told.st_mtime_ns / 1e6 + 0.5)}"
    return folder / "data" if (folder / "settled").exists() else None


def opened(site):
    try:
        with urllib.request.urlopen(f"{site}/api/v1/open/datasets", timeout=10) as answer:
            return json.load(answer)["datasets"]["total"]
    except (OSError, ValueError, KeyError):
        return 0


@contextlib.contextmanager
def demo(binary, datasets):
    """Gives the address of a site with so many open datasets, and its folder of data."""
    with tempfile.TemporaryDirectory() as work:
        data = pathlib.Path(work) / "data"
        if seed := kept(binary):
            shutil.copytree(seed, data, symlinks=True)
        server = subprocess.Popen([binary, "demo", "--data", data, "--listen", "127.0.0.1:0", "--scale", SCALE], stdout=subprocess.PIPE, text=True)
        try:
            site = next(found.group(1) for line in server.stdout if (found := re.search(r"Sanjiang is at\s+(http://[^/\s]+)", line)))
            end = time.monotonic() + 300
            while opened(site) < datasets:
                if time.monotonic() > end:
                    raise RuntimeError("the demo has not opened its datasets")
                time.sleep(0.5)
            yield site, data
        finally:
            server.terminate()
            server.wait(60)
