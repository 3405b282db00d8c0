# Everything a newcomer or CI runs. Each recipe sets up what it needs and does so once.

# A fresh Rust installation is not on PATH before the next login.
export PATH := $(HOME)/.cargo/bin:$(PATH)
SHELL := /bin/bash

# What `cargo test` has built for the tests.
PROGRAM := $(abspath $(or $(CARGO_TARGET_DIR),target))/debug/patchbay

# Where tests that failed wait for the others to be through.
CHANCES := $(abspath $(or $(CARGO_TARGET_DIR),target))/second-chances

.PHONY: help run test test-calls test-media test-all-else test-network lint ready deny bench setup test-setup build-tools speech-engines livekit-server web clean

help: ## Lists the recipes
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

run: setup ## Builds Patchbay and runs it in dev mode with a local LiveKit server
	cargo run -- dev

test: test-setup ## Runs all tests, LiveKit's own and the interop matrix included
	cargo test --workspace --no-run
	tests/sdk/run --no-run
	@rm -f $(CHANCES)
	@SECOND_CHANCES=$(CHANCES) $(MAKE) --no-print-directory --jobs=3 --output-sync=line test-calls test-media test-all-else
	@scripts/again --all $(CHANCES)

# Conversations and sound are tested in real time, which is mostly waiting: three parts wait beside each other.

test-calls:
	scripts/test --workspace --test spoken
	PATCHBAY_BIN=$(PROGRAM) tests/web/run

test-media:
	scripts/test --workspace --test engine
	scripts/test --workspace --test interop
	tests/sdk/run || scripts/again tests/sdk/run

test-all-else:
	scripts/test --workspace $$(scripts/test-targets spoken engine interop)
	scripts/test --workspace --doc
	@if [ "$$(id -u)" = 0 ]; then $(MAKE) --no-print-directory test-network; else echo 'not root: make test-network is left out'; fi

test-network: test-setup ## Runs, as root, what cuts wires and shuts ports in network namespaces
	scripts/test --workspace --test engine -- --ignored network::

lint: build-tools web ## Checks format, lints, types, documentation and the lock files
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --quiet
	scripts/check-lock
	cd web && npm run --silent check

ready: lint test deny ## What to run before a push

deny: build-tools ## Checks licences, advisories and banned crates
	scripts/deny

bench: setup ## Measures whole rooms, beside stock libwebrtc; see benches/README.md
	@scripts/python-peer
	cargo bench -p benches

setup: build-tools speech-engines livekit-server web ## Sets up what building and running need

test-setup: setup ## Sets up what the tests need besides
	@scripts/system-packages ip:iproute2 nft:nftables flite:flite pocketsphinx_continuous:pocketsphinx
	@scripts/postgres-peer
	@scripts/python-peer
	@scripts/browser-peer
	@scripts/sdk-peers

build-tools:
	@scripts/system-packages cc:build-essential cmake:cmake pkg-config:pkg-config git:git

speech-engines: ## Installs what the offline agent listens and speaks with
	@scripts/system-packages '/usr/lib/*/libpocketsphinx.so.3:libpocketsphinx3' \
		'/usr/share/pocketsphinx/model/en-us:pocketsphinx-en-us' \
		'/usr/lib/*/libflite.so.1:libflite1' '/usr/lib/*/libespeak-ng.so.1:libespeak-ng1'

livekit-server: ## Builds the pinned LiveKit server into target/livekit, unless there is one
	@scripts/livekit-server

web: ## Builds the page and the widget, which the program holds
	@scripts/web

clean: ## Removes everything built and installed here
	rm -rf target web/node_modules tests/web/node_modules tests/harness/peers/browser/node_modules
	git clean -fdxq web/dist
