"""Splink on DuckDB as its documentation shows it, for bench/link.py: `link_splink.py SET FILE OUT [RULE…]` writes pairs.

FEBRL: the settings of Splink's own FEBRL 3 example. Chicago: its comparison library for names and addresses, trained on two
blocks, since it has no example of it. People: the same comparisons as ours proposes. RULE (`a+b`, `a:4` for the first four
characters) takes the place of the example's blocking rules.
"""

import logging
import sys
import time

import duckdb
import pandas
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

logging.disable(logging.WARNING)


def febrl():
    return dict(
        comparisons=[
            cl.NameComparison("given_name"),
            cl.NameComparison("surname"),
            cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
        ],
        blocks=["soc_sec_id", "given_name", "surname", "date_of_birth", "postcode"],
        certain=[
            block_on("soc_sec_id"),
            block_on("given_name", "surname", "date_of_birth"),
            "l.given_name = r.surname and l.surname = r.given_name and l.date_of_birth = r.date_of_birth",
        ],
        train=[block_on("date_of_birth"), block_on("postcode")],
    )


def chicago():
    return dict(
        comparisons=[
            cl.JaroWinklerAtThresholds("site_name", [0.92, 0.88, 0.7]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("address", [0.92, 0.88, 0.7]).configure(term_frequency_adjustments=True),
            cl.ExactMatch("zip").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("phone", [1, 2]).configure(term_frequency_adjustments=True),
        ],
        blocks=["phone", "site_name", "address", "zip+site_name:4", "address:6"],
        certain=[block_on("phone", "address"), block_on("site_name", "address"), block_on("site_name", "phone")],
        train=[block_on("phone"), block_on("address")],
    )


def people():
    return dict(
        comparisons=[
            cl.NameComparison("given_name"),
            cl.NameComparison("surname"),
            cl.DateOfBirthComparison("dob", input_is_string=True, datetime_format="%Y-%m-%d"),
            cl.DamerauLevenshteinAtThresholds("postcode", [1]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("city", [0.92, 0.88, 0.7]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("street", [0.92, 0.88, 0.7]).configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("phone", [1, 2]),
        ],
        blocks=["phone", "street", "dob+postcode", "surname+dob", "given_name+surname+city"],
        certain=[block_on("phone", "dob"), block_on("given_name", "surname", "dob"), block_on("street", "dob")],
        train=[block_on("phone"), block_on("surname", "dob")],
    )


def rule(text: str):
    keys = [key.split(":") for key in text.split("+")]
    return block_on(*[key[0] if len(key) == 1 else f"substr({key[0]}, 1, {key[1]})" for key in keys])


def main():
    name, path, out, *rules = sys.argv[1:]
    frame = pandas.read_csv(path, dtype=str, skipinitialspace=True, keep_default_na=False)
    frame.columns = [column.strip().lower().replace(" ", "_") for column in frame.columns]
    if name != "people":
        frame = frame.map(lambda value: " ".join(value.lower().split()) or None)
    else:
        frame = frame.replace("", None)
    identity = {"febrl": "rec_id"}.get(name, "id")
    chosen = {"febrl": febrl, "chicago": chicago, "people": people}[name]()
    db = duckdb.connect(config={"threads": 2})
    db.register("frame", frame)
    db.execute("CREATE TABLE records AS SELECT * FROM frame")
    begun = time.monotonic()
    settings = SettingsCreator(
        unique_id_column_name=identity,
        link_type="dedupe_only",
        comparisons=chosen["comparisons"],
        blocking_rules_to_generate_predictions=[rule(text) for text in rules or chosen["blocks"]],
    )
    api = DuckDBAPI(connection=db)
    linker = Linker(api.register("records"), settings)
    linker.training.estimate_probability_two_random_records_match(chosen["certain"], recall=0.9)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=2)
    for block in chosen["train"]:
        linker.training.estimate_parameters_using_expectation_maximisation(block)
    pairs = linker.inference.predict(threshold_match_probability=0.01)
    db.execute(f"COPY (SELECT {identity}_l AS left_id, {identity}_r AS right_id, match_probability AS probability FROM {pairs.physical_name}) TO '{out}' (HEADER)")
    print(f"{time.monotonic() - begun:.1f} s from the table in memory", file=sys.stderr)


main()
