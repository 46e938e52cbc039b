"""Writes docs/operators.md: which ONNX operators can be trained through, from the rules' own list.

python tools/operators_table.py
"""

from __future__ import annotations

from pathlib import Path

from tinystudio.core.files import write_whole
from tinystudio.graph.gradients.rules import FAMILIES, WITHOUT_GRADIENT
from tinystudio.graph.gradients.written_out import WRITTEN_OUT

PATH = Path(__file__).resolve().parents[1] / "docs" / "operators.md"

HEAD = """# Operators with a gradient rule

Written by `python tools/operators_table.py`; do not edit.

Fine-tuning, distillation and quantization-aware training run an opened network through these
operators (`tinystudio/graph/gradients`). A network with another operator opens and can be
compressed without training; the pre-flight names the operator. Each one is checked against every
case that the `onnx` package generates for it, and its gradient against finite differences.

Numbers may be float16, bfloat16, float32 or float64; integers up to 64 bits and truth values for
shapes and indices. Not 8-bit or 4-bit floats, unsigned 64-bit integers, text or sequences.
"""

FOOT = """
"Runs" means that outputs are computed and no gradient comes through: they are steps, places or
plans. Composite operators are written out as the specification defines them. Sequences of
operators inside If, Loop and Scan have no rule.
"""


def page() -> str:
    """Return the text of the page."""
    parts = [HEAD]
    for family, rules in FAMILIES.items():
        trained = [name for name in sorted(rules) if name not in WITHOUT_GRADIENT]
        run = [name for name in sorted(rules) if name in WITHOUT_GRADIENT]
        parts.append(_section(family, trained, run))
    parts.append(_section("composite", sorted(WRITTEN_OUT), []))
    return "\n".join(parts) + FOOT


def _section(family: str, trained: list[str], run: list[str]) -> str:
    lines = [f"## {family.capitalize()}\n"]
    if trained:
        lines.append(f"Trains: {', '.join(trained)}.\n")
    if run:
        lines.append(f"Runs: {', '.join(run)}.\n")
    return "\n".join(lines)


if __name__ == "__main__":
    write_whole(PATH, page().encode())
