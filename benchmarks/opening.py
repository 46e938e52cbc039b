"""The window's event loop while a model of 500 MB is opened, beside idling.

    python -m benchmarks.opening [--megabytes 500] [--rounds 3] [--json FILE]

All of it is the real program without a display (Qt's offscreen platform), with engines in
processes of their own. The model is a row of linear layers of random numbers, written anew for
every round, so that nothing is kept of it; it is opened as a dropped file is, as one file and as
one beside a file with its weights.

Event loop: the gap between two ticks of a 5 ms timer in the window's thread, from the drop to the
figures of the model on the screen; idle for as long just before, which is the control.

Aim: no gap over 50 ms while it is opened.
"""

from __future__ import annotations

# Engines begin by reading this file again: nothing heavy may stand at its top.
if __name__ == "__main__":
    from benchmarks.opening_probe import main

    main(__doc__ or "")
