"""Uses the CKAN API of a running demo by clients that are not ours: ckanapi, frictionless, and CKAN's own harvester.

Packages are registered, dumped, wiped, loaded and dumped again: the two dumps must be equal, line by line; those of three Japanese
cities where they lie beside the repository (SANJIANG_SHARED), made up ones always. Each of CKAN's kinds of errors must be raised as
the exception that ckanapi has for it. Run by scripts/ckan-peer.
"""

import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import urllib.request

import ckanapi

from lending.demo import demo

HERE = pathlib.Path(__file__).resolve().parent
PASSWORD = "one of many rivers"
failed = []


def check(what, agreed, told=""):
    print(("agreed " if agreed else "WRONG  ") + what + ("" if agreed else f": {told}"), flush=True)
    if not agreed:
        failed.append(what)


def token(site):
    body = json.dumps({"name": "librarian", "password": PASSWORD}).encode()
    request = urllib.request.Request(f"{site}/api/v1/session", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.headers["Set-Cookie"].split(";")[0].partition("=")[2]


def made_up():
    """Packages with what others stumble over: many resources, no resources, extras, other scripts, long texts."""
    for n in range(12):
        yield {
            "id": f"00000000-0000-4000-8000-{n:012}", "name": f"made-up-{n}", "title": f"虚构数据集 {n} – “測試”", "notes": "长文。" * (n * 50), "owner_org": "made-up-office",
            "metadata_created": "2024-01-02T03:04:05.000006", "metadata_modified": f"2025-0{n % 9 + 1}-01T00:00:00.000000", "license_id": "CC-BY-4.0",
            "tags": [{"name": f"标签 {n % 3}"}], "groups": [{"name": "made-up-theme"}], "extras": [{"key": "spatial", "value": '{"type": "Point"}'}],
            "resources": [{"url": f"https://example.org/{n}/{at}.csv", "name": f"文件 {at}", "format": "CSV"} for at in range(n % 4 * 40)],
        }


def tokyo():
    shared = pathlib.Path(os.environ.get("SANJIANG_SHARED", HERE.parent.parent / "shared"))
    path = shared / "data/city/catalog/tokyo_ckan_3orgs.tar.gz"
    if not path.exists():
        print("SKIP SKIP SKIP ckan-peer: the packages of three Japanese cities are not there, and were NOT loaded", file=sys.stderr)
        return
    with tarfile.open(path) as tar:
        for member in tar:
            if member.isfile() and member.name.endswith(".json"):
                told = json.load(tar.extractfile(member))
                package = told.get("result", told) if isinstance(told, dict) else {}
                if isinstance(package, dict) and package.get("name") and package.get("type", "dataset") == "dataset":
                    yield package


def run(*command):
    path = f"{HERE.parent}/.venv/bin:{os.environ['PATH']}"
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, env={**os.environ, "PATH": path})
    if done.returncode:
        check(" ".join(str(part) for part in command[:4]), False, done.stdout[-1500:] + done.stderr[-1500:])
    return done


def lines(path):
    return sorted(pathlib.Path(path).read_text().splitlines())


def dump_and_load(site, key, work, kind, ids):
    if not ids:
        return
    tool, remote = HERE.parent / ".venv/bin/ckanapi", ["-r", site, "-a", key]
    first, second = work / f"{kind}.1.jsonl", work / f"{kind}.2.jsonl"
    run(tool, "dump", kind, *ids, "-O", first, *remote)
    run(tool, "delete", kind, *ids, *remote)
    left = [one for one in ids if exists(site, kind, one)]
    check(f"{len(ids)} {kind} are wiped", not left, left[:3])
    run(tool, "load", kind, "-I", first, *remote)
    run(tool, "dump", kind, *ids, "-O", second, *remote)
    before, after = lines(first), lines(second)
    differ = [(one[:300], other[:300]) for one, other in zip(before, after) if one != other]
    check(f"{len(ids)} {kind}: dump, wipe, load, dump are equal ({sum(map(len, before)):,} letters)", before == after and len(before) == len(ids), differ[:2])


def exists(site, kind, one):
    try:
        show = {"datasets": "package_show", "organizations": "organization_show", "groups": "group_show"}[kind]
        ckanapi.RemoteCKAN(site).call_action(show, {"id": one})
        return True
    except ckanapi.NotFound:
        return False


def raises(kind, what, act):
    try:
        told = act()
    except kind:
        return check(f"{what} raises {kind.__name__}", True)
    except Exception as error:  # noqa: BLE001
        return check(f"{what} raises {kind.__name__}", False, f"{type(error).__name__}: {str(error)[:300]}")
    check(f"{what} raises {kind.__name__}", False, str(told)[:200])


def errors(stranger, steward):
    raises(ckanapi.NotFound, "a package that is not there", lambda: stranger.action.package_show(id="no-such-package"))
    raises(ckanapi.NotAuthorized, "a stranger who writes", lambda: stranger.action.package_create(name="mine"))
    raises(ckanapi.NotAuthorized, "a declared dataset that is deleted", lambda: steward.action.package_delete(id=stranger.action.package_list()[0]))
    raises(ckanapi.ValidationError, "a package without a name", lambda: steward.action.package_create(title="x"))
    raises(ckanapi.ValidationError, "an organization that is not there", lambda: steward.action.package_create(name="orphan", owner_org="nobody"))
    raises(ckanapi.ValidationError, "a query that is none", lambda: stranger.action.datastore_search_sql(sql="DELETE FROM x"))
    raises(ckanapi.SearchError, "a filter with an open bracket", lambda: stranger.action.package_search(fq="name:(a"))
    raises(ckanapi.SearchQueryError, "an order that is none", lambda: stranger.action.package_search(sort="name; drop"))
    raises(ckanapi.CKANAPIError, "an action that is not there", lambda: stranger.action.no_such_action())


def reading(site, stranger):
    every, start = [], 0
    while page := stranger.action.package_search(rows=1000, start=start, sort="id asc")["results"]:
        every += page
        start += len(page)
    check(f"{len(every)} packages are found page after page", sorted(one["name"] for one in every) == sorted(stranger.action.package_list()))
    told = stranger.action.package_search(q="停车", **{"facet.field": '["organization", "tags", "res_format"]'})
    check("search by a Chinese word, with facets", told["count"] > 0 and told["facets"]["organization"], told["count"])
    for garbage in ["(((", "a:b:c", '"', "[* TO", "\\", "NOT", "*" * 500, "é" * 300, "q" * 9_000]:
        try:
            stranger.action.package_search(q=garbage)
        except ckanapi.CKANAPIError as error:
            check(f"q={garbage[:20]!r} has an answer", "500" not in str(error)[:20], str(error)[:200])
    own = next(one for one in every if any(resource["datastore_active"] for resource in one["resources"] if "datastore_active" in resource))
    resource = next(one["id"] for one in own["resources"] if one.get("datastore_active"))
    rows = stranger.action.datastore_search(resource_id=resource, limit=5)
    check(f"rows of {resource}", len(rows["records"]) == 5 and rows["total"] > 5 and len(rows["fields"]) == len(rows["records"][0]), str(rows)[:300])
    field = rows["fields"][0]["id"]
    value = rows["records"][0][field]
    again = stranger.action.datastore_search(resource_id=resource, filters={field: value}, sort=f"{field} desc", fields=[field], records_format="lists")
    check("rows by a filter", again["total"] >= 1 and again["records"][0] == [value], str(again)[:300])
    counted = stranger.action.datastore_search_sql(sql=f'SELECT count(*) AS n FROM "{resource}"')["records"]
    check("rows by SQL", int(counted[0]["n"]) == rows["total"], str(counted))
    raises(ckanapi.ValidationError, "a column that is not there", lambda: stranger.action.datastore_search(resource_id=resource, filters={"nope": 1}))
    check("an offset past the end", stranger.action.datastore_search(resource_id=resource, offset=10_000_000)["records"] == [])
    with urllib.request.urlopen(f"{site}/datastore/dump/{resource}", timeout=120) as answer:
        check("the dump of a table", answer.status == 200 and len(answer.read()) > 200)
    check("status", stranger.action.status_show()["ckan_version"].startswith("2."))
    check("licences", any(one["id"] == "CC-BY-4.0" for one in stranger.action.license_list()))


def frictionless(site, names):
    if not importlib.util.find_spec("frictionless"):
        return
    from frictionless.portals import CkanControl
    from frictionless import Package

    for name in names[:2]:
        package = Package(control=CkanControl(baseurl=site, dataset=name))
        check(f"frictionless reads {name}: {len(package.resources)} resources", len(package.resources) > 0)


def harvester(site):
    """CKAN's own harvester asks as it does in its gather stage: everything, then what changed since."""
    python = HERE.parent / ".venv/harvest/bin/python"
    program = """
import json, sys
from unittest import mock
from ckanext.harvest.harvesters.ckanharvester import CKANHarvester
site, since = sys.argv[1:]
one = CKANHarvester()
one._set_config(json.dumps({'api_version': 1}))
whole = one._search_for_datasets(site)
changed = one._search_for_datasets(site, [f'metadata_modified:[{since}Z TO *]'])
theirs = one._search_for_datasets(site, ['organization:made-up-office OR organization:nobody'])
print(json.dumps([[d['id'] for d in part] for part in (whole, changed, theirs)]))
"""
    if not python.exists():
        return None
    done = subprocess.run([python, "-c", program, site, "2025-05-01T00:00:00"], capture_output=True, text=True)
    if done.returncode:
        check("CKAN's harvester runs", False, done.stderr[-1500:])
        return None
    return json.loads(done.stdout.strip().splitlines()[-1])


def look(site, work):
    key = token(site)
    stranger, steward = ckanapi.RemoteCKAN(site), ckanapi.RemoteCKAN(site, apikey=key)
    reading(site, stranger)
    errors(stranger, steward)
    steward.action.organization_create(id="00000000-0000-4000-9000-000000000001", name="made-up-office", title="虚构局", description="为检验而设")
    steward.action.group_create(name="made-up-theme", title="虚构主题")
    packages, organizations = list(made_up()), {"made-up-office"}
    for package in tokyo():
        organization = package.get("organization")
        if organization and organization["name"] not in organizations:
            organizations.add(organization["name"])
            steward.action.organization_create(**organization)
        # They come from more than one site, and two of them have one name; a CKAN has each name once.
        if all(package["name"] != other["name"] for other in packages):
            packages.append(package)
    for package in packages:
        steward.action.package_create(**package)
    ids = [package["id"] for package in packages]
    check(f"{len(ids)} packages are registered", all(exists(site, "datasets", one) for one in ids[:20]))
    dump_and_load(site, key, work, "datasets", ids)
    dump_and_load(site, key, work, "groups", ["made-up-theme"])
    changed = steward.action.package_patch(id=ids[0], title="改过的题目")
    check("a patch", changed["title"] == "改过的题目" and stranger.action.package_show(id=ids[0])["title"] == "改过的题目")
    added = steward.action.resource_create(package_id=ids[0], url="https://example.org/new.csv", name="新文件")
    check("a resource that is added", stranger.action.resource_show(id=added["id"])["package_id"] == ids[0])
    steward.action.resource_delete(id=added["id"])
    raises(ckanapi.NotFound, "a resource that is removed", lambda: stranger.action.resource_show(id=added["id"]))
    with urllib.request.urlopen(f"{site}/open/datasets/{ids[0]}", timeout=60) as answer:
        check("a registered package has a page", "改过的题目" in answer.read().decode())
    before = harvester(site)
    if before:
        whole, since, theirs = before
        check(f"CKAN's harvester gathers {len(whole)} packages, {len(since)} of them changed", len(whole) == len(set(whole)) == len(stranger.action.package_list()) and 0 < len(since) < len(whole))
        check("and those of an organization", sorted(theirs) == sorted(one["id"] for one in made_up()), theirs[:3])
        steward.action.package_delete(id=ids[1])
        after = harvester(site)
        check("one that is deleted is not gathered again", set(whole) - set(after[0]) == {ids[1]}, set(whole) ^ set(after[0]))
    frictionless(site, [one["name"] for one in made_up() if one["resources"]])


def main():
    with demo(str(pathlib.Path(sys.argv[1]).resolve()), 6) as (site, data), tempfile.TemporaryDirectory() as work:
        subprocess.run([sys.argv[1], "account", "add", "librarian", "--role", "steward", "--data", data], input=PASSWORD, text=True, check=True, stdout=subprocess.DEVNULL)
        look(site, pathlib.Path(work))
    print("all agreed" if not failed else f"{len(failed)} wrong")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
