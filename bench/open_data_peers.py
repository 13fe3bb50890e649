"""Brings clients that are not ours before the open data of one running demo: what each needs is imported when it is its turn, and what is
not installed is said loudly. Whoever disagrees makes it fail. Run by scripts/open-data-peers.

Those who only read come first: the CKAN API registers packages, which change the catalogue that the others read.
"""

import contextlib
import importlib
import sys
import time

from lending import agree
from lending.demo import demo

PEERS = {"dcat": "dcat_peer", "open": "open_peers", "ckan": "ckan_peer"}
# As many as the sample city opens: one that opened meanwhile would be in one form of the catalogue and not in another.
DATASETS = 7


def bring(name, *site):
    began = time.monotonic()
    print(f"== {name}", flush=True)
    try:
        peer = importlib.import_module(PEERS[name])
    except ModuleNotFoundError as error:
        if error.name.startswith("lending"):
            raise
        return agree.skip(f"{error.name} is not installed; {name} was NOT checked by anybody else")
    # One that breaks does not keep the others from being heard.
    try:
        peer.look(*site)
    except Exception as error:  # noqa: BLE001 - whatever a client says is a finding
        agree.check(f"{name} is looked at to its end", False, f"{type(error).__name__}: {error}"[:1500])
    print(f"== {name} took {time.monotonic() - began:.0f} s", flush=True)


def main(what, *wanted):
    unknown = [name for name in wanted if name not in PEERS]
    if unknown:
        sys.exit(f"there is no peer {unknown[0]}: {', '.join(PEERS)}")
    runs = what.startswith("http")
    with contextlib.nullcontext((what.rstrip("/"), None)) if runs else demo(what, DATASETS) as (site, data):
        for name in PEERS:
            if name not in wanted:
                continue
            if name == "ckan" and runs:
                agree.skip("a site that runs already has no steward of ours; ckan was NOT checked")
                continue
            bring(name, site, None if runs else what, data)
    agree.end()


main(*sys.argv[1:])
