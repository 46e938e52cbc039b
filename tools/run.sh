#!/bin/sh
# Opens the studio on a ready gallery task; with no display it runs the demo instead.
# usage: run.sh BIN
set -eu
bin=$1
if [ "$(uname -s)" = Linux ] && [ -z "${DISPLAY:-}" ] && [ -z "${WAYLAND_DISPLAY:-}" ]; then
    echo "There is no display: running the demo without one."
    exec "$bin/tinystudio" demo --output demo-output
fi
exec "$bin/tinystudio"
