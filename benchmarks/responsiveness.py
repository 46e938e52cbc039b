"""How quickly the window answers: first paint, its event loop during a sweep, and slider moves.

    python -m benchmarks.responsiveness [--seconds 24] [--launches 5] [--minutes 6] [--json FILE]

All of it is the real program without a display (Qt's offscreen platform), with engines in
processes of their own, and settings and projects in a temporary folder.

First paint: from the start of the process to the first painted frame.
Event loop: the gap between two ticks of a 5 ms timer in the window's thread; first and last while
nothing happens (the control), between the two while a sweep over `gallery:watch` is measured.
Slider: from the move to the preview in figures and plot; three gallery networks in turn. Moves
come one at a time. The first one after opening a network is told apart: the calibration samples
are run through it then.
Use: minutes of opening, dragging, sweeping, turning pages, comparing and exporting, jobs running
all the while: gaps beside an idle control, seconds from opening to a first point, and memory.
"""

from __future__ import annotations

# Engines begin by reading this file again. As in the program itself, nothing heavy may stand at
# its top: numpy has to find the engine's thread count set.
if __name__ == "__main__":
    from benchmarks.window_probe import main

    main(__doc__ or "")
