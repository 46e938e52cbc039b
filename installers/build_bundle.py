"""Builds the bundle into dist/tinystudio and prints how long it took and how large it is."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUNDLE = ROOT / "dist" / "tinystudio"
SHOWN = 5  # the largest libraries, so that one that crept in is seen


def main() -> int:
    """Run PyInstaller on the recipe; return its exit code."""
    command = [
        sys.executable, "-m", "PyInstaller", str(ROOT / "installers" / "tinystudio.spec"),
        "--noconfirm", "--clean", "--log-level", "WARN",
        "--distpath", str(BUNDLE.parent), "--workpath", str(ROOT / "build"),
    ]  # fmt: skip
    started = time.monotonic()
    code = subprocess.run(command, check=False, cwd=ROOT).returncode
    if code:
        sys.stderr.write(f"error: PyInstaller ended with code {code}; its messages are above.\n")
        return code
    say(f"{BUNDLE}: {size_of(BUNDLE) / 1e6:.0f} MB in {time.monotonic() - started:.0f} s")
    parts = sorted((BUNDLE / "_internal").iterdir(), key=size_of, reverse=True)
    for part in parts[:SHOWN]:
        say(f"  {size_of(part) / 1e6:6.1f} MB  {part.name}")
    return 0


def say(text: str) -> None:
    """Print a line at once, before or after what PyInstaller prints."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder; links count nothing."""
    files = path.rglob("*") if path.is_dir() else (path,)
    return sum(file.stat().st_size for file in files if file.is_file() and not file.is_symlink())


if __name__ == "__main__":
    sys.exit(main())
