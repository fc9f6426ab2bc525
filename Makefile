# Everything a person or a machine does with this checkout. Needs make, sh and Python 3.11 or newer.
.POSIX:
.PHONY: help run test test-fast check demo bench lock docs audit clean

PYTHON ?= python3

help:
	@echo 'make run        serve the bot with Local Teams on http://127.0.0.1:3978/'
	@echo 'make test       run every test'
	@echo 'make test-fast  run the tests of the domain and of the main use cases'
	@echo 'make check      lint, types, import rules, lock files, generated docs'
	@echo 'make demo       play one incident and print what each person sees'
	@echo 'make bench      measure the figures of the performance pages'
	@echo 'make docs       write the generated pages'
	@echo 'make lock       resolve requirements/*.in into the lock files'
	@echo 'make audit      look the locked versions up in the vulnerability database'
	@echo 'make clean      remove what can be built again; var/ and .env stay'

# `exec` hands Ctrl-C to the server itself, which then stops in order and ends with 0.
run:
	@sh tools/environment.sh run '$(PYTHON)'
	@.venv/bin/python web/build.py
	@exec .venv/bin/python app.py

# Compiled files are kept, whatever the environment says: each worker and each server under test would compile all anew.
test:
	@sh tools/environment.sh test '$(PYTHON)'
	@.venv/bin/python web/build.py
	@PYTHONDONTWRITEBYTECODE= .venv/bin/python -m pytest -q -n 4 --dist loadfile --no-loadscope-reorder

# The domain, and the use cases on which the others stand: what a change breaks first. All of them take a minute.
FAST := tests/unit --ignore=tests/unit/test_shifts_oracle.py --ignore=tests/unit/test_shifts_years.py \
	tests/usecases/test_incident_changes.py tests/usecases/test_escalations.py tests/usecases/test_oncall.py

test-fast:
	@sh tools/environment.sh test '$(PYTHON)'
	@.venv/bin/python -m pytest -q -n 2 -m 'not postgres' $(FAST)

# pyright and its Node.js come inside their wheels; the variables keep it from asking for a newer one.
check:
	@sh tools/environment.sh check '$(PYTHON)'
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	PYRIGHT_PYTHON_FORCE_VERSION= PYRIGHT_PYTHON_IGNORE_WARNINGS=1 .venv/bin/pyright
	.venv/bin/lint-imports
	.venv/bin/python -m pip check
	.venv/bin/python -m tools.check_lock
	.venv/bin/python -m tools.generate_docs --check

demo:
	@sh tools/environment.sh run '$(PYTHON)'
	@exec .venv/bin/python app.py demo

bench:
	@sh tools/environment.sh bench '$(PYTHON)'
	@.venv-bench/bin/python -m bench

# Each lock is held to the one it builds on, so that one environment can carry both.
UV_COMPILE = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command 'make lock'
lock:
	@sh tools/environment.sh check '$(PYTHON)'
	$(UV_COMPILE) requirements/run.in -o requirements/run.txt
	$(UV_COMPILE) requirements/test.in -c requirements/run.txt -o requirements/test.txt
	$(UV_COMPILE) requirements/check.in -c requirements/test.txt -o requirements/check.txt
	$(UV_COMPILE) requirements/bench.in -c requirements/test.txt -o requirements/bench.txt
	$(UV_COMPILE) requirements/web.in -o requirements/web.txt
	.venv/bin/python -m tools.check_lock

docs:
	@sh tools/environment.sh run '$(PYTHON)'
	.venv/bin/python -m tools.generate_docs

audit:
	@sh tools/environment.sh check '$(PYTHON)'
	.venv/bin/pip-audit --disable-pip --require-hashes -r requirements/run.txt

clean:
	rm -rf .venv .venv-bench .venv-web web/node_modules server/local_teams/static/vendor dist
	rm -rf .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
