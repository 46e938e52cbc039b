"""How quickly the window answers the Compression dial, and what it costs the event loop.

    python -m benchmarks.slider [--networks watch satellite fashion] [--json FILE] [--pictures DIR]

All of it is the real window without a display (Qt's offscreen platform), with engines in
processes of their own, and settings, projects and caches in a temporary folder.

Predicted: from a move of the dial to the predicted figures painted in panel and plot. Exact: from
the same move to the exact score painted, as the engine found it. Moves come one at a time, in
turn over the networks. Event loop: the gap between two ticks of a 5 ms timer in the window's
thread; first and last while nothing happens (the control), between while the database is built,
and while the dial is dragged back and forth at sixty moves a second.

`--pictures` writes a strip of pictures of one drag, numbered, into a folder.
"""

from __future__ import annotations

# Engines begin by reading this file again. As in the program itself, nothing heavy may stand at
# its top: numpy has to find the engine's thread count set.
if __name__ == "__main__":
    import os

    # As the program does: with two threads the other core's work would stop this one.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    from benchmarks.slider_probe import main

    main(__doc__ or "")
