#!/bin/sh
# Makes .venv hold exactly what a lock file names, and says what it is doing. A second run with the same lock costs nothing.
#
#   tools/setup.sh            what the product needs to run (requirements.lock)
#   tools/setup.sh dev        that, and what its tests need (requirements-dev.lock)
#
# PYTHON=/path/to/python3.12 chooses the interpreter; otherwise the first Python >= 3.11 found is taken.
set -eu
cd "$(dirname "$0")/.."

kind=${1:-run}
case $kind in
    run) lock=requirements.lock ;;
    dev) lock=requirements-dev.lock ;;
    *) echo "usage: tools/setup.sh [run|dev]" >&2; exit 2 ;;
esac
venv=.venv
log=$venv/setup.log

say() { printf '%s\n' "$*"; }
fail() { printf '\n' >&2; printf '%s\n' "$@" >&2; exit 1; }

# cksum is in every POSIX system; the stamp only has to notice that the lock changed, pip checks the hashes.
stamp_of() { echo "$venv/.$1-$(cksum <"$2" | tr ' ' '-')"; }

enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
version_of() { "$1" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null || echo "?"; }

run_stamp=$(stamp_of run requirements.lock)
dev_stamp=$(stamp_of dev requirements-dev.lock)
stamp=$run_stamp
[ "$kind" = dev ] && stamp=$dev_stamp

same_python() { [ -z "${PYTHON:-}" ] || [ "$(version_of "$venv/bin/python")" = "$(version_of "$PYTHON")" ]; }

# The development lock contains the other one at the same versions, so its stamp serves for both.
if { [ -e "$stamp" ] || { [ "$kind" = run ] && [ -e "$dev_stamp" ]; }; } && enough "$venv/bin/python" && same_python; then
    exit 0
fi

if [ -n "${PYTHON:-}" ]; then
    enough "$PYTHON" || fail \
        "PYTHON=$PYTHON 不是 Python 3.11 以上（$(version_of "$PYTHON")）。" \
        "PYTHON=$PYTHON is not Python 3.11 or newer ($(version_of "$PYTHON"))."
    python=$PYTHON
else
    python=
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if enough "$candidate"; then python=$candidate; break; fi
    done
    [ -n "$python" ] || fail \
        "需要 Python 3.11 以上；這裡的 python3 是 $(version_of python3)。請安裝後再試，或指定 make PYTHON=/路徑/python3.12 …" \
        "Python 3.11 or newer is needed; python3 here is $(version_of python3). Install one, or name it: make PYTHON=/path/to/python3.12 …"
fi

if ! enough "$venv/bin/python" || ! same_python; then
    say "[1/2] 準備 Python 環境 · Preparing the Python environment (Python $(version_of "$python"), $venv)"
    "$python" -c 'import venv, ensurepip' >/dev/null 2>&1 || fail \
        "這個 Python 缺少 venv 或 ensurepip。Debian、Ubuntu 請執行：sudo apt install python3-venv" \
        "This Python lacks venv or ensurepip. On Debian or Ubuntu: sudo apt install python3-venv"
    rm -rf "$venv"
    "$python" -m venv "$venv"
fi

count=$(grep -c '^[A-Za-z0-9].*==' "$lock")
say "[2/2] 安裝套件，只有第一次需要 · Installing $count packages, only this once"
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1 PYTHONUNBUFFERED=1

# pip's lines become one line of progress on a terminal; a log file gets none. The whole of it stays in setup.log.
show() {
    [ -t 1 ] || { cat >/dev/null; return; }
    awk -v total="$count" '
        /^Collecting /          { n++; sub(/==.*/, "", $2); printf "\r\033[K      %d/%d %s", n, total, $2; fflush() }
        /^Installing collected/ { printf "\r\033[K      寫入 · Writing files"; fflush() }
        END                     { printf "\r\033[K" }'
}
{ "$venv/bin/python" -m pip install --require-hashes --progress-bar off -r "$lock" 2>&1 || echo "pip-failed"; } \
    | tee "$log" | show
if tail -n 1 "$log" | grep -q '^pip-failed$'; then
    tail -n 12 "$log" >&2
    fail "套件安裝失敗，原因見上；全文在 $log。多半是網路或代理設定。" \
         "Installing failed for the reason above (all of it: $log). Mostly this is the network or a proxy setting."
fi

rm -f "$venv"/.run-* "$venv"/.dev-*
: >"$stamp"
[ "$kind" = run ] || : >"$run_stamp"
say "      完成 · Done"
