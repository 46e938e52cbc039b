"""The pictures that the documentation shows are there, small, described, and all of them shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs" / "images"
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LARGEST_BYTES = 150_000


def shown(page: Path) -> list[tuple[str, Path]]:
    """Return each picture's description and file."""
    found = PICTURE.findall(page.read_text(encoding="utf-8"))
    return [(alt, (page.parent / name).resolve()) for alt, name in found if "://" not in name]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_picture_is_there_and_says_what_is_seen(page: Path) -> None:
    for alt, file in shown(page):
        assert file.is_file(), f"{file.name}: run tools/screenshots.py --docs-only"
        assert len(alt.split()) >= 4, file.name


def test_every_picture_is_small_and_shown_somewhere() -> None:
    used = {file for page in PAGES for _, file in shown(page)}
    for file in IMAGES.glob("*.png"):
        assert file in used, file.name
        assert file.stat().st_size <= LARGEST_BYTES, file.name
