#!/bin/sh
# Works both lock files out from pyproject.toml, for every platform and for Python 3.11 up, with hashes.
# uv does the resolving from a throwaway environment; it is no part of the product.
#
#   tools/lock.sh [--upgrade]
set -eu
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"${PYTHON:-python3}" -m venv "$scratch"
PIP_DISABLE_PIP_VERSION_CHECK=1 "$scratch/bin/python" -m pip install --quiet uv

resolve() {
    "$scratch/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" "$@" pyproject.toml
}
resolve "$@" --output-file requirements.lock
resolve "$@" --constraints requirements.lock --group dev --output-file requirements-dev.lock
echo "requirements.lock: $(grep -c '^[A-Za-z0-9].*==' requirements.lock), requirements-dev.lock: $(grep -c '^[A-Za-z0-9].*==' requirements-dev.lock)"
