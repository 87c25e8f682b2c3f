.PHONY: help install format lint types test slow check docs tables mutants audit sbom notebooks faults clean

help:      ## what there is
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

install:   ## the package and all tools, in the active environment
	pip install -e '.[test,dev]'

format:    ## rewrite files in the house style
	ruff format .
	ruff check --fix .

lint:      ## what CI checks of the style
	ruff format --check .
	ruff check .

types:     ## type checker, strictly on a program that uses the public API
	mypy
	mypy --strict --follow-imports=silent tests/typing/public_api.py

test:      ## the tests of CI, up to half an hour on two cores
	pytest

slow:      ## answer tests and large networks
	pytest -m slow

check: lint types test  ## all that CI runs

docs:      ## the site, in build/docs; a warning is an error (pip install -e '.[docs]')
	python -m sphinx -W --keep-going -q -b html -d build/doctrees docs build/docs

tables:    ## tables in README.md and docs/, from stored results
	python -m docs.generate

FILE ?= meta_noise/report/quality.py
TESTS ?= tests/report/test_quality.py
mutants:   ## changes FILE in small ways, one at a time, and says which of them TESTS do not notice
	printf '[cosmic-ray]\nmodule-path = "$(FILE)"\ntimeout = 120.0\nexcluded-modules = []\ntest-command = "python -m pytest -x -q -n 0 -p no:cacheprovider $(TESTS)"\n[cosmic-ray.distributor]\nname = "local"\n' > .mutants.toml
	rm -f .mutants.sqlite
	cosmic-ray init .mutants.toml .mutants.sqlite
	cosmic-ray exec .mutants.toml .mutants.sqlite
	cr-report .mutants.sqlite --show-diff | grep -B2 -A22 SURVIVED || true
	cr-rate .mutants.sqlite

audit:     ## known vulnerabilities of what is installed, by the advisories of PyPI, which must be in reach
	pip freeze --exclude-editable | pip-audit --strict --disable-pip --no-deps --progress-spinner off -r /dev/stdin

SBOM ?= sbom.json
sbom:      ## a bill of materials of the active environment (CycloneDX), into SBOM
	cyclonedx-py environment --output-reproducible --of JSON -o $(SBOM)

notebooks: ## the notebooks of colab/ from their sources
	python -m colab.make

faults:    ## kills, full disks, flipped bits: some thousand trials, to be interrupted at will
	python -m experiments.faults

clean:     ## remove caches and build products
	rm -rf build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
