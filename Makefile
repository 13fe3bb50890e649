# Two commands: `make demo` shows a city, `make test` proves it.

DATA ?= data
LISTEN ?= 127.0.0.1:8080
SCALE ?= 1

.PHONY: demo build test test-shared bench bench-sql screens

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
bench: build
	node bench/demo.mjs $(SCALE)

# SQL over the lake against DuckDB on the same files. Needs PyPI duckdb, tpchgen-cli, pyarrow and numpy in PYTHON's reach.
PYTHON ?= python3
bench-sql:
	cargo build --release --workspace --example bench
	$(PYTHON) bench/sql.py --tpch $(or $(TPCH),1) --hits $(or $(HITS),0)

# Pictures of every screen, for looking at.
screens: build
	cd e2e && npm ci --silent && SCREENS=$(or $(SCREENS),../screens) SCALE=$(or $(SCALE),0.1) node --test
