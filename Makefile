# Two commands: `make demo` shows a city, `make test` proves it.

DATA ?= data
LISTEN ?= 127.0.0.1:8080
SCALE ?= 1

.PHONY: demo build test bench bench-gateway bench-grade bench-ingest bench-link bench-log bench-quality bench-register bench-risk bench-sql drill fuzz oidc-peer ckan-peer dcat-peer open-peers lighthouse bench-open screens test-shared

build:
	scripts/need
	cargo build --workspace

demo: build
	target/debug/sanjiang demo --data $(DATA) --listen $(LISTEN) --scale $(SCALE)

test:
	scripts/need
	cargo test --workspace --lib --bins --tests
	cd e2e && npm ci --silent && node --test

# Real city files of other people's making; they lie beside the repository, or where SANJIANG_SHARED says.
test-shared:
	cargo test --workspace shared -- --nocapture

# The first minute, measured: time, memory, latencies.
bench: build bench-ingest bench-grade
	node bench/demo.mjs $(SCALE)
	scripts/python-tools && .venv/bin/python bench/pollock.py

# Rows by key under a grant, signed and logged, beside roapi and Datasette unsigned (ROWS, PEERS=roapi,datasette,datasette-row,roapi-kv;
# SANJIANG: another binary than that of the build for development).
bench-gateway: build
	scripts/gateway-peers
	.venv/bin/python bench/gateway.py --rows $(or $(ROWS),1000000) $(if $(PEERS),--peers $(PEERS)) $(if $(SANJIANG),--sanjiang $(SANJIANG))

# Landing a delivery, beside DuckDB and dlt.
bench-ingest: build
	scripts/ingest-peers
	.venv/bin/python bench/ingest.py

# Open data by key and by page, beside Datasette and roapi (ROWS, PEERS, SANJIANG: another binary).
bench-open: build
	scripts/gateway-peers
	.venv/bin/python bench/open.py --rows $(or $(ROWS),1000000) $(if $(PEERS),--peers $(PEERS)) $(if $(SANJIANG),--sanjiang $(SANJIANG))

# Detectors of classes and grades: precision and recall on the sample city and on files of others.
bench-grade: build
	cargo build --workspace --example grade
	python3 bench/grade.py

# Record linkage beside Splink: pairs found, time, memory (SANJIANG_SHARED names the folder of the sets with truth).
bench-link: build
	scripts/link-peers
	.venv/bin/python bench/link.py --command target/debug/sanjiang\ link

# The log of acts: durable leaves, verified leaves and signatures a second; then a log of ours before verifiers of others.
bench-log:
	cargo build --workspace --example log_speed
	target/debug/examples/log_speed
	scripts/tlog-peer

# The CKAN API before clients of others: ckanapi, frictionless, CKAN's own harvester.
ckan-peer: build
	scripts/open-data-peers ckan

# Our catalogue before a reader of RDF and a judge of DCAT-AP that are not ours.
dcat-peer: build
	scripts/open-data-peers dcat

# Open data before clients of others: OWSLib, GDAL, sodapy, and a follower of the signed feed.
open-peers: build
	scripts/open-data-peers open

# The portal's pages before Lighthouse and axe, and how soon the first byte comes (SITE: a running site; ONLY: some addresses).
lighthouse: build
	scripts/lighthouse

# Our identity provider before a client of others.
oidc-peer: build
	scripts/oidc-peer

# Registers: how long a million records and one more take, and entities against the sample city's truth (DATA: of a demo).
bench-register: build
	cargo build --workspace --example speed
	mkdir -p target/tmp && target/debug/examples/speed 500000 target/tmp
	python3 bench/register.py $(DATA) --link target/debug/sanjiang
	python3 bench/register.py $(DATA) --link target/debug/sanjiang --register companies

# Risk before opening: thirteen million rows (ROWS), then k, l and t beside pycanon.
bench-risk: build
	python3 bench/risk.py $(if $(ROWS),--rows $(ROWS))
	scripts/risk-peer

# Fifty quality rules beside the same questions by hand in DuckDB, and in Soda and Great Expectations where scripts/quality-peers
# has put them (ROWS, PEERS=soda,soda-own,ge,ge-columns,ge-pandas).
bench-quality: build
	scripts/sql-peers
	.venv/bin/python bench/quality.py --rows $(or $(ROWS),10000000) $(if $(PEERS),--peers $(PEERS))

# SQL over the lake beside DuckDB on the same files: TPCH="1 10" sets the scales, HITS=10000000 adds the wide table.
bench-sql:
	scripts/sql-peers
	cargo build --workspace --example bench
	.venv/bin/python bench/sql.py --tpch $(or $(TPCH),1) --hits $(or $(HITS),0)

# Pictures of every screen, for looking at.
screens: build
	cd e2e && npm ci --silent && SCREENS=$(or $(SCREENS),../screens) SCALE=$(or $(SCALE),0.1) node --test

# Kills, power cuts, failing system calls, damaged files, bombs; SHORT=1 is the short form.
drill: build
	node drill/main.mjs

# Hostile bytes for whatever reads what others wrote: so many seconds for each target (SECONDS_EACH=600: a long run).
fuzz:
	scripts/fuzz $(or $(SECONDS_EACH),60)
