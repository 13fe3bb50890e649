"""What clients that are not ours found: agreed or wrong, and what was not looked at."""

import sys

failed = []
agreed = []


def check(what, good, told=""):
    print(("agreed " if good else "WRONG  ") + what + (f": {told}" if told != "" and not good else ""), flush=True)
    (agreed if good else failed).append(what)


def skip(what):
    print(f"SKIP SKIP SKIP open-data-peers: {what}", file=sys.stderr, flush=True)


def end():
    """Says how it went; leaves with an error where anything was wrong. Nothing that was looked at is no agreement."""
    if failed:
        sys.exit(f"{len(failed)} wrong: " + "; ".join(failed)[:2000])
    print(f"all {len(agreed)} agreed" if agreed else "NOTHING was checked by anybody else")
