# The tasks of this project, one word each: `make help`.

PYTHON ?= python3
IMAGE ?= alpenglow
ALPINE_VERSION ?= 3.24
VENV := .venv
BIN := $(VENV)/bin
# Clients and servers of others, to test ours with: MLflow wants an older Gunicorn than ours.
CLIENTS := .venv-clients
MLFLOW2 := .venv-mlflow2
# The clients of other platforms, and what checks manifests for them.
PLATFORMS := .venv-platforms
# Spark, Ray, Dask, Polars and DuckDB, to run batches in; Spark needs Java.
ENGINES := .venv-engines
BESIDE := $(CLIENTS)/clients $(MLFLOW2)/mlflow2 $(PLATFORMS)/platforms $(ENGINES)/engines
# Tests that neither time anything nor count processes: these run on all processors at once.
BESIDE_EACH_OTHER := tests/docs tests/export tests/score tests/train
# And those that `make bench` measures beside ours: it asks for each of these when it needs it.
PEER_LISTS := frameworks mlserver bentoml litserve
FASTIFY := .venv-peers-fastify

.DELETE_ON_ERROR:
.PHONY: help run artifacts test lint readme screenshot bench bench-batch scaling image test-image cluster-test soak module wheel image-report image-memory image-sizes graphs estimators gate matrix lock clean always
.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20
	@echo
	@echo "  make run and make artifacts take, for a table of your own:"
	@echo "    CSV=FILE TARGET=COLUMN   what to learn from, and the column to predict"
	@echo "    ESTIMATOR=NAME TASK=NAME as alpenglow train --estimator and --task have them"
	@echo
	@echo "  make bench takes, and then only prints what it finds:"
	@echo "    QUICK=1                  two peers and short measurements, in two minutes"
	@echo "    PEERS=\"NAME ...\"         ours beside these; python -m benchmarks --help has the names"

run: artifacts ## train and export unless that is done, then serve on port 5000 until Ctrl-C
	@exec $(BIN)/python -m alpenglow serve

artifacts: artifacts/model.onnx ## train and export unless that is done

# What is there is used again, whatever it was made from. Naming a table or an estimator asks for that one: it is
# trained if the last training was of something else, or if the table's content has changed.
ASKED := $(strip $(CSV)$(TARGET)$(ESTIMATOR)$(TASK))
ARGUMENTS = $(if $(CSV),--csv '$(CSV)') $(if $(TARGET),--target '$(TARGET)') \
	$(if $(ESTIMATOR),--estimator $(ESTIMATOR)) $(if $(TASK),--task $(TASK))

artifacts/pipeline.joblib: $(if $(ASKED),artifacts/asked) | $(VENV)/train
	$(BIN)/python -m alpenglow train $(ARGUMENTS)

artifacts/model.onnx: artifacts/pipeline.joblib
	$(BIN)/python -m alpenglow export

artifacts/asked: always
	@mkdir -p artifacts
	@{ echo "$(ARGUMENTS)"; $(if $(CSV),cksum < '$(CSV)';) } > $@.now
	@if cmp -s $@.now $@; then rm $@.now; else mv $@.now $@; fi

test: $(VENV)/dev $(BESIDE) ## lint, check types, run all tests but those of the image
	$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile $(BESIDE_EACH_OTHER)
	$(BIN)/python -m pytest $(addprefix --ignore=,tests/image $(BESIDE_EACH_OTHER))

image: artifacts ## build the image and print its size; the first time it compiles numpy, which takes minutes
	@$(BIN)/python -m alpenglow image artifacts/model.onnx --name $(IMAGE) --alpine $(ALPINE_VERSION)

test-image: $(VENV)/dev image ## build the image and test it with Docker
	IMAGE=$(IMAGE) $(BIN)/python -m pytest tests/image

cluster-test: $(VENV)/dev image ## of these tests, those of a Swarm: updates, roll-back, growth, a kill and a drain under load
	IMAGE=$(IMAGE) $(BIN)/python -m pytest -rP tests/image/test_swarm.py

soak: $(VENV)/dev image ## what the tests do in minutes, for an hour: mixed load on the image, a million bodies for the decoders
	FUZZ=1000000 $(BIN)/python -m pytest tests/serve/test_fuzz.py
	SOAK=1800 IMAGE=$(IMAGE) $(BIN)/python -m pytest tests/image/test_faults.py

image-report: $(VENV)/dev image ## what each layer and package of the image weighs, and how much of it is ever opened
	$(BIN)/python -m benchmarks.image_report --image $(IMAGE) --alpine $(ALPINE_VERSION)

lint: $(VENV)/dev ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

readme: $(VENV)/dev artifacts ## run the commands that the README shows and put in what they print
	$(BIN)/cog -r -P README.md

screenshot: $(VENV)/dev artifacts ## take the picture of the page that the README shows; needs chromium
	$(BIN)/python -m docs.page

bench: $(VENV)/dev artifacts ## measure the service beside others, and write docs/benchmarks.md; needs wrk, apache2, npm
	$(BIN)/python -m benchmarks $(if $(QUICK),--quick) $(if $(PEERS),--peers $(PEERS)) $(if $(BEFORE),--before $(BEFORE))

bench-batch: $(VENV)/dev $(ENGINES)/engines artifacts ## score 10 million rows on Spark and Ray beside scikit-learn, and write docs/batch.json
	$(BIN)/python -m benchmarks.batch $(if $(ROWS),--rows $(ROWS))

scaling: $(VENV)/dev image ## what a core answers, how workers, replicas and HAProxy grow, how a new node starts; write docs/scaling.md
	$(BIN)/python -m benchmarks.scaling

image-memory: $(VENV)/dev image ## the smallest memory limit under which the image serves
	$(BIN)/python -m benchmarks.image_memory

image-sizes: $(VENV)/dev image ## build the image and what one would write instead, and measure all of them
	$(BIN)/python -m benchmarks.image_sizes

graphs: $(VENV)/dev artifacts ## what the exported forest costs beside skl2onnx's own graph of it
	$(BIN)/python -m benchmarks.graphs

estimators: $(VENV)/dev ## fit, export and check every estimator of scikit-learn, and write docs/estimators.md
	$(BIN)/python -W ignore -m docs.survey

gate: $(VENV)/dev ## change exported graphs of every family, see whether the gate stops them, and write docs/gate.md
	$(BIN)/python -W ignore -m docs.mutations

matrix: $(VENV)/dev ## export typical pipelines under scikit-learn 1.3 to 1.9, each in an environment; write docs/versions.md
	$(BIN)/python -m docs.matrix

lock: $(VENV)/dev ## resolve requirements/*.in anew
	rm -f requirements/*.txt
	for name in dev train serve image numpy numpy-build parser parser-build clients mlflow2 platforms engines $(PEER_LISTS:%=peers-%); do \
		$(BIN)/uv pip compile --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
			--no-annotate --no-emit-index-url --custom-compile-command "make lock" --quiet \
			$$(case $$name in dev | clients | mlflow2 | platforms) ;; *) echo --constraint requirements/dev.txt ;; esac) \
			requirements/$$name.in --output-file requirements/$$name.txt || exit; \
	done
	rm -f benchmarks/peers/fastify/package-lock.json
	npm install --prefix benchmarks/peers/fastify --package-lock-only --ignore-scripts \
		--omit-lockfile-registry-resolved --no-audit --no-fund

clean: ## forget what was trained and exported; the next run starts anew
	rm -rf artifacts

$(VENV)/train $(VENV)/dev: $(VENV)/%: requirements/%.txt requirements/parser-build.txt requirements/parser.txt
	$(install)
	$(parser)

wheel: $(VENV)/train ## the package as a file that pip installs anywhere: dist/alpenglow-*.whl
	@rm -rf build
	@$(BIN)/pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist .
	@ls dist/alpenglow-*.whl

module: $(VENV)/mod_whole.so ## Apache's module, for this machine; needs a C compiler and, on Debian, apache2-dev

$(VENV)/mod_whole.so: apache/mod_whole.c
	cc -std=gnu11 -O2 -Wall -Wextra -Werror -fPIC -shared -D_GNU_SOURCE \
		-isystem /usr/include/apache2 -isystem /usr/include/apr-1.0 -o $@ $<

$(CLIENTS)/clients: requirements/clients.txt
$(MLFLOW2)/mlflow2: requirements/mlflow2.txt
$(PLATFORMS)/platforms: requirements/platforms.txt
$(ENGINES)/engines: requirements/engines.txt
$(BESIDE):
	$(install)

$(PEER_LISTS:%=.venv-peers-%/installed): .venv-peers-%/installed: requirements/peers-%.txt
	$(install)

$(FASTIFY)/installed: benchmarks/peers/fastify/package-lock.json
	@command -v npm >/dev/null || { echo "there is no npm; on Debian: apt-get install npm"; exit 1; }
	@mkdir -p $(@D)
	@cp benchmarks/peers/fastify/package*.json $(@D)
	@echo "Installing $< into $(@D) ..."
	@npm ci --prefix $(@D) --ignore-scripts --no-audit --no-fund
	@touch $@

# The packages of a list, the first prerequisite, into the environment that the target lies in. The list is complete, so
# pip need not look for what they depend on.
define install
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	{ echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 ..."; exit 1; }
@test -x $(@D)/bin/pip || $(PYTHON) -m venv $(@D) || \
	{ echo "$(PYTHON) cannot make virtual environments; on Debian: apt-get install python3-venv"; exit 1; }
@echo "Installing $< into $(@D), which takes a minute the first time ..."
@$(@D)/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $<
@touch $@
endef

# Gunicorn's parser in C, where there is a compiler for it.
define parser
@$(@D)/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/parser-build.txt
@$(@D)/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps --no-build-isolation \
	-r requirements/parser.txt >$(@D)/parser.log 2>&1 || \
	echo "Gunicorn's parser in C does not compile ($(@D)/parser.log): Gunicorn parses in Python, which is slower."
endef
