"""Harvests a site as a CKAN does: CKANHarvester's own gather and fetch stages, over CKAN's own tables of harvests, in SQLite in memory.

What it gathers and fetches is printed as JSON: everything; what changed since the last harvest without errors; what an organization has.
Only the import into a CKAN's own database is left out. It runs in .venv/harvest, by bench/ckan_peer.py: SITE, ORGANIZATION, GROUP, SINCE.
"""

import datetime
import json
import sys

import sqlalchemy
from ckan import model
from ckanext.harvest.harvesters.ckanharvester import CKANHarvester
from ckanext.harvest.model import HarvestGatherError, HarvestJob, HarvestObject, HarvestObjectError, HarvestObjectExtra, HarvestSource

TABLES = (HarvestSource, HarvestJob, HarvestObject, HarvestObjectExtra, HarvestGatherError, HarvestObjectError)


def database():
    engine = sqlalchemy.create_engine("sqlite://", poolclass=sqlalchemy.pool.StaticPool)
    for table in TABLES:
        table.__table__.create(engine)
    model.Session.configure(bind=engine)


def harvest(source):
    """One job, as CKAN's queue does it: gather, then fetch each object; what it brought."""
    harvester = CKANHarvester()
    job = HarvestJob(source=source, status="Running", gather_started=datetime.datetime.utcnow())
    job.save()
    ids = harvester.gather_stage(job)
    job.gather_finished = datetime.datetime.utcnow()
    objects = [HarvestObject.get(one) for one in ids or []]
    fetched = [json.loads(one.content) for one in objects if harvester.fetch_stage(one) is True]
    # What the import would say of each: the harvester takes a job whose objects are not current for one that failed.
    for one in objects:
        one.state, one.report_status, one.current = "COMPLETE", "added", True
    job.status, job.finished = "Finished", datetime.datetime.utcnow()
    job.save()
    return job, {"packages": fetched, "errors": [error.message for error in HarvestGatherError.filter(harvest_job_id=job.id)]}


def source_of(site, title, **config):
    source = HarvestSource(url=site, title=title, type="ckan", config=json.dumps(config))
    source.save()
    return source


def main(site, organization, group, since):
    database()
    everything = source_of(site, "everything")
    first, whole = harvest(everything)
    # The next harvest asks for what changed since this one, less an hour; so that there is something, it was long ago.
    first.gather_started = datetime.datetime.fromisoformat(since) + datetime.timedelta(hours=1)
    first.save()
    _, changed = harvest(everything)
    _, theirs = harvest(source_of(site, "of one organization", organizations_filter_include=[organization, "nobody"]))
    _, others = harvest(source_of(site, "of others", organizations_filter_exclude=[organization]))
    _, themed = harvest(source_of(site, "of a theme", groups_filter_include=[group]))
    asked = CKANHarvester()
    asked._set_config(None)
    remote = {"organization": asked._get_organization(site, organization)["name"], "group": asked._get_group(site, {"id": group})["name"]}
    json.dump({"whole": whole, "changed": changed, "theirs": theirs, "others": others, "themed": themed, "remote": remote}, sys.stdout)


main(*sys.argv[1:])
