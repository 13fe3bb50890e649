"""Uses the CKAN API of a running demo by clients that are not ours: ckanapi, frictionless, and CKAN's own harvester.

Packages are registered, dumped, wiped, loaded and dumped again: the two dumps must be equal, line by line; those of three Japanese
cities where they lie beside the repository (SANJIANG_SHARED), made up ones always. Each of CKAN's kinds of errors must be raised as
the exception that ckanapi has for it. Run by scripts/open-data-peers.
"""

import importlib.util
import json
import os
import pathlib
import subprocess
import tarfile
import tempfile
import time
import urllib.request

import ckanapi

from lending.agree import check, skip

HERE = pathlib.Path(__file__).resolve().parent
PASSWORD = "one of many rivers"
THEIRS = "00000000-0000-4000-9000-000000000001"


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
        return skip(f"there is no {path.name} beside the repository; the packages of three Japanese cities were NOT loaded")
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
    left = [one for one in ids if one in listed(site, kind)]
    check(f"{len(ids)} {kind} are wiped", not left, left[:3])
    run(tool, "load", kind, "-I", first, *remote)
    run(tool, "dump", kind, *ids, "-O", second, *remote)
    before, after = lines(first), lines(second)
    differ = [(one[:300], other[:300]) for one, other in zip(before, after) if one != other]
    check(f"{len(ids)} {kind}: dump, wipe, load, dump are equal ({sum(map(len, before)):,} letters)", before == after and len(before) == len(ids), differ[:2])


def listed(site, kind):
    """Ids and names of all that there are."""
    stranger = ckanapi.RemoteCKAN(site)
    if kind == "groups":
        every = stranger.action.group_list(all_fields=True)
    else:
        every = stranger.action.package_search(rows=1000)["results"]
    return {word for one in every for word in (one["id"], one["name"])}


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
        return skip("frictionless is not installed; it read NOTHING")
    from frictionless.portals import CkanControl
    from frictionless import Package

    for name in names[:2]:
        package = Package(control=CkanControl(baseurl=site, dataset=name))
        check(f"frictionless reads {name}: {len(package.resources)} resources", len(package.resources) > 0)


def harvest(site):
    """What CKAN's own harvester gathers and fetches, by bench/harvest_peer.py; None where it is not installed."""
    python = HERE.parent / ".venv/harvest/bin/python"
    if not python.exists() or subprocess.run([python, "-c", "import ckan.model, ckanext.harvest.model"], capture_output=True).returncode:
        return skip("CKAN's own harvester is not installed; it gathered NOTHING")
    done = subprocess.run([python, HERE / "harvest_peer.py", site, "made-up-office", "made-up-theme", "2025-05-01T00:00:00"], capture_output=True, text=True, timeout=300)
    if done.returncode:
        return check("CKAN's harvester runs", False, done.stderr[-1500:])
    return json.loads(done.stdout)


def ids(packages):
    return sorted(one["id"] for one in packages)


def harvests(site, steward):
    told = harvest(site)
    if not told:
        return
    whole = told["whole"]["packages"]
    shown = steward.action.package_search(rows=1000)["results"]
    check("CKAN's harvester meets no error", not any(told[part]["errors"] for part in ("whole", "changed", "theirs", "others", "themed")), str(told)[:500])
    check(f"CKAN's harvester gathers and fetches {len(whole)} packages", sorted(map(alike, whole)) == sorted(map(alike, shown)) and len(whole) == len(set(ids(whole))), (len(whole), len(shown)))
    changed = [one for one in shown if one["metadata_modified"] >= "2025-05-01"]
    check(f"and what changed since its last harvest: {len(changed)}", ids(told["changed"]["packages"]) == ids(changed) and 0 < len(changed) < len(whole), len(told["changed"]["packages"]))
    theirs = ids(made_up())
    check("and those of an organization", ids(told["theirs"]["packages"]) == theirs, len(told["theirs"]["packages"]))
    check("and those of all others", ids(told["others"]["packages"]) == sorted(set(ids(whole)) - set(theirs)), len(told["others"]["packages"]))
    check("and those of a group", ids(told["themed"]["packages"]) == theirs, len(told["themed"]["packages"]))
    check("and asks for an organization and a group", told["remote"] == {"organization": "made-up-office", "group": "made-up-theme"}, told["remote"])
    steward.action.package_delete(id=theirs[1])
    after = harvest(site)
    check("one that is deleted is not gathered again", bool(after) and set(ids(whole)) - set(ids(after["whole"]["packages"])) == {theirs[1]})


def alike(package):
    return json.dumps(package, sort_keys=True, ensure_ascii=False)


def register(steward, packages):
    began = time.monotonic()
    for package in packages:
        steward.action.package_create(**package)
    print(f"       a package takes {(time.monotonic() - began) / len(packages) * 1000:.0f} ms to register", flush=True)


def look(site, binary, data):
    subprocess.run([binary, "account", "add", "librarian", "--role", "steward", "--data", data], input=PASSWORD, text=True, check=True, stdout=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory() as work:
        use(site, token(site), pathlib.Path(work))


def use(site, key, work):
    stranger, steward = ckanapi.RemoteCKAN(site), ckanapi.RemoteCKAN(site, apikey=key)
    reading(site, stranger)
    errors(stranger, steward)
    steward.action.organization_create(id=THEIRS, name="made-up-office", title="虚构局", description="为检验而设")
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
    register(steward, packages)
    own = [package["id"] for package in packages]
    check(f"{len(own)} packages are registered", set(own) <= listed(site, "datasets"))
    dump_and_load(site, key, work, "datasets", own)
    dump_and_load(site, key, work, "groups", ["made-up-theme"])
    changed = steward.action.package_patch(id=own[0], title="改过的题目")
    check("a patch", changed["title"] == "改过的题目" and stranger.action.package_show(id=own[0])["title"] == "改过的题目")
    added = steward.action.resource_create(package_id=own[0], url="https://example.org/new.csv", name="新文件")
    check("a resource that is added", stranger.action.resource_show(id=added["id"])["package_id"] == own[0])
    steward.action.resource_delete(id=added["id"])
    raises(ckanapi.NotFound, "a resource that is removed", lambda: stranger.action.resource_show(id=added["id"]))
    with urllib.request.urlopen(f"{site}/open/datasets/{own[0]}", timeout=60) as answer:
        check("a registered package has a page", "改过的题目" in answer.read().decode())
    # The harvests end by deleting a package: frictionless reads before.
    frictionless(site, [one["name"] for one in made_up() if one["resources"]])
    harvests(site, steward)
