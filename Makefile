# Two commands do all set-up on a fresh machine: `make demo` and `make test`.
SHELL := /bin/bash
PYTHON ?= python3.11
WORKERS ?= 2
BIN := .venv/bin
FANZHA := $(BIN)/fanzha
.DEFAULT_GOAL := help

.PHONY: help install install-dev demo up test lint format bench try-data messages lock clean

help:
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: .venv/.installed build/vendor/.made-from fanzha/wiring/locale/zh_Hans/LC_MESSAGES/django.mo ## install what the product needs
install-dev: install .venv/.installed-dev ## install what the checks need too

demo: install ## play one day's story, then leave the site running (Ctrl-C ends it)
	$(FANZHA) demo

up: install ## start database, site, worker and gateway
	$(FANZHA) up

test: install-dev ## run all tests
	@.ci/need chromium fonts-noto-cjk openjdk-17-jre-headless
	$(BIN)/pytest -q -n $(WORKERS) --dist worksteal

lint: install-dev ## run every check that is not a test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy fanzha tests bench
	$(BIN)/python -m fanzha.wiring.catalogs --check

format: install-dev ## format the code
	$(BIN)/ruff check --fix-only -q .
	$(BIN)/ruff format -q .

bench: install .venv-bench/.installed ## run every small benchmark into bench/RESULTS.md
	.venv-bench/bin/python -m bench.run --out bench/RESULTS.md

try-data: install ## trace an AMLworld-format folder: make try-data DATA=dir
	$(FANZHA) try-data $(DATA)

lock: install-dev ## lock versions again
	for f in requirements requirements-dev requirements-bench; do \
	  $(BIN)/uv pip compile -q --upgrade --generate-hashes --no-emit-index-url --no-header \
	    --python-version 3.11 $$f.in -o $$f.txt; done

clean: ## remove everything that was installed or built
	rm -rf .venv .venv-bench build node_modules fanzha/wiring/locale/zh_Hans

.venv/bin/python:
	@.ci/need python3-venv
	$(PYTHON) -m venv .venv

.venv/.installed: requirements.txt pyproject.toml | .venv/bin/python
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.txt
	@touch $@

# The peers of the benchmarks, one of them under the GPL, stay out of the product's environment.
.venv-bench/.installed: requirements.txt requirements-bench.txt .venv/.installed
	$(PYTHON) -m venv --clear .venv-bench
	.venv-bench/bin/pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements.txt
	.venv-bench/bin/pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements-bench.txt
	.venv-bench/bin/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

build/vendor/.made-from: package-lock.json .venv/.installed
	$(BIN)/python -m fanzha.wiring.assets
	@touch $@

fanzha/wiring/locale/zh_Hans/LC_MESSAGES/django.mo: $(wildcard fanzha/wiring/locale/zh/*.yaml) .venv/.installed
	$(BIN)/python -m fanzha.wiring.catalogs
