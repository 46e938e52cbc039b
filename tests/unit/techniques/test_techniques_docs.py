"""The page of techniques names what there is, with today's settings."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_the_page_of_techniques_is_what_the_script_writes() -> None:
    spec = importlib.util.spec_from_file_location(
        "techniques_table", ROOT / "tools" / "techniques_table.py"
    )
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    written = (ROOT / "docs" / "techniques.md").read_text(encoding="utf-8")
    assert written == script.page(script.known_rows()), "run `python tools/techniques_table.py`"
