# `make` alone lists what can be done.
# Tests are built with assertions; what judges and is judged is optimised, so that deadlines are not missed by us.
CONFIG  ?= release
SWIFT   ?= swift
# The server that `make conformance` judges: the name of a profile.
TARGET  ?= reference
# Or a profile of your own.
PROFILE ?=
ARGS    ?=
# Where it judges: process, docker, or auto for containers where an engine and the images are to be had.
BACKEND ?= auto

# An import of a target that is not declared as a dependency is an error.
BUILD_FLAGS = -c $(CONFIG) --explicit-target-dependency-import-check error
BIN         = $$($(SWIFT) build -c $(CONFIG) --show-bin-path)

.DEFAULT_GOAL := help
.PHONY: help setup build test conformance up down logs images dist mutants kill-matrix servers null-servers expectations lint format serve clean bench differential autobahn coverage drills

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-13s %s\n", $$1, $$2 }'

setup: ## Install what is missing on this machine (apt, with sudo where not root)
	@Scripts/setup

build: setup ## Build both programs (CONFIG=debug for quick builds)
	@$(SWIFT) build $(BUILD_FLAGS) --product reference-server
	@$(SWIFT) build $(BUILD_FLAGS) --product gqlconform

test: setup ## Build and run every test, and check the target graph
	@Scripts/check-target-graph
	@$(SWIFT) build $(subst $(CONFIG),debug,$(BUILD_FLAGS)) --build-tests
	@$(SWIFT) test --skip-build --no-parallel

conformance: ## Play the suite against the reference server on real Redis (ARGS="PATTERN --jobs 8", TARGET=strawberry, BACKEND=docker)
	@backend=$(BACKEND); why="as BACKEND says"; \
	if [ "$$backend" = auto ]; then \
	    if [ -n "$(PROFILE)" ]; then backend=process; why="a profile of your own is judged where it says"; \
	    elif why=$$(Scripts/containers why); then backend=docker; else backend=process; fi; \
	fi; \
	case $$backend in \
	process) echo "conformance: as processes, $$why"; \
	    $(MAKE) --no-print-directory build && $(BIN)/gqlconform run --profile $(or $(PROFILE),conformance/profiles/$(TARGET).yaml) $(ARGS) ;; \
	docker) echo "conformance: in containers, $$why"; Scripts/containers conformance $(TARGET) $(ARGS) ;; \
	*) echo "conformance: BACKEND is process, docker or auto, not $$backend" >&2; exit 64 ;; \
	esac

up: ## Start two servers behind a balancer in containers, at http://127.0.0.1:4000 (PORT=4000)
	@Scripts/containers up

down: ## Take the containers away
	@Scripts/containers down

logs: ## Show what the containers say
	@Scripts/containers logs

images: ## Build the container images and state their sizes
	@Scripts/containers images

dist: ## Pack both programs for a release: static, stripped, with checksums and SPDX lists (dist/)
	@Scripts/dist

mutants: build ## Break the server in every known way and require that the suite notices
	@$(BIN)/gqlconform mutants --profile $(or $(PROFILE),conformance/profiles/$(TARGET).yaml) $(ARGS)

servers: build ## Judge the servers that nobody here wrote too, and write docs/servers.md
	@for server in reference strawberry ariadne; do \
	    $(BIN)/gqlconform run --profile conformance/profiles/$$server.yaml --out reports/servers/$$server || true; \
	done
	@$(BIN)/gqlconform compare reports/servers/reference reports/servers/strawberry reports/servers/ariadne --markdown docs/servers.md

kill-matrix: build ## Play every fault against the scenarios that claim it, and write docs/kill-matrix.md
	@$(BIN)/gqlconform mutants --profile $(or $(PROFILE),conformance/profiles/$(TARGET).yaml) --claimed-only --jobs 8 --markdown docs/kill-matrix.md $(ARGS)

null-servers: build ## Play the suite against servers that do nothing, and require that nothing passes
	@$(BIN)/gqlconform null-servers --profile $(or $(PROFILE),conformance/profiles/$(TARGET).yaml) $(ARGS)

expectations: build ## Turn every expectation into its contrary, and require that the good server then fails
	@$(BIN)/gqlconform mutants --profile $(or $(PROFILE),conformance/profiles/$(TARGET).yaml) --expectations $(ARGS)

differential: setup ## Compare the GraphQL engine with graphql-core, document by document
	@$(SWIFT) build -c release --product graphql-differential
	@Tests/Differential/run $(ARGS)

coverage: setup ## Report which lines of a target its tests run (TARGET=GraphQLCore)
	@Scripts/coverage $(TARGET)

autobahn: build ## Play Autobahn's WebSocket cases against the server (needs wstest; ARGS="1 2 7" for some groups)
	@BIN=$(BIN) Tests/Autobahn/run $(ARGS)

bench: setup ## Measure engine and server beside graphql-core, graphql-js and Strawberry, and the runner under load
	@Benchmarks/graphql.sh
	@Benchmarks/realtime.sh $(ARGS)
	@Benchmarks/runner.sh

drills: build ## Take Redis and clients away from the server under load, and check what it does (several minutes)
	@$(SWIFT) build -c $(CONFIG) --product realtime-load
	@for drill in outage reset slow; do $(BIN)/realtime-load $$drill || failed=1; done; exit $${failed:-0}

lint: ## Check formatting, the target graph, scripts, manifests and scenario files
	@Scripts/lint-files
	@$(SWIFT) format lint --strict --parallel --recursive Package.swift Sources Tests
	@Scripts/check-target-graph
	@Scripts/check-requirements
	@$(SWIFT) build $(BUILD_FLAGS) --product gqlconform
	@$(BIN)/gqlconform lint

format: ## Format every Swift file in place
	@$(SWIFT) format --in-place --parallel --recursive Package.swift Sources Tests

serve: build ## Start the reference server on port 4000 with its own Redis (ARGS="--seed-data --simulate")
	@BIN=$(BIN) Scripts/serve $(ARGS)

clean: ## Remove what was built and the reports
	@rm -rf .build reports dist
