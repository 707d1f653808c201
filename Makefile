# What can be done with a clone: `make run` and `make test` are all one needs. Python 3.12 or newer must be there.

# The first Python that is new enough; every target installs what it needs into .venv by itself.
PYTHON ?= $(shell for python in python3 python3.13 python3.14 python3.12; do \
	if $$python -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then command -v $$python; break; fi; done)
VENV = .venv/bin
CORES ?= $(shell getconf _NPROCESSORS_ONLN)
LOCK = uv pip compile --universal --python-version 3.12 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --quiet

.PHONY: help run test bench lint fmt lock translations screenshots install install-dev

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | awk -F '\t' '{ printf "%-12s %s\n", $$1, $$2 }'

run: install ## start everything and serve http://localhost:8000/ (PORT, HOST, CHATTER_VAR, DATABASE_URL, REDIS_URL)
	@CHATTER_PARENT=$$PPID exec $(VENV)/python manage.py run

test: install-dev ## the whole suite, browser tests too, on all cores (ARGS="-k name" chooses)
	$(VENV)/python -m tests.chromium
	$(VENV)/python -m pytest -n $(CORES) --dist loadgroup --no-loadscope-reorder $(ARGS)

bench: install-dev ## measure; prints a table and writes JSON to bench/results/
	$(VENV)/python -m bench $(ARGS)

lint: install-dev ## everything that reads the code: style, types, layers, templates, migrations, deployment checks
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy .
	$(VENV)/lint-imports
	$(VENV)/djlint --quiet --lint templates
	$(VENV)/python manage.py makemigrations --check --dry-run
	DEBUG=0 CHATTER_HTTPS=1 ALLOWED_HOSTS=chat.example.org $(VENV)/python manage.py check --deploy --fail-level WARNING

fmt: install-dev ## put the code into shape
	$(VENV)/ruff check --fix .
	$(VENV)/ruff format .

lock: ## resolve requirements*.in into the hashed locks again (needs uv)
	$(LOCK) requirements.in --output-file requirements.txt
	$(LOCK) requirements-dev.in --output-file requirements-dev.txt

translations: install-dev ## collect the words of pages and scripts into locale/ and compile them (needs gettext)
	$(VENV)/python manage.py makemessages --all --no-obsolete --add-location file --no-wrap -i bench -i scripts -i static -i tests -i var
	$(VENV)/python manage.py compilemessages -i .venv

screenshots: install-dev ## make the pictures of the README from the real pages
	$(VENV)/python -m tests.chromium
	$(VENV)/python scripts/screenshots.py

install: python
	@$(PYTHON) scripts/bootstrap.py requirements.txt

install-dev: python
	@$(PYTHON) scripts/bootstrap.py requirements.txt requirements-dev.txt

.PHONY: python
python:
	@test -n "$(PYTHON)" || { echo "Chatter needs Python 3.12 or newer, and there is none: install python3 (and python3-venv on Debian)."; exit 1; }
