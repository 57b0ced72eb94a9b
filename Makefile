# The verbs of the project; .ci/run calls the same ones. GNU make and bash.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# A fuzz target's budget. It counts executions: one in time makes go test fail
# now and then at its end, without a finding (golang/go#75804, open in Go 1.26).
# FUZZTIME=10s is taken too.
FUZZTIME ?= 20000x
# The benchmark data and where they are unpacked to; the default is a folder
# that is removed afterwards.
DATA ?= ../shared/data
UNPACKED ?=

# A folder with cifar-10-batches-bin and mnist, for the benchmarks; smt data get
# fills it. More flags of theirs: make bench BENCH=--quick.
BENCHDATA ?= data
BENCH ?=

TIERED := ./internal/... ./sparse ./patch ./cooccur ./manifold ./source/... ./words ./vectors ./video ./knn ./graph ./index ./judge/probe ./pool ./estimate .
# Without assembly, kernels are those of the generic tier, which all else is tested on.
PURE   := ./internal/... ./sparse ./patch ./cooccur ./knn
RACY   := ./internal/... ./sparse ./patch ./dictionary ./cooccur ./manifold ./source/... ./words ./vectors ./video ./knn ./pool ./dataset/... ./embedding ./graph ./groups ./duplicates ./readout ./layout ./index ./answers ./judge/probe ./export ./server .

.PHONY: help
help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: build
build: ## compile every package
	go build ./...

.PHONY: test
test: ## run the tests
	go test ./...

.PHONY: race
race: ## run the tests of all but the commands under the race detector, the longest left out
	go test -race -short -timeout 20m $(RACY)

.PHONY: lint
lint: ## gofmt, go vet, staticcheck
	@files=$$(gofmt -l .); if [[ -n $$files ]]; then echo "not formatted by gofmt:" $$files; exit 1; fi
	go vet ./...
	cd internal/asmgen && go vet ./...
	go tool staticcheck ./...

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME (20000x), kernels' arguments checked
	@targets=$$(go test -tags checked -list '^Fuzz' ./... | awk '/^Fuzz/ {name[n++] = $$1} /^ok/ {while (n) print name[--n], $$2}'); \
	test -n "$$targets"; \
	while read -r name package; do \
		echo "$$package $$name $(FUZZTIME)"; \
		go test -tags checked -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 200x "$$package" < /dev/null; \
	done <<< "$$targets"

.PHONY: tiers
tiers: ## run the tests of the kernels and what stands on them on the tiers that go test does not take, the longest left out
	@tiers=$$({ SMT_SIMD=? go run ./cmd/smt version 2>&1 || true; } | sed -n 's/.*this machine and build have://p'); \
	test -n "$$tiers"; \
	for tier in $$(cut -d' ' -s -f2- <<< "$${tiers# }"); do \
		echo "SMT_SIMD=$$tier"; \
		SMT_SIMD=$$tier go test -count=1 -short $(TIERED); \
	done; \
	echo "-tags purego"; \
	go vet -tags purego ./...; \
	go test -count=1 -short -tags purego $(PURE)

.PHONY: peaks
peaks: ## hold all estimates of memory against measured peaks, with the time that a slow machine needs
	go test -count=1 -timeout 60m -run '^TestEstimates' ./estimate

.PHONY: checked
checked: ## run the tests of the kernels and what calls them, their arguments checked in full
	go test -tags checked $(PURE) ./dictionary ./manifold

.PHONY: cross
cross: ## build for the other systems and processors
	GOOS=linux GOARCH=arm64 go build ./...
	GOOS=darwin GOARCH=arm64 go build ./...
	GOOS=darwin GOARCH=amd64 go vet ./...
	GOOS=windows GOARCH=amd64 go vet ./...

.PHONY: arm64
arm64: ## run the tests of the kernels' generic tier and what stands on it for arm64, emulated
	@.ci/arm64 ./internal/simd ./internal/linalg ./sparse ./patch ./cooccur ./knn

.PHONY: browser
browser: ## drive the pages of smt serve and smt map in headless Chromium (SHOTS=folder keeps screenshots)
	@.ci/browser

.PHONY: python
python: ## test the Python package, on a Ray cluster of this machine
	@.ci/python

.PHONY: slurm
slurm: ## fit in parts on a Slurm of this machine, whose node is lost; needs root, and Debian or Slurm
	@.ci/slurm

.PHONY: pillow
pillow: ## compare what is read of image files with Pillow (ROUNDS=20 of each kind, SEED=1); needs Python
	@.ci/pillow

.PHONY: bench
bench: ## measure smt side by side with numpy, scipy, faiss and the machine's peak (BENCH=--json)
	go run ./bench/peers --data "$(BENCHDATA)" $(BENCH)

.PHONY: bench-check
bench-check: ## run every benchmark and generator of figures at a small size
	@.ci/bench-check "$(DATA)" $(UNPACKED)

.PHONY: scaling
scaling: ## measure how the cost grows with images and atoms, and draw docs/images/scaling.svg
	go run ./bench/scaling --data "$(BENCHDATA)"

.PHONY: generate
generate: ## write the assembly of internal/simd
	cd internal/asmgen && go generate

# The generator writes ../simd and notes its command line: a copy of it, with a
# folder beside it, writes the same bytes elsewhere.
.PHONY: generate-check
generate-check: ## fail if the committed assembly is not what the generator writes
	@tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; \
	cp -R internal/asmgen "$$tmp/asmgen"; mkdir "$$tmp/simd"; \
	(cd "$$tmp/asmgen" && go generate); \
	for f in "$$tmp"/simd/*; do \
		diff -u "internal/simd/$${f##*/}" "$$f" | head -40 || { echo "internal/simd/$${f##*/} is stale: run make generate"; exit 1; }; \
	done; \
	echo "internal/simd is what internal/asmgen writes"

.PHONY: demo
demo: ## learn the digits in the program: no network, no file
	go run ./cmd/smt demo

.PHONY: demo-check
demo-check: ## run the demo and fail below 97 % top-1
	@tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; \
	go run ./cmd/smt demo --quiet --json --out "$$tmp/demo" > "$$tmp/demo.json"; \
	.ci/check-eval "$$tmp/demo.json" 0.97 "$$tmp/demo.json"; \
	test -s "$$tmp/demo/model.safetensors"

.PHONY: cifar-check
cifar-check: ## short runs on CIFAR-10 and MNIST, where the benchmark data are present
	@.ci/cifar-check "$(DATA)" $(UNPACKED)

.PHONY: reproduce-check
reproduce-check: ## run the paper's table at a reduced size, where the benchmark data are present
	@.ci/reproduce-check "$(DATA)" $(UNPACKED)
