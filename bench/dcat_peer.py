"""Reads the catalogue of a running demo in three forms with rdflib, which must be one graph, and has pyshacl judge it by shapes.

The official shapes of DCAT-AP 3 are fetched from where SEMIC publishes them; where they cannot be, that is said loudly and only our
own shapes (bench/dcat_shapes.ttl, written from the specification) judge. Run by scripts/open-data-peers.
"""

import json
import os
import pathlib
import re
import urllib.error
import urllib.request

import pyshacl
from rdflib import DCTERMS, Graph, Namespace, RDF, URIRef
from rdflib.compare import graph_diff, to_isomorphic

from lending.agree import check, skip

OFFICIAL = [
    f"https://{place}/releases/{release}/shacl/dcat-ap-SHACL.ttl"
    for release in ("3.0.0",)
    for place in ("semiceu.github.io/DCAT-AP", "raw.githubusercontent.com/SEMICeu/DCAT-AP/master")
]
FORMS = {"ttl": "turtle", "rdf": "xml", "jsonld": "json-ld"}
DCAT = Namespace("http://www.w3.org/ns/dcat#")
SH = Namespace("http://www.w3.org/ns/shacl#")
HERE = pathlib.Path(__file__).parent

def get(url, **headers):
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


def read(url, form, **headers):
    status, told, body = get(url, **headers)
    if status != 200:
        raise RuntimeError(f"{url}: HTTP {status}")
    return Graph().parse(data=body, format=form, publicID=url), told, body


def same(name, graphs):
    first, *others = [to_isomorphic(graph) for graph in graphs]
    for other in others:
        equal = first == other
        check(f"{name}: {len(first)} triples are the same in another form", equal)
        if not equal:
            _, ours, theirs = graph_diff(first, other)
            print(ours.serialize(format="nt")[:2000], "---", theirs.serialize(format="nt")[:2000])


def official():
    """The text of the official shapes and where it came from; None where they cannot be had."""
    given = os.environ.get("DCAT_AP_SHAPES")
    if given:
        return pathlib.Path(given).read_text(), given
    for url in OFFICIAL:
        try:
            with urllib.request.urlopen(url, timeout=20) as answer:
                return answer.read().decode(), url
        except OSError:
            continue
    return None


def of_series(shapes):
    """Without the mistake of release 3.0.0: it aims the shape of datasets in a series at every dataset, so that no catalogue without
    series conforms. Release 3.0.1 has that shape no more."""
    for shape in set(shapes.subjects(SH.targetClass, DCAT.Dataset)):
        if "DatasetInSeries" in str(shape):
            shapes.remove((shape, SH.targetClass, None))
            shapes.add((shape, SH.targetSubjectsOf, DCAT.inSeries))
    return shapes


def validate(graph, shapes, inference):
    # What the shapes import are vocabularies; what is judged tells the classes that it needs itself.
    return pyshacl.validate(graph, shacl_graph=shapes, do_owl_imports=False, advanced=True, allow_warnings=True, allow_infos=True, inference=inference)


def judge(name, catalogue, shapes, inference="none"):
    conforms, report, _ = validate(catalogue, shapes, inference)
    results = list(report.subjects(RDF.type, SH.ValidationResult))
    wrong = [one for one in results if report.value(one, SH.resultSeverity) == SH.Violation]
    print(f"       {name}: {len(wrong)} violations, {len(results) - len(wrong)} warnings")
    for one in results[:20]:
        told = [report.value(one, word) for word in (SH.resultSeverity, SH.focusNode, SH.resultPath, SH.value, SH.resultMessage)]
        print("      ", " | ".join(str(word)[:120] for word in told if word is not None))
    check(f"{name}: no violation", conforms and not wrong)
    # Shapes that find nothing in anything would prove nothing.
    broken = Graph() + catalogue
    broken.remove((min(catalogue.objects(None, DCAT.dataset)), DCTERMS.title, None))
    check(f"{name}: a dataset without a title would be found", not validate(broken, shapes, inference)[0])
    return len(results) - len(wrong)


def look(site, *_):
    graphs, tags = [], []
    for ending, form in FORMS.items():
        graph, told, _ = read(f"{site}/catalog.{ending}", form)
        graphs.append(graph)
        tags.append(told.get("ETag") or told.get("etag"))
    same("the catalogue", graphs)
    catalogue = graphs[0]
    datasets = sorted(set(catalogue.objects(None, DCAT.dataset)))
    check(f"{len(datasets)} datasets are named and told of", bool(datasets) and all((one, RDF.type, DCAT.Dataset) in catalogue for one in datasets))
    for one in datasets[:3]:
        same(str(one), [read(f"{one}.{ending}", form)[0] for ending, form in FORMS.items()])
        by_name, told, _ = read(str(one), "turtle", Accept="text/turtle")
        check(f"{one} is told of at its own address", (URIRef(one), RDF.type, DCAT.Dataset) in by_name)
    check("the portal answers with RDF who asks for it", len(read(f"{site}/open", "xml", Accept="application/rdf+xml")[0]) == len(catalogue))
    status, _, body = get(f"{site}/catalog.ttl", **{"If-None-Match": tags[0] or ""})
    check("what is known is not sent again", status == 304 and not body)
    check("a page that is not there is not found", get(f"{site}/catalog.ttl?page=999")[0] == 404)
    check("what is no page is refused", get(f"{site}/catalog.ttl?page=x")[0] in (400, 422))

    html = get(f"{datasets[0]}", Accept="text/html")[2].decode()
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.S)
    told = json.loads(blocks[0]) if blocks else {}
    wants = {"name", "description", "license", "distribution", "creator"}
    check("its page tells schema.org's Dataset", told.get("@type") == "Dataset" and wants <= set(told))
    html = get(f"{site}/open", Accept="text/html")[2].decode()
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.S)
    check("the portal tells schema.org's DataCatalog", bool(blocks) and json.loads(blocks[0]).get("@type") == "DataCatalog")
    addresses = re.findall(r"<loc>(.*?)</loc>", get(f"{site}/sitemap.xml")[2].decode())
    check(f"the sitemap has {len(addresses)} pages, all of which are there", len(addresses) > len(datasets) and all(get(one, Accept="text/html")[0] == 200 for one in addresses[:30]))
    check("robots.txt names the sitemap", "/sitemap.xml" in get(f"{site}/robots.txt")[2].decode())

    found = official()
    if found:
        text, place = found
        # They ask that every address be an rdfs:Resource, which all things are by the rules of RDFS.
        release = re.search(r"DCAT-AP/releases/([0-9.]+)>", text)
        judge(f"DCAT-AP {release.group(1) if release else place}, official shapes", catalogue, of_series(Graph().parse(data=text, format="turtle")), "rdfs")
    else:
        skip("the OFFICIAL shapes of DCAT-AP 3 could not be fetched (set DCAT_AP_SHAPES to a file); the catalogue is judged by OUR OWN reading of the specification only")
    warned = judge("DCAT-AP 3, our shapes", catalogue, Graph().parse(HERE / "dcat_shapes.ttl"))
    check("nothing recommended is missing, either", warned == 0)
