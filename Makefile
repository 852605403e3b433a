# Boxwright: `make` lists the targets.
SHELL := /bin/bash
# Debian's own Python is preferred if it can make environments. It is built with profiles, so convert is up to a tenth faster than
# with a Python that pyenv compiled.
PYTHON ?= $(if $(wildcard /usr/lib/python3.11/ensurepip),/usr/bin/python3.11,python3)
UV := .envs/uv/bin/uv
export BOXWRIGHT_SHARED ?= $(abspath ../shared)
export TF_CPP_MIN_LOG_LEVEL ?= 3
export UV_BUILD_CONSTRAINT := images/build-constraints.txt
# Compiles the libraries at installation. Otherwise, if Python cannot write beside its sources, every step would compile TensorFlow
# at its start (15 s).
export UV_COMPILE_BYTECODE := 1

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 18

install: .venv/.stamp .envs/data/.stamp .envs/train/.stamp  ## make the three environments from their locks

$(UV): images/uv.lock
	$(PYTHON) -c 'import sys; sys.exit("Boxwright needs Python 3.11, this is " + sys.version) if sys.version_info[:2] != (3, 11) else 0'
	$(PYTHON) -m venv .envs/uv && .envs/uv/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

# $(1): environment folder; $(2): its name; $(3): its locks. An installed Boxwright makes its environments with the same code.
define environment
$(1)/.stamp: $(3) images/build-constraints.txt setup.cfg pyproject.toml components/bin/boxwright | $(UV)
	@echo "installing $(1)"
	PYTHONPATH=components $(PYTHON) -P -m boxwright.environments.checkout $(2)
endef
$(eval $(call environment,.venv,authoring,images/authoring/requirements.lock))
$(eval $(call environment,.envs/data,data,images/data/requirements.lock images/data/development.lock))
$(eval $(call environment,.envs/train,train,images/train/cpu.lock images/train/no-deps.lock images/train/development.lock))

$(eval $(call environment,.envs/audit,audit,images/audit/requirements.lock))

# Empty DATA: the generated data set, with 400 steps. Empty STEPS: the diagnosis chooses.
DATA ?=
INIT ?= auto
STEPS ?= $(if $(DATA),,400)

demo: install $(if $(DATA),,demo/data)  ## run the whole pipeline on a generated data set; options: DATA=, INIT=, STEPS=
	.venv/bin/boxwright run --data "$(or $(DATA),demo/data)" --init "$(INIT)" --out demo/run $(if $(STEPS),--steps $(STEPS))

demo/data: | .envs/data/.stamp
	rm -rf $@.partial
	.envs/data/bin/python -P -m boxwright.demo.generator --out $@.partial --images 240 --seed 0
	mv $@.partial $@

# Each process of the train tests loads TensorFlow, so there are at most four. The tests of a file share a process and its fixtures.
WORKERS ?= auto
IN_PARALLEL := --numprocesses $(WORKERS) --maxprocesses 4 --dist loadfile
PYTHONS := .venv/bin/python .envs/data/bin/python .envs/train/bin/python

test: install lint  ## run lint, then the fast tests in every environment
	set -e; for python in $(PYTHONS); do $$python -P -m pytest -q $(IN_PARALLEL) -m "not slow and not docker" tests; done

test-slow: install  ## run the tests that train: minutes
	set -e; for python in $(PYTHONS); do $$python -P -m pytest -q -m "slow and not docker" tests || [ $$? -eq 5 ]; done

MINUTES ?= 60
SEED ?= 0

fuzz: install  ## feed damaged files to every parser; options: MINUTES=60, SEED=0, ARGS="--only tflite"
	.envs/data/bin/python -P tests/fuzz/fuzz.py --minutes $(MINUTES) --seed $(SEED) $(ARGS)

lint: install  ## check format and rules with ruff, and the types of every file in its environment
	.venv/bin/ruff format --check --quiet . && .venv/bin/ruff check --quiet .
	.venv/bin/python tests/types_in_environments.py

format: .venv/.stamp  ## format the code with ruff
	.venv/bin/ruff format --quiet . && .venv/bin/ruff check --fix --quiet .

NAME ?= $(basename $(notdir $(wildcard tests/benchmarks/*.py)))
bench: install  ## run all benchmarks, or one: NAME=convert ARGS="10000 3"
	set -e; for name in $(NAME); do \
	  $$(sed -n 's/^# environment: //p' tests/benchmarks/$$name.py)/bin/python -P tests/benchmarks/$$name.py $(ARGS); done

# The GPU lock differs from the CPU lock only in TensorFlow's own requirements. Test tools never change the other packages.
locks: $(UV)  ## resolve all locks again
	$(COMPILE) --upgrade -o images/authoring/requirements.lock images/authoring/requirements.in
	$(COMPILE) --upgrade --override images/data/overrides.in -o images/data/requirements.lock images/data/requirements.in
	$(COMPILE) --upgrade -o images/train/cpu.lock images/train/cpu.in
	$(COMPILE) --upgrade --no-deps -o images/train/no-deps.lock images/train/no-deps.in
	for lock in train/gpu edge/requirements; do cp images/train/cpu.lock images/$$lock.lock; $(COMPILE) -o images/$$lock.lock images/$$lock.in; done
	$(COMPILE) --upgrade -o images/audit/requirements.lock images/audit/requirements.in
	$(COMPILE) --upgrade -o images/build-constraints.txt images/build-constraints.in
	$(COMPILE) --upgrade -o images/uv.lock images/uv.in
	$(COMPILE) --upgrade -o images/wheelhouse.lock images/wheelhouse.in
	$(COMPILE) --constraint images/data/requirements.lock -o images/data/development.lock images/data/development.in
	$(COMPILE) --constraint images/train/cpu.lock -o images/train/development.lock images/train/development.in
	images/lock-base-image
COMPILE := $(UV) pip compile --quiet --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url

IMAGES := data train edge
export BASE_IMAGE COMPILER

images: .venv/.stamp  ## build the Docker images; GPU=1: also train for GPUs; COMPILER=no: without edgetpu_compiler
	set -e; for name in $(IMAGES) $(if $(GPU),"train gpu"); do images/build $$name; done

# cosign is looked for only to push.
COSIGN := $(if $(filter push,$(MAKECMDGOALS)),$(shell command -v cosign))
push: images $(if $(COSIGN),sbom)  ## push the images, sign them if cosign is installed: REGISTRY=registry.example/team
	@[ -n "$(REGISTRY)" ] || { echo "error: make push REGISTRY=registry.example/team"; exit 2; }
	set -e; for name in $(IMAGES) $(if $(GPU),"train gpu"); do \
	  tag=$$(.venv/bin/python -P -m boxwright.core.runtime.environments $$name); \
	  there=$$(BOXWRIGHT_REGISTRY=$(REGISTRY) .venv/bin/python -P -m boxwright.core.runtime.environments $$name); \
	  docker tag $$tag $$there; docker push $$there; \
	  $(if $(COSIGN),images/sign $$there $$name,echo "$$there is not signed and has no SBOM attached: cosign is not installed"); done

# Installs only the packages of an image's locks. A host environment also has test tools.
define inventory
build/sbom/$(1)/.stamp: $(2) images/build-constraints.txt | $(UV)
	$(UV) venv --quiet --clear --python $(PYTHON) build/sbom/$(1)
	$(UV) pip sync --quiet --require-hashes --python build/sbom/$(1)/bin/python $(2)
	@touch $$@
SBOMS += $(1)
build/sbom/$(1).python.json: build/sbom/$(1)/.stamp .envs/audit/.stamp
	.envs/audit/bin/pip-licenses --python build/sbom/$(1)/bin/python --with-system --format markdown --output-file build/sbom/$(1).md
	.envs/audit/bin/cyclonedx-py environment --output-reproducible --output-file $$@ build/sbom/$(1)/bin/python
endef
$(eval $(call inventory,data,images/data/requirements.lock))
$(eval $(call inventory,train,images/train/cpu.lock images/train/no-deps.lock))
$(eval $(call inventory,edge,images/edge/requirements.lock))

sbom: $(SBOMS:%=build/sbom/%.python.json) .venv/.stamp  ## write the packages of each image to build/sbom/: CycloneDX and licences
	@set -e; for name in $(SBOMS); do \
	  tag=$$(.venv/bin/python -P -m boxwright.core.runtime.environments $$name); \
	  $(PYTHON) -P images/sbom $$tag build/sbom/$$name.python.json build/sbom/$$name.json; done

# --strict: fails if the advisories of a package cannot be looked up.
audit: .envs/audit/.stamp  ## check the images' packages for known vulnerabilities (needs the package index)
	set -e; for lock in data/requirements train/cpu train/gpu train/no-deps edge/requirements; do \
	  .envs/audit/bin/pip-audit --strict --require-hashes --disable-pip --requirement images/$$lock.lock; done

test-images: install images  ## build the images and run their tests
	.venv/bin/python -P -m pytest -q -m docker tests

# What the packages are built from. Only committed files, so that nothing else gets into them. W002 is about the script, which the
# wheel has twice: for the Python where it is installed, and for the environments that it makes.
PACKAGED := setup.cfg pyproject.toml README.md LICENSE components pipelines images

dist: .envs/audit/.stamp  ## build the wheel and the source distribution of the last commit in dist/, and check them
	rm -rf dist build/dist && mkdir -p build/dist
	git archive HEAD $(PACKAGED) | tar -x -C build/dist
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(UV) build --quiet --require-hashes --out-dir dist build/dist
	.envs/audit/bin/twine check --strict dist/*.whl dist/*.tar.gz
	.envs/audit/bin/check-wheel-contents --ignore W002 dist

docs: .venv/.stamp  ## write the READMEs of the steps and of their JSON files, and the flags of the commands, from the code
	.venv/bin/python -P -m boxwright.step_readme
	.venv/bin/python -P -m boxwright.artifacts_readme
	.venv/bin/python -P -m boxwright.command_line.reference

pipelines: .venv/.stamp  ## compile the pipelines for a cluster, into build/; GPU=1: train on a GPU
	.venv/bin/boxwright compile --out build $(if $(GPU),--gpu)

golden: .venv/.stamp  ## after an intended change: update the graphs that the tests compare with
	BOXWRIGHT_GOLDEN=write .venv/bin/python -P -m pytest -q tests/cluster/test_compile.py -k interface

.PHONY: help golden install demo test test-slow test-images fuzz lint format bench locks images push sbom audit dist docs pipelines
