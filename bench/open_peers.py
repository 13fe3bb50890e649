"""Has the open data of a running demo read by clients that are not ours: OWSLib and GDAL (through pyogrio) by OGC API – Features,
sodapy by SODA, and the feed of changes by a follower of a few lines that verifies each page with `cryptography`.

Run by scripts/open-data-peers.
"""

import json

import requests

from lending import signature
from lending.agree import check

# A page of the feed has no receipt: everybody may read it.
signature.NEEDED.discard('"sanjiang-receipt"')


def owslib(site, rows):
    from owslib.ogcapi.features import Features

    service = Features(f"{site}/ogc/")
    check("OWSLib finds the classes", any("ogcapi-features-1/1.0/conf/core" in one for one in service.conformance()["conformsTo"]))
    check("OWSLib reads the description", service.api()["openapi"].startswith("3.0"))
    check("OWSLib finds the collection", "car_parks" in service.feature_collections(), service.feature_collections())
    collection = service.collection("car_parks")
    check("OWSLib reads it", collection["id"] == "car_parks")
    all_items = service.collection_items("car_parks", limit=1000)
    check("OWSLib reads all features", all_items["numberMatched"] == len(rows) == len(all_items["features"]), all_items["numberMatched"])
    west, east = 121.5, 121.6
    boxed = service.collection_items("car_parks", bbox=[west, 29.8, east, 29.95], limit=1000)
    inside = [row for row in rows if row["longitude"] and west <= float(row["longitude"]) <= east and 29.8 <= float(row["latitude"]) <= 29.95]
    check("a box has what lies in it", boxed["numberMatched"] == len(inside), (boxed["numberMatched"], len(inside)))
    first = all_items["features"][0]
    check("OWSLib reads one feature", service.collection_item("car_parks", str(first["id"]))["properties"] == first["properties"])


def gdal(site, rows):
    import pyogrio

    info = pyogrio.read_info(f"OAPIF:{site}/ogc", layer="car_parks")
    check("GDAL reads the collection as points", info["geometry_type"] in ("Point", "Unknown"), info)
    _, _, geometry, fields = pyogrio.raw.read(f"OAPIF:{site}/ogc", layer="car_parks")
    check("GDAL pages through all features", len(geometry) == len(rows), (len(geometry), len(rows)))
    _, _, boxed, _ = pyogrio.raw.read(f"OAPIF:{site}/ogc", layer="car_parks", bbox=(121.5, 29.8, 121.6, 29.95))
    check("GDAL asks by box", 0 < len(boxed) < len(rows), len(boxed))


def soda(site, rows):
    from sodapy import Socrata

    client = Socrata(site.removeprefix("http://"), None)
    client.uri_prefix = "http://"
    answer = client.get("car_parks", select="district, count(*) as n, sum(spaces) as s", group="district", order="district")
    expected = {}
    for row in rows:
        count, total = expected.get(row["district"], (0, 0))
        expected[row["district"]] = (count + 1, total + int(row["spaces"] or 0))
    check("sodapy groups and sums", {one["district"]: (int(one["n"]), int(one["s"])) for one in answer} == expected, answer)
    every = list(client.get_all("car_parks", limit=7, order=":id"))
    check("sodapy pages through all rows", len(every) == len(rows), len(every))
    large = client.get("car_parks", where="spaces > 300 and lot_name is not null", limit=5000)
    check("sodapy filters", len(large) == sum(1 for row in rows if row["spaces"] and int(row["spaces"]) > 300), len(large))
    try:
        client.get("car_parks", where="no_such > 1")
        check("sodapy is told what is wrong", False)
    except requests.HTTPError as error:
        check("sodapy is told what is wrong", "no_such" in str(error), error)


def verified(site, address, keys):
    """A page of the feed whose digest and signature hold."""
    answer = requests.get(site + address, timeout=30)
    answer.raise_for_status()
    headers = {name.lower(): value for name, value in answer.headers.items()}
    signature.digest(headers, answer.content)
    signature.signature("GET", address, answer.status_code, headers, keys)
    return answer.json()


def feed(site, rows):
    keys = requests.get(f"{site}/api/v1/node", timeout=30).json()["keys"]
    held, address, pages = {}, "/api/v1/open/datasets/car_parks/changes?since=0&limit=20", 0
    while True:
        page = verified(site, address, keys)
        pages += 1
        if page["reset"]:
            held = {}
        for change in page["changes"]:
            if change["change"] == "removed":
                del held[change["row"]]
            else:
                held[change["row"]] = change["values"]
        address = page["next"]
        if not page["more"]:
            break
    order = lambda rows: sorted(json.dumps(row, sort_keys=True) for row in rows)
    check(f"{pages} signed pages lead to the newest rows", order(held.values()) == order(rows))


def look(site, *_):
    rows = []
    while True:
        page = requests.get(f"{site}/api/v1/open/datasets/car_parks/rows", params={"limit": 500, "offset": len(rows)}, timeout=30).json()
        rows += page["rows"]
        if not page["next"]:
            break
    check(f"{len(rows)} car parks", len(rows) > 20)
    for peer in (owslib, gdal, soda, feed):
        try:
            peer(site, rows)
        except Exception as error:  # noqa: BLE001 - whatever a client says is a finding
            check(f"{peer.__name__} runs", False, repr(error))
