"""The pictures of docs/images, from those of every screen, with few colours so that they are small.

usage: doc_pictures.py SCREENS
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
# What is shown in docs/ by the screen's name; the file is called as its value.
SHOWN = {
    "start": "start",
    "tour-3-limit": "tour",
    "moment-history": "history",
    "moment-jobs": "jobs",
    "view-layers": "layers",
    "view-runs": "runs",
    "view-plots": "plots",
    "compare-figures": "compare-figures",
    "compare-classes": "compare-classes",
    "compare-confusions": "compare-confusions",
    "compare-samples": "compare-samples",
    "compare-layers": "compare-layers",
    "compare-weights": "compare-weights",
    "wizard-compress-2": "wizard-compress",
    "wizard-compress-for-goal-3": "wizard-goal",
    "wizard-quantize-2": "wizard-quantize",
    "wizard-prune-3": "wizard-prune",
    "wizard-distil-2": "wizard-distil",
    "wizard-export-1": "wizard-export",
    "card-show-data": "data-card",
    "card-palette": "palette",
    "report-1": "report",
}
LARGEST_BYTES = 150_000  # of one picture, for pages that load at once
FEWEST, MOST = 32, 256  # colours


def main() -> int:
    """Write every picture; return the exit code."""
    screens = Path(sys.argv[1])
    missing = [name for name in SHOWN if not picture_of(screens, name).is_file()]
    if missing:
        sys.stderr.write(f"error: no picture was taken of {', '.join(missing)}\n")
        return 1
    for name, shown in SHOWN.items():
        shrink(picture_of(screens, name), IMAGES / f"{shown}.png")
    return 0


def picture_of(screens: Path, name: str) -> Path:
    """Return the light picture of a screen at the size that the documentation has."""
    return screens / f"{name}-light-1280x800.png"


def shrink(picture: Path, output: Path) -> None:
    """Write a picture with as many colours as let it stay small."""
    with Image.open(picture) as opened:
        whole = opened.convert("RGB")
    colours = MOST
    while True:
        few = whole.quantize(colours, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        few.save(output, optimize=True)
        if output.stat().st_size <= LARGEST_BYTES or colours <= FEWEST:
            return
        colours //= 2


if __name__ == "__main__":
    sys.exit(main())
