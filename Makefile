# Citykeys 市鑰. `make` lists what there is; everything below runs in .venv, which `setup` makes when it is needed.
#   PYTHON=python3.12   another interpreter        ARGS="-k ledger"   arguments for pytest        WORKERS=4   test processes

SHELL := /bin/sh
BIN := .venv/bin
CODE := $(wildcard common fleet venues dorms services)
WORKERS ?= auto
ARGS ?=
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
export PYTHON

.PHONY: help run test bench bench-fleet bench-venues bench-dorms docs setup setup-dev lint format types lock clean

help: ## 列出可用的指令 · list what there is
	@awk -F ' ?## ' '/^[a-z-]+:.*## /{sub(/:.*/, "", $$1); printf "  make %-12s %s\n", $$1, $$2}' Makefile

run: setup ## 在這台電腦上啟動整套系統 · start the whole house on this computer
	@exec $(BIN)/python -m services.desk

test: setup-dev ## 檢查程式並執行全部測試 · check the code, then run every test
	@$(MAKE) lint types
	@echo "== 測試 · tests (pytest)"
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

setup: ## 準備執行所需的環境 · make the environment it runs in (.venv)
	@tools/setup.sh run

setup-dev: ## 準備開發與測試的環境 · the same, with what tests and checks need
	@tools/setup.sh dev

bench: setup-dev ## 量測預約的速度、記憶體與頁面大小 · measure bookings a second, memory, bytes (TEST_DATABASE_URL adds PostgreSQL)
	@$(BIN)/python -m bench.bookings

bench-fleet: setup-dev ## 量測派車、重排、掃描與車隊規模 · measure dispatch, replanning, the free-car scan, fleet size
	@$(BIN)/python -m bench.fleet

bench-venues: setup-dev ## 量測場地：每秒試算幾次 · measure venues: quotes a second
	@$(BIN)/python -m bench.venues

bench-dorms: setup-dev ## 量測宿舍：一萬人分三千間 · measure dorms: ten thousand applicants to three thousand rooms
	@$(BIN)/python -m bench.dorms

lint: setup-dev ## 寫法與引用規則 · style (ruff) and who may import whom (import-linter)
	@echo "== 寫法 · style (ruff)"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@echo "== 引用規則 · imports (import-linter)"
	@$(BIN)/lint-imports --no-logo

types: setup-dev ## 型別 · types (mypy)
	@echo "== 型別 · types (mypy)"
	@$(BIN)/mypy $(CODE)

format: setup-dev ## 排版程式碼 · lay the code out (ruff)
	@$(BIN)/ruff check --quiet --select I --fix .
	@$(BIN)/ruff format .

docs: setup ## 由程式產生訊息目錄 · make docs/messages.md from the code
	@$(BIN)/python -m services messages > docs/messages.md.new && mv docs/messages.md.new docs/messages.md

lock: ## 重新計算套件版本；UPGRADE=1 升到最新 · work the locked versions out anew; UPGRADE=1 takes the newest
	@tools/lock.sh $(if $(UPGRADE),--upgrade)

clean: ## 移除環境與暫存，不動資料 · remove the environment and caches, never data
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .schemathesis test-results
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
