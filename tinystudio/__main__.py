"""Where the program starts: the window, or the command line."""

from __future__ import annotations

import multiprocessing
import os
import sys
from pathlib import Path

PICTURES = "--pictures"  # how `demo` has the window's pictures taken in a process of its own
PRINT = "--print-report"  # how a report becomes a PDF, which only the window's library can do
_OPENED_BY_WINDOW = (".tinystudio", ".onnx")


def main() -> None:
    """Open the window without a command or with a project; else carry out the command."""
    # In a bundled program an engine process starts here too: it must turn off before any Qt.
    multiprocessing.freeze_support()
    _compute_on_one_thread()
    argv = sys.argv[1:]
    if argv[:1] == [PICTURES]:
        from tinystudio.gui.pictures import main as take_pictures

        sys.exit(take_pictures(argv[1:]))
    if argv[:1] == [PRINT]:
        from tinystudio.gui.printing import main as print_report

        sys.exit(print_report(argv[1:]))
    if is_for_window(argv):
        from tinystudio.gui.app import run as open_window

        sys.exit(open_window(argv))
    from tinystudio.cli.main import run as run_command

    sys.exit(run_command(argv))


def is_for_window(argv: list[str]) -> bool:
    """Say whether these words ask for the window: none, or one that names a project or model."""
    if not argv:
        return True
    if len(argv) != 1 or not Path(argv[0]).suffix:
        return False
    from tinystudio.importers import suffixes

    return Path(argv[0]).suffix in (*_OPENED_BY_WINDOW, *suffixes())


def _compute_on_one_thread() -> None:
    """Keep matrix products on one thread: more would disturb timing, and round differently.

    The libraries read these when they are loaded, so this comes before any import of numpy.
    """
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")


if __name__ == "__main__":
    main()
