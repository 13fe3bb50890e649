# Two commands: `make demo` shows a city, `make test` proves it.

DATA ?= data
LISTEN ?= 127.0.0.1:8080
SCALE ?= 1

.PHONY: demo build test test-shared

build:
	scripts/need
	cargo build --workspace

demo: build
	target/debug/sanjiang demo --data $(DATA) --listen $(LISTEN) --scale $(SCALE)

test:
	scripts/need
	cargo test --workspace

# Real city files of other people's making; they lie beside the repository, or where SANJIANG_SHARED says.
test-shared:
	cargo test --workspace shared -- --nocapture
