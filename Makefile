# `make demo` shows Echolot on the demo corpus, `make test` runs every check.
# Both install what is missing and end on their own.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help

DEMO_DATA := .cache/demo
ECHOLOT := target/release/echolot
WEB := crates/echolot/web
# The profile that the repository's own automation is built in: that of what is
# built anyway, so that nothing is built twice.
PROFILE := dev

help: ## Says what can be made.
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

tools: ## Installs what is missing: a C compiler, Python with pip, cargo-nextest, Node, Chromium.
	@./.ci/tools

runtime: tools ## Fetches ONNX Runtime into .cache/runtime, pinned by hash.
	@cargo run --quiet --locked --profile $(PROFILE) --package xtask -- runtime

web: tools ## Builds the web page, which the program embeds.
	@if ! node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' 2>/dev/null; then
	  echo "WITHOUT THE PAGE: it takes Node.js 20.19 or newer to build it" >&2
	  exit 0
	fi
	cd $(WEB)
	# npm leaves this file behind when it has installed what the lock file says.
	[ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --silent
	npm run --silent build

e2e: web ## Tries the page in Chromium, against the program on the demo corpus.
	@if [ ! -f $(WEB)/dist/index.html ] || ! command -v chromium >/dev/null; then
	  echo "SKIPPED: the page is not tried in a browser; that takes Node.js 20.19 or newer and chromium" >&2
	  exit 0
	fi
	cargo build --locked --package echolot
	PAGE_PROGRAM="$${CARGO_TARGET_DIR:-target}/debug/echolot" npm --prefix $(WEB) run --silent e2e

build: tools web ## Builds the program with its page.
	@# Beside xtask, so that both share what they depend on.
	cargo build --release --locked --package echolot --package xtask

demo: PROFILE := release
demo: build runtime ## Runs the night job on corpora/demo and prints the answers.
	@rm -rf $(DEMO_DATA)
	show() { echo; echo "\$$ echolot $$*" | sed 's#--data [^ ]*#--data $(DEMO_DATA)#'; $(ECHOLOT) "$$@"; }
	show run --data $(DEMO_DATA) --input corpora/demo/*.*
	show themes --data $(DEMO_DATA) --polarity negative --limit 12
	show complaints --data $(DEMO_DATA) --product Vitaloop --release 2.9.0 --limit 10
	show search --data $(DEMO_DATA) "Hotline Warteschleife" --lang de --polarity negative --limit 3
	show kpi --data $(DEMO_DATA) --by channel
	show doctor --data $(DEMO_DATA)
	echo
	echo "The data folder is $(DEMO_DATA). For the page and the API:"
	echo "  $(ECHOLOT) serve --data $(DEMO_DATA)"
	echo "then http://127.0.0.1:8080 for the page, and http://127.0.0.1:8080/openapi.json for the API."

test: tools runtime web ## Runs every check.
	@cargo fmt --all --check
	if [ -f $(WEB)/dist/index.html ]; then npm --prefix $(WEB) run --silent check; fi
	cargo xtask tidy
	cargo xtask openapi --check
	cargo clippy --workspace --all-targets --locked -- --deny warnings
	cargo nextest run --workspace --locked --no-fail-fast
	cargo test --doc --workspace --locked --quiet
	cargo test --benches --package echolot-benches --locked --quiet
	$(MAKE) --no-print-directory e2e

quality: PROFILE := release
quality: runtime ## Measures the model on annotated data (ECHOLOT_DATA_DIR) into docs/quality.
	@cargo run --locked --release --package xtask -- quality

bench: runtime ## Times ingest, inference and queries.
	@cargo bench --package echolot-benches

bench-themes: runtime ## Compares themes with other ways to find them (ECHOLOT_DATA_DIR) into docs/quality.
	@cargo build --release --locked --package echolot-benches --bin themes-bench
	if [ ! -x .cache/themes/python/bin/python ]; then
	  python3.11 -m venv .cache/themes/python
	  .cache/themes/python/bin/pip install --quiet --no-deps -r benches/themes/requirements.txt
	fi
	.cache/themes/python/bin/python benches/themes/compare.py $(PARTS)

clean: ## Removes what was built and fetched.
	@rm -rf target .cache $(WEB)/node_modules $(WEB)/dist/assets $(WEB)/dist/index.html

.PHONY: help tools runtime web e2e build demo test quality bench bench-themes clean
