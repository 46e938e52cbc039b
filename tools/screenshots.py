"""Makes the pictures of docs/images: the real window on a project measured on this machine.

usage: screenshots.py [--project PROJECT] [--screens FOLDER] [--docs-only]

With PROJECT, its variants are shown and none is made. FOLDER (build/screens) takes a picture of
every screen, in the user's language and, below it, in the pseudo-language. With --docs-only it
takes those that docs/images is made from, and no others.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from doc_pictures import shrink

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
TASK = "gallery:satellite"
SPARSITY = "sparsity=0.1:0.8:0.1"
# Two families of variants and a control, so that the plots show what they can tell apart.
SWEEPS = (
    ("--step", "channel-pruning", "--vary", SPARSITY, "--random-control"),
    ("--step", "channel-pruning", "--step", "static-quantization", "--vary", SPARSITY),
)
SHOTS = (
    ("window-light.png", "1440x900", "light", "trade-off"),
    ("window-dark.png", "1440x900", "dark", "trade-off"),
)


def main() -> int:
    """Measure, unless a project is given, and take the pictures; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--project", type=Path, help="show this project")
    parser.add_argument("--screens", type=Path, default=ROOT / "build" / "screens")
    parser.add_argument("--docs-only", action="store_true", help="no other screens")
    given = parser.parse_args()
    if given.project:
        return photograph(given.project, given.screens, given.docs_only)
    with tempfile.TemporaryDirectory(prefix="tinystudio-pictures-") as folder:
        project = Path(folder) / "satellite.tinystudio"
        for words in SWEEPS:
            code = studio("sweep", TASK, "--data", TASK, *words, "--project", str(project))
            if code:
                return code
        return photograph(project, given.screens, given.docs_only)


def photograph(project: Path, screens: Path, docs_only: bool = False) -> int:
    """Take the pictures of every screen, and make those of docs/images; return the exit code."""
    words = [str(project)]
    for name, *pose in SHOTS:
        words += ["--shot", str(IMAGES / name), *pose]
    code = studio("--pictures", *words)
    if code:
        return code
    for name, *_ in SHOTS:
        shrink(IMAGES / name, IMAGES / name)
    for language in ("",) if docs_only else ("", "pseudo"):
        words = [str(project), str(screens / language), "--language", language]
        words += ["--light-only"] if docs_only else []
        code = tool("screens.py", *words)
        if code:
            return code
        print(screens / language)
    return tool("doc_pictures.py", str(screens))


def tool(name: str, *words: str) -> int:
    """Run a tool beside this one; return its exit code."""
    command = [sys.executable, str(ROOT / "tools" / name), *words]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def studio(*words: str) -> int:
    """Run TinyStudio in a process of its own, without a display; return its exit code."""
    around = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "tinystudio", *words]
    return subprocess.run(command, env=around, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
