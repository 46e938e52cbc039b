"""The page that lists the operators is up to date."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_the_page_of_operators_is_what_the_script_writes() -> None:
    spec = importlib.util.spec_from_file_location(
        "operators_table", ROOT / "tools" / "operators_table.py"
    )
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    written = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
    assert written == script.page(), "run `python tools/operators_table.py`"
