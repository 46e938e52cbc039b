"""Writes docs/glossary.md from the words that the window's help explains."""

from __future__ import annotations

from pathlib import Path

from tinystudio.core.glossary import as_markdown

PATH = Path(__file__).resolve().parents[1] / "docs" / "glossary.md"

if __name__ == "__main__":
    PATH.write_text(as_markdown(), encoding="utf-8")
