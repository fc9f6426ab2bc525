#!/bin/sh
# Bring a virtual environment up to date with the lock files.
#   tools/environment.sh run|test|check|bench [PYTHON]
# `run`, `test` and `check` share .venv, each adding to the one before; `bench` has .venv-bench for its peers.
# A stamp in the environment holds the checksum of each lock file that is installed: nothing to do takes a moment.
set -eu

level=$1
wanted=${2:-python3}
oldest='3, 11'
first_unknown='3, 14'

case $level in
run) locks=run ;;
test) locks='run test' ;;
check) locks='run test check' ;;
bench) locks=bench ;;
*)
    echo "tools/environment.sh: unknown environment '$level'" >&2
    exit 2
    ;;
esac
if [ "$level" = bench ]; then venv=.venv-bench; else venv=.venv; fi

is_between() { # PROGRAM OLDEST FIRST_TOO_NEW
    "$1" -c "import sys; raise SystemExit(not ($2) <= sys.version_info < ($3))" >/dev/null 2>&1
}

choose_python() {
    if [ "$wanted" != python3 ]; then
        is_between "$wanted" "$oldest" '99,' && echo "$wanted"
        return
    fi
    for candidate in python3 python3.13 python3.12 python3.11; do
        if is_between "$candidate" "$oldest" "$first_unknown"; then
            echo "$candidate"
            return
        fi
    done
    # Newer than every version we test with is better than none.
    if is_between python3 "$oldest" '99,'; then echo python3; fi
}

make_venv() {
    python=$(choose_python) || python=
    if [ -z "$python" ]; then
        echo "Python 3.11 or newer is needed and '$wanted' is not one: install it, or name yours with 'make $level PYTHON=/path/to/python'." >&2
        exit 1
    fi
    if ! "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then
        echo "$python cannot make virtual environments: install its venv module first (Debian and Ubuntu: apt-get install python3-venv)." >&2
        exit 1
    fi
    echo "Making $venv with $("$python" --version)."
    "$python" -m venv --clear "$venv"
}

if ! is_between "$venv/bin/python" "$oldest" '99,' || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    make_venv
fi
installed_before=yes
for lock in $locks; do
    stamp=$venv/.stamp-$lock
    sum=$(cksum <"requirements/$lock.txt")
    if [ "$installed_before" = yes ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$sum" ]; then
        continue
    fi
    installed_before=no # What builds on a lock that changed is looked at again.
    rm -f "$stamp"
    echo "Installing requirements/$lock.txt into $venv."
    # Hashes for every file; the lock is complete, so pip has nothing to resolve.
    "$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-input \
        --no-deps --require-hashes -r "requirements/$lock.txt"
    echo "$sum" >"$stamp"
done
