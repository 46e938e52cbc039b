#!/bin/sh
# Makes the virtual environment and installs the program into it.
# usage: setup.sh PYTHON VENV WHAT      WHAT is what pip installs, e.g. ".[test]"
set -eu
python=$1 venv=$2 what=$3

"$python" - <<'CHECK' || exit 1
import sys
if sys.version_info < (3, 11):
    sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. "
             "Name another with: make PYTHON=python3.12 ...")
CHECK

# Qt needs these even without a display; wheels cannot bring them.
libraries="libglib-2.0.so.0:libglib2.0-0 libGL.so.1:libgl1 libEGL.so.1:libegl1
libxkbcommon.so.0:libxkbcommon0 libdbus-1.so.3:libdbus-1-3 libfontconfig.so.1:libfontconfig1"
if [ -n "${DISPLAY:-}" ]; then
    libraries="$libraries libxcb-cursor.so.0:libxcb-cursor0 libxkbcommon-x11.so.0:libxkbcommon-x11-0
libxcb-icccm.so.4:libxcb-icccm4 libxcb-keysyms.so.1:libxcb-keysyms1 libxcb-shape.so.0:libxcb-shape0"
fi
if [ "$(uname -s)" = Linux ]; then
    known=$(ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null || true)
    missing=""
    for pair in $libraries; do
        case "$known" in *"${pair%%:*}"*) ;; *) missing="$missing ${pair##*:}" ;; esac
    done
    "$python" -c "import ensurepip, venv" 2>/dev/null || missing="$missing python3-venv"
    if [ -n "$missing" ]; then
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            echo "Installing system libraries:$missing"
            apt-get update -q && apt-get install -y -q --no-install-recommends $missing
        else
            echo "These system libraries are missing:$missing" >&2
            echo "Install them with: sudo apt-get install$missing" >&2
            exit 1
        fi
    fi
fi

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
echo "Installing TinyStudio into $venv (the first time this takes some minutes)"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable "$what"
