# Two commands: `make demo` shows a city, `make test` proves it.

DATA ?= data
LISTEN ?= 127.0.0.1:8080
SCALE ?= 1

.PHONY: demo build test test-shared bench bench-ingest screens drill

build:
	scripts/need
	cargo build --workspace

demo: build
	target/debug/sanjiang demo --data $(DATA) --listen $(LISTEN) --scale $(SCALE)

test:
	scripts/need
	cargo test --workspace
	cd e2e && npm ci --silent && node --test

# Real city files of other people's making; they lie beside the repository, or where SANJIANG_SHARED says.
test-shared:
	cargo test --workspace shared -- --nocapture

# The first minute, measured: time, memory, latencies.
bench: build bench-ingest
	node bench/demo.mjs $(SCALE)
	scripts/python-tools && .venv/bin/python bench/pollock.py

# Landing a delivery, beside DuckDB and dlt.
bench-ingest: build
	scripts/ingest-peers
	.venv/bin/python bench/ingest.py

# Kills, power cuts, failing system calls, damaged files, bombs; SHORT=1 is the form of the gate.
drill: build
	node drill/main.mjs

# Pictures of every screen, for looking at.
screens: build
	cd e2e && npm ci --silent && SCREENS=$(or $(SCREENS),../screens) SCALE=$(or $(SCALE),0.1) node --test
