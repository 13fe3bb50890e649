#!/usr/bin/env python3
"""The rules of bench/quality.py as a suite of Great Expectations: its SQL data source on DuckDB, over a view of the same Parquet files.

    .venv/bin/python bench/quality_ge.py job.json [columns | pandas]

Native expectations where there is one for DuckDB (given, between, never among, length, unique): their counts go into few SELECTs, though
each also asks for samples, here none. It has none for a regex on this dialect, nor for what several columns say: those are
UnexpectedRowsExpectation, two SELECTs each, one for the count and one that gives the failing rows, here by their key alone. With
`columns`, the view has a column for each such condition instead, and a native expectation looks at it.
Great Expectations does not name DuckDB among what it supports. What it names for Parquet files is pandas: with `pandas` they are read
into a data frame, amounts as floats, and the conditions of one row are columns that pandas works out. One core, all in memory. Nothing is sent anywhere. Prints the counts.
"""

import json
import os
import sys
import time
import warnings
from datetime import date, datetime
from pathlib import Path

os.environ["GX_ANALYTICS_ENABLED"] = "false"
warnings.filterwarnings("ignore")

import great_expectations as gx  # noqa: E402
import great_expectations.expectations as gxe  # noqa: E402
from duckdb_engine import Dialect  # noqa: E402

# Great Expectations fetches after it gave the connection back, whose ROLLBACK takes the rows away (its issue 11579). We only read, so:
# no transactions.
Dialect.do_begin = Dialect.do_rollback = lambda self, connection: None

KNOWN = "SELECT employer FROM {batch} WHERE employer IS NOT NULL AND employer NOT IN (SELECT employer FROM payments WHERE employer IS NOT NULL)"


# What is not asked by a native expectation, in pandas. A citizen id has the year of birth at 6, a digit that tells men and women at 16.
IN_PANDAS = {
    "birth_fails": lambda d: d.citizen_id.str[6:10].astype("int32") >= 2000,
    "length_fails": lambda d: (d.citizen_id.str.len() != 18) | (d.employer.str.len() != 18),
    "weekday_fails": lambda d: (d.amount % 7 >= 6.5) & (d.kind != "111"),
    "case_fails": lambda d: (d.kind == "110") & (d.amount >= 5000),
    "order_fails": lambda d: (d.updated_at.dt.tz_convert("Asia/Shanghai").dt.tz_localize(None).dt.normalize() < d.paid_on) & (d.amount >= 10),
    "odd_fails": lambda d: ~d.citizen_id.str[16].isin(list("13579")) & (d.amount <= 100),
    "region_fails": lambda d: ~d.citizen_id.str.startswith("3302"),
    "street_fails": lambda d: ~d.address.str.contains("路.*号$"),
    "office_fails": lambda d: d.employer.str[:8] != "91330200",
    "known_fails": lambda d: d.employer.notna() & ~d.employer.isin(d.employer.dropna().unique()),
}


def frame(files: list[str]):
    import pandas

    columns = ["citizen_id", "name", "kind", "employer", "amount", "paid_on", "updated_at", "phone", "address"]
    data = pandas.read_parquet(files, columns=columns)
    data["amount"] = data["amount"].astype("float64")
    data["paid_on"] = pandas.to_datetime(data["paid_on"])
    return data.assign(**IN_PANDAS)


def expectation(rule: dict, as_column: bool, pandas: bool):
    """Braces are doubled: the query is a template of Python."""
    match rule["native"] or []:
        case ["given", column]:
            return gxe.ExpectColumnValuesToNotBeNull(column=column)
        case ["between", column, low, high]:
            return gxe.ExpectColumnValuesToBeBetween(column=column, min_value=low, max_value=high)
        case ["since", column, day]:
            first = datetime.fromisoformat(day) if pandas else date.fromisoformat(day)
            return gxe.ExpectColumnValuesToBeBetween(column=column, min_value=first)
        case ["form", column, pattern] if pandas:
            return gxe.ExpectColumnValuesToMatchRegex(column=column, regex=pattern)
        case ["never", column, value]:
            return gxe.ExpectColumnValuesToNotBeInSet(column=column, value_set=[value])
        case ["longest", column, most]:
            return gxe.ExpectColumnValueLengthsToBeBetween(column=column, max_value=most)
    if as_column:
        return gxe.ExpectColumnValuesToNotBeInSet(column=f"{rule['name']}_fails", value_set=[True])
    fails = rule["fails"].replace("{", "{{").replace("}", "}}")
    return gxe.UnexpectedRowsExpectation(unexpected_rows_query=f"SELECT serial_no FROM {{batch}} WHERE {fails}")


def count(result) -> int:
    if result.exception_info.get("raised_exception") or "exception_traceback" in str(result.exception_info.values()):
        sys.exit(str(result.exception_info)[:3000])
    return int(result.result["unexpected_count"] if "unexpected_count" in result.result else result.result["observed_value"])


def of_duckdb(context, job: dict, view: str):
    settings = {"connect_args": {"config": {"threads": 2}}}
    source = context.data_sources.add_sql("bench", connection_string=f"duckdb:///{job['database']}", kwargs=settings)
    return source.add_table_asset(view, table_name=view).add_batch_definition_whole_table("all").get_batch()


def of_pandas(context, job: dict):
    asset = context.data_sources.add_pandas("bench").add_dataframe_asset("payments")
    return asset.add_batch_definition_whole_dataframe("all").get_batch(batch_parameters={"dataframe": frame(job["files"])})


def main() -> None:
    job = json.loads(Path(sys.argv[1]).read_text())
    pandas = "pandas" in sys.argv[2:]
    as_columns = pandas or "columns" in sys.argv[2:]
    began = time.perf_counter()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    batch = of_pandas(context, job) if pandas else of_duckdb(context, job, "payments_asked" if as_columns else "payments")
    suite = gx.ExpectationSuite("bench")
    asked = [gxe.ExpectTableRowCountToBeBetween(min_value=1), *(expectation(rule, as_columns, pandas) for rule in job["rules"])]
    asked.append(gxe.ExpectColumnValuesToBeUnique(column="phone"))
    known = gxe.ExpectColumnValuesToNotBeInSet(column="known_fails", value_set=[True])
    asked.append(known if pandas else gxe.UnexpectedRowsExpectation(unexpected_rows_query=KNOWN))
    # By place: the results need not come in the order of the suite.
    for place, one in enumerate(asked):
        one.meta = {"place": place}
        suite.expectations.append(one)
    outcome = batch.validate(suite, result_format={"result_format": "BASIC", "partial_unexpected_count": 0})
    seconds = time.perf_counter() - began
    found = {result.expectation_config.meta["place"]: count(result) for result in outcome.results}
    print(json.dumps({"counts": [found[place] for place in range(len(asked))], "seconds": seconds}))


if __name__ == "__main__":
    main()
