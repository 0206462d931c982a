# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
# make reproduce   set up, and run the reference study
# make test        set up, and run every check and test
# make benchmark   set up, and measure speed against what one would use instead
# make docs        write the reference anew from the code, and build the site into site/

VENV ?= .venv
PYTHON ?= python3
CORES ?= all
# Options for pip's installation of torch, such as the address of the builds for the CPU:
# make reproduce TORCH_OPTIONS="--index-url https://download.pytorch.org/whl/cpu"
TORCH_OPTIONS ?=

BIN := $(abspath $(VENV))/bin
INSTALLED := $(VENV)/installed
# The judges of bundles (cffconvert, rocrate-validator), which want other versions than railcrate.
JUDGES ?= .judges
JUDGING := $(JUDGES)/installed
TORCH := $(shell grep '^torch==' constraints.txt)

.PHONY: reproduce test lint unit benchmark docs

reproduce: $(INSTALLED)
	PATH="$(BIN):$$PATH" snakemake --cores $(CORES)
	@echo "The report: results/report.html"

test: lint unit

lint: $(INSTALLED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	MYPYPATH=src:docs/tools $(BIN)/mypy --strict docs/tools
	$(BIN)/lint-imports
	$(BIN)/snakefmt --check workflow Snakefile
	PATH="$(BIN):$$PATH" $(BIN)/snakemake --lint
	$(BIN)/reuse lint --quiet || $(BIN)/reuse lint

unit: $(INSTALLED) $(JUDGING)
	PATH="$(BIN):$$PATH" $(BIN)/pytest -n 2 --dist worksteal

benchmark: $(INSTALLED)
	for file in benchmarks/*.py; do PATH="$(BIN):$$PATH" $(BIN)/python $$file || exit 1; done

docs: $(INSTALLED)
	$(BIN)/python docs/tools/reference.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet --site-dir site
	@echo "The site: site/index.html"

$(INSTALLED): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(TORCH_OPTIONS) $(TORCH)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev]"
	touch $@

$(JUDGING): judges.txt
	test -x $(JUDGES)/bin/python || $(PYTHON) -m venv $(JUDGES)
	$(JUDGES)/bin/python -m pip install --quiet --disable-pip-version-check --requirement judges.txt
	touch $@
