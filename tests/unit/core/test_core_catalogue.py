"""A part is added by adding a file."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from pathlib import Path

import pytest

from tinystudio.core.catalogue import find_parts


class Part(ABC):
    """What the written modules declare."""

    @abstractmethod
    def name(self) -> str:
        """Return its name."""


MODULE = """
from test_core_catalogue import Part
{others}
class {name}(Part):
    def name(self): return "{name}"
"""


def test_every_concrete_part_is_found_once_by_module_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "somewhere_else"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "b.py").write_text(MODULE.format(name="Second", others=""))
    borrowed = "from somewhere_else.b import Second\nclass Half(Part): pass\nclass Other: pass"
    (package / "a.py").write_text(MODULE.format(name="First", others=borrowed))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(sys.modules, "test_core_catalogue", sys.modules[__name__])
    assert [part.name() for part in find_parts("somewhere_else", Part)] == ["First", "Second"]  # type: ignore[type-abstract]


def test_finding_the_techniques_loads_no_heavy_library() -> None:
    import subprocess

    code = (
        "import sys; from tinystudio.core.catalogue import find_parts;"
        "from tinystudio.techniques.technique import Technique;"
        "assert find_parts('tinystudio.techniques', Technique);"
        "print([n for n in ('torch', 'onnxruntime', 'PySide6') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
