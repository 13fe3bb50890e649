#!/usr/bin/env python3
"""The rules of bench/quality.py as a Soda contract: a DuckDB data source, over a view of the same Parquet files.

    .venv/bin/python bench/quality_soda.py job.json [own]

Soda's own checks where it has one (`missing`, `invalid` with bounds, values, a regex, a length), `failed_rows` with an expression for the
others of one row; it puts the counts of all these into one SELECT. Its `duplicate` counts the surplus of equal values, not the rows that
have one; so uniqueness is `failed_rows` with a query, and so is the reference: `valid_reference_data` (what `own` asks for) joins, and
joins each row as often as its value is there. Nothing is sent anywhere, no failing row is kept. Prints the counts.
"""

import json
import logging
import os
import sys
import time
from pathlib import Path

os.environ["SODA_CORE_TELEMETRY_ENABLED"] = "false"

from soda_core.contracts import verify_contract_locally  # noqa: E402

ONCE = "SELECT phone FROM payments WHERE phone IN (SELECT phone FROM payments WHERE phone IS NOT NULL GROUP BY phone HAVING count(*) > 1)"
KNOWN = "SELECT employer FROM payments r WHERE employer IS NOT NULL AND NOT EXISTS (SELECT 1 FROM payments o WHERE o.employer = r.employer)"


def native(shape: list) -> tuple[str, str, dict] | None:
    """The column, the check and how it is put, where Soda has a word for it. Its bounds are numbers: none for dates."""
    match shape:
        case ["given", column]:
            return column, "missing", {}
        case ["between", column, low, high]:
            return column, "invalid", {"valid_min": low, "valid_max": high}
        case ["never", column, value]:
            return column, "invalid", {"invalid_values": [value]}
        case ["form", column, pattern]:
            return column, "invalid", {"valid_format": {"regex": pattern, "name": "form"}}
        case ["longest", column, most]:
            return column, "invalid", {"valid_max_length": most}
    return None


def contract(rules: list[dict], own_reference: bool) -> dict:
    columns: dict[str, list] = {}
    whole = [{"row_count": {"name": "rows", "threshold": {"must_be_greater_than": 0}}}]
    for rule in rules:
        name = {"name": rule["name"], "qualifier": rule["name"]}
        if own := native(rule["native"] or []):
            column, check, how = own
            columns.setdefault(column, []).append({check: {**name, **how}})
        else:
            whole.append({"failed_rows": {**name, "expression": rule["fails"]}})
    whole.append({"failed_rows": {"name": "once", "qualifier": "once", "query": ONCE}})
    if own_reference:
        known = {"dataset": "bench/main/payments", "column": "employer"}
        columns.setdefault("employer", []).append({"invalid": {"name": "known", "qualifier": "known", "valid_reference_data": known}})
    else:
        whole.append({"failed_rows": {"name": "known", "qualifier": "known", "query": KNOWN}})
    listed = [{"name": column, "checks": checks} for column, checks in columns.items()]
    return {"dataset": "bench/main/payments", "columns": listed, "checks": whole}


def main() -> None:
    logging.disable(logging.WARNING)
    job = json.loads(Path(sys.argv[1]).read_text())
    # JSON is YAML.
    source, asked = Path(job["work"]) / "soda-source.yml", Path(job["work"]) / "soda-contract.yml"
    settings = {"database": job["database"], "configuration": {"threads": "2"}}
    source.write_text(json.dumps({"type": "duckdb", "name": "bench", "connection": settings}))
    asked.write_text(json.dumps(contract(job["rules"], "own" in sys.argv[2:]), ensure_ascii=False))
    began = time.perf_counter()
    session = verify_contract_locally(data_source_file_path=str(source), contract_file_path=str(asked))
    seconds = time.perf_counter() - began
    if session.has_errors:
        sys.exit(session.get_errors_str())
    found = {}
    for result in session.contract_verification_results[0].check_results:
        values = result.diagnostic_metric_values or {}
        kind = {"missing": "missing_count", "invalid": "invalid_count", "failed_rows": "failed_rows_count"}.get(result.check.type)
        found[result.check.name] = values.get(kind) if kind else result.threshold_value
    names = ["rows", *(rule["name"] for rule in job["rules"]), "once", "known"]
    print(json.dumps({"counts": [found[name] for name in names], "seconds": seconds}))


if __name__ == "__main__":
    main()
