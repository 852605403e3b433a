# Boxwright: `make` lists the targets.
SHELL := /bin/bash
PYTHON ?= python3
UV := .envs/uv/bin/uv
UV_VERSION := 0.13.9
export BOXWRIGHT_SHARED ?= $(abspath ../shared)
export TF_CPP_MIN_LOG_LEVEL ?= 3

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 18

install: .venv/.stamp .envs/data/.stamp .envs/train/.stamp  ## make the three environments from their locks

$(UV):
	$(PYTHON) -c 'import sys; sys.exit("Boxwright needs Python 3.11, this is " + sys.version) if sys.version_info[:2] != (3, 11) else 0'
	$(PYTHON) -m venv .envs/uv && .envs/uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# $(1) environment folder, $(2) its locks. The package itself is installed without requirements: the locks are all there is.
define environment
$(1)/.stamp: $(2) setup.cfg pyproject.toml | $(UV)
	@echo "installing $(1)"
	$(UV) venv --quiet --allow-existing --python $(PYTHON) $(1)
	$(UV) pip sync --quiet --python $(1)/bin/python $(2)
	$(UV) pip install --quiet --python $(1)/bin/python --no-deps --editable .
	@touch $$@
endef
$(eval $(call environment,.venv,images/authoring/requirements.lock))
$(eval $(call environment,.envs/data,images/data/requirements.lock))
$(eval $(call environment,.envs/train,images/train/requirements.lock images/train/no-deps.lock))

# DATA empty: the generated data set, which 400 steps are enough for. STEPS empty: the diagnosis chooses.
DATA ?=
INIT ?= auto
STEPS ?= $(if $(DATA),,400)

demo: install $(if $(DATA),,demo/data)  ## run the whole pipeline on a generated data set, or on DATA= from INIT= with STEPS=
	.venv/bin/boxwright run --data "$(or $(DATA),demo/data)" --init "$(INIT)" --out demo/run $(if $(STEPS),--steps $(STEPS))

demo/data: | .envs/data/.stamp
	rm -rf $@.partial
	.envs/data/bin/python -P -m boxwright.core.generator --out $@.partial --images 240 --seed 0
	mv $@.partial $@

PYTHONS := .venv/bin/python .envs/data/bin/python .envs/train/bin/python

test: install lint  ## the tests that take seconds, in every environment
	set -e; for python in $(PYTHONS); do $$python -P -m pytest -q -m "not slow" tests; done

test-slow: install  ## the tests that train: minutes
	set -e; for python in $(PYTHONS); do $$python -P -m pytest -q -m slow tests || [ $$? -eq 5 ]; done

lint: .venv/.stamp  ## ruff: format and rules
	.venv/bin/ruff format --check --quiet . && .venv/bin/ruff check --quiet .

format: .venv/.stamp  ## let ruff put the code in form
	.venv/bin/ruff format --quiet . && .venv/bin/ruff check --fix --quiet .

NAME ?= $(basename $(notdir $(wildcard tests/benchmarks/*.py)))
bench: install  ## measure against the alternative: all, or NAME=convert
	set -e; for name in $(NAME); do \
	  .envs/$$(sed -n 's/^# environment: //p' tests/benchmarks/$$name.py)/bin/python -P tests/benchmarks/$$name.py; done

locks: $(UV)  ## resolve the environments anew
	set -e; for lock in authoring data train; do $(COMPILE) -o images/$$lock/requirements.lock images/$$lock/requirements.in; done
	$(COMPILE) --no-deps -o images/train/no-deps.lock images/train/no-deps.in
COMPILE := $(UV) pip compile --quiet --upgrade --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url

docs: .venv/.stamp  ## write the README of every step from its code
	.venv/bin/python -P -m boxwright.core.readme

pipelines: .venv/.stamp  ## compile the pipeline for a cluster: build/finetune.yaml
	.venv/bin/boxwright compile --out build/finetune.yaml

.PHONY: help install demo test test-slow lint format bench locks docs pipelines
