"""What the declaration of every part promises, whatever kind of part it is."""

from __future__ import annotations

import functools
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from tinystudio.core.errors import UserError
from tinystudio.core.params import Kind, Params, ParamSpec, describe, parse_params

HEAVY = ("torch", "onnxruntime", "PySide6", "pyqtgraph")


def check_words(part: Any) -> None:
    """A part has an id that can be released, a title, and help in sentences."""
    assert re.fullmatch(r"[a-z][a-z0-9-]*", part.id)
    assert part.title
    assert len(part.help) > 40
    assert part.help.rstrip().endswith(".")


def check_params(params: type[Params]) -> None:
    """Every parameter is described, bounded, and valid by default."""
    defaults = params()
    assert params.model_validate_json(defaults.model_dump_json()) == defaults
    for spec in describe(params):
        assert spec.title
        assert len(spec.help) > 10
        assert spec.help.endswith(".")
        assert getattr(defaults, spec.name) == spec.default
        if spec.kind in (Kind.NUMBER, Kind.INTEGER):
            _check_bounds(params, spec)
        if spec.kind is Kind.CHOICE:
            assert spec.default in dict(spec.choices)
            assert all(title for _, title in spec.choices)


def _check_bounds(params: type[Params], spec: ParamSpec) -> None:
    assert spec.minimum is not None
    assert spec.maximum is not None
    assert spec.step is not None
    assert spec.minimum <= float(spec.default) <= spec.maximum
    assert 0 < spec.step <= spec.maximum - spec.minimum
    beyond = int(spec.maximum) + 1 if spec.kind is Kind.INTEGER else spec.maximum + spec.step
    with pytest.raises(UserError, match=spec.name):
        parse_params(params, {spec.name: beyond}, "the part")


def corners(params: type[Params]) -> Iterator[dict[str, Any]]:
    """Yield every single setting at its ends: bounds, choices, switches."""
    for spec in describe(params):
        if spec.kind is Kind.CHOICE:
            yield from ({spec.name: value} for value, _ in spec.choices)
        elif spec.kind is Kind.SWITCH:
            yield from ({spec.name: value} for value in (True, False))
        elif spec.kind in (Kind.TABLE, Kind.MODEL, Kind.TEXT):
            yield {spec.name: spec.default}
        else:
            kind = int if spec.kind is Kind.INTEGER else float
            yield from ({spec.name: kind(end)} for end in (spec.minimum, spec.maximum))


def loaded_by(statement: str) -> set[str]:
    """Return which heavy libraries a fresh Python has loaded after `statement`."""
    return loaded_by_each((statement,))[statement]


@functools.cache
def loaded_by_each(statements: tuple[str, ...]) -> dict[str, set[str]]:
    """Return what each statement has loaded, one after the other in one fresh Python."""
    code = f"""import sys
seen = set()
for statement in {statements!r}:
    exec(statement)
    found = {{name for name in {HEAVY!r} if name in sys.modules}}
    print(*found - seen)
    seen |= found
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    return {one: set(line.split()) for one, line in zip(statements, lines, strict=True)}


def loaded_by_file(part: Any, parts: Iterable[Any]) -> set[str]:
    """Return what importing a part's file has loaded that the files of those before it had not."""
    files = tuple(f"import {type(one).__module__}" for one in parts)
    return loaded_by_each(files)[f"import {type(part).__module__}"]
