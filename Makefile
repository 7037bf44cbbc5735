# test       set up .venv once, then everything that must hold: check, then pytest
# check      format, lint, types, import rules, the contract
# demo       ten hosts with ten troubles, diagnosed for real; KEEP=1 leaves them running
# bench      measure the speed budgets
# soak       bring back each bug ever found, in a copy, and demand that its test fails, then the tests
#            that take long; BUG=NAME one bug and nothing else
# protos     generate the Python code of the contract; OUT=DIR writes it elsewhere
# catalogue  compile the catalogue and the list of refusals to the JSON that is loaded
# pages      write the customers' troubleshooting pages from the catalogue, and the table of drills
# locks      resolve deploy/locks anew from pyproject.toml
# deb        the agent's package for Debian 12, with all that it needs inside: dist/*.deb

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
OUT ?= protos

SERVICES := $(shell cd protos && find sonde -name '*_service.proto' | LC_ALL=C sort)
PROTOS := $(shell cd protos && find sonde -name '*.proto' | LC_ALL=C sort)

# As pip leaves what it installs. To compile at each start takes longer than all else in it.
bytecode = @$(BIN)/python -m compileall -q agent core lab protos service terminal wire

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: test check check-mypy check-pyright check-rest demo bench soak protos catalogue pages locks deb
.DEFAULT_GOAL := test

# Two installs, because pip accepts no editable requirement where it checks hashes.
$(READY): deploy/locks/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Sonde needs Python 3.11 or newer; name one: make PYTHON=python3.11" >&2; exit 1; }
	@echo "Setting up .venv ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --require-hashes -r deploy/locks/dev.txt
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation -e .
	$(bytecode)
	@touch $@

# Side by side, but for those that tests/conftest.py keeps together.
test: check
	@$(BIN)/pytest --numprocesses=auto --maxprocesses=4 --dist=loadscope --no-loadscope-reorder

# Says nothing of a tool that finds nothing.
quietly = @found=$$($(BIN)/$(1) 2>&1) || { printf '%s\n' "$$found" >&2; exit 1; }

# The two that take long begin first, side by side.
check: $(READY)
	@$(MAKE) --no-print-directory --jobs=2 check-mypy check-pyright check-rest
check-mypy:
	$(call quietly,mypy)
check-pyright:
	$(call quietly,pyright)
check-rest:
	$(call quietly,ruff format --check .)
	$(call quietly,ruff check .)
	$(call quietly,buf lint protos)
ifneq ($(wildcard protos/released.binpb),)
	$(call quietly,buf breaking protos --against protos/released.binpb)
endif
	$(call quietly,lint-imports --no-logo)

demo: $(READY)
	@$(BIN)/sonde-lab demo $(if $(KEEP),--keep)

bench: $(READY)
	$(bytecode)
	@$(BIN)/python -m tests.benchmarks

soak: $(READY)
	@$(BIN)/python -m tests.track_record $(BUG)
ifndef BUG
	@$(BIN)/pytest -m soak
endif

PROTOC := $(BIN)/python -m grpc_tools.protoc -Iprotos \
	--plugin=protoc-gen-mypy=$(BIN)/protoc-gen-mypy --plugin=protoc-gen-mypy_grpc=$(BIN)/protoc-gen-mypy_grpc
protos: $(READY)
	@$(PROTOC) --python_out=$(OUT) --mypy_out=quiet:$(OUT) $(PROTOS)
	@$(PROTOC) --grpc_python_out=$(OUT) --mypy_grpc_out=quiet:$(OUT) $(SERVICES)

catalogue: $(READY)
	@$(BIN)/python deploy/compile_catalogue.py
	@$(BIN)/python deploy/compile_refusals.py

pages: $(READY)
	@$(BIN)/python deploy/write_pages.py
	@$(BIN)/python -m sonde_lab.drills.page >docs/drills.md

# The development lock comes first and binds the other two, so that all three agree.
COMPILE := $(BIN)/uv pip compile --quiet pyproject.toml --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header
locks: $(READY)
	@$(COMPILE) --all-extras --group dev -o deploy/locks/dev.txt
	@$(COMPILE) --extra service -c deploy/locks/dev.txt -o deploy/locks/service.txt
	@$(COMPILE) -c deploy/locks/dev.txt -o deploy/locks/agent.txt

deb: $(READY)
	@rm -rf build/deb && mkdir -p build/deb dist
	@$(BIN)/python -m pip install -qq --require-hashes --only-binary :all: --no-compile \
		--target build/deb -r deploy/locks/agent.txt
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --no-compile --target build/deb .
	@$(BIN)/python deploy/build_deb.py build/deb dist
