.PHONY: help install format lint types test slow check clean

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

types:     ## type checker
	mypy

test:      ## the tests of CI, a few minutes on two cores
	pytest

slow:      ## answer tests and large networks
	pytest -m slow

check: lint types test  ## all that CI runs

clean:     ## remove caches and build products
	rm -rf build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
