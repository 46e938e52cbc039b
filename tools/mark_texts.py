"""Marks the window's texts for translation: wraps literals that widgets show in `tr`.

    python tools/mark_texts.py            marks what was forgotten, in place
    python tools/mark_texts.py --check    lists it and fails where there is any

A literal is marked where it is shown: `QLabel("Keep")` becomes `QLabel(tr("Keep"))`. Constants in
capitals count as literals. F-strings are marked where they only name variables and attributes.
What there is altogether is listed by `collect_texts.py`.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GUI = ROOT / "tinystudio" / "gui"
IMPORT = "from tinystudio.gui.texts import tr"

# Which argument of a call is a text. Methods of whatever object, and constructors.
TEXT_ARGUMENT = {
    "QLabel": 0, "QPushButton": 0, "QCheckBox": 0, "QRadioButton": 0, "QGroupBox": 0,
    "QElidingLabel": 0, "HelpMark": 0, "QAction": 0, "QMenu": 0, "DropTarget": 0, "_text": 0,
    "setText": 0, "setToolTip": 0, "setStatusTip": 0, "setWindowTitle": 0, "setTitle": 0,
    "setAccessibleName": 0, "setAccessibleDescription": 0, "setPlaceholderText": 0,
    "addAction": 0, "addRow": 0, "addMenu": 0, "addSection": 0, "setIconText": 0, "setWhatsThis": 0,
    "addTab": 1, "setTabText": 1,
}  # fmt: skip
# What parts declare of themselves is translated where it is shown: `spec.title`, `part.help`.
DECLARED = ("title", "help", "question", "look_at", "area")
DECLARING = ("spec", "part", "entry", "download", "section", "column", "task", "preflight")
LONGEST = 76  # letters of an f-string that is written anew: it has to fit one line
SKIPPED = ("texts.py",)


@dataclass(frozen=True)
class Change:
    """A stretch of a file, and what is to stand there."""

    start: int
    end: int
    new: str
    line: int


def main(arguments: list[str]) -> int:
    """Do what the arguments say; return the exit code."""
    files = sorted(path for path in GUI.rglob("*.py") if path.name not in SKIPPED)
    forgotten = 0
    for path in files:
        source = path.read_text(encoding="utf-8")
        changes = list(unmarked(source))
        forgotten += len(changes)
        if "--check" in arguments:
            for change in changes:
                print(f"{path.relative_to(ROOT)}:{change.line}: {change.new}")
        elif changes:
            path.write_text(with_import(applied(source, changes)), encoding="utf-8")
    print(f"{forgotten} texts were not marked")
    return 1 if forgotten and "--check" in arguments else 0


def unmarked(source: str) -> Iterator[Change]:
    """Yield what has to be changed for all texts of a file to be marked."""
    starts = _line_starts(source)
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        at = TEXT_ARGUMENT.get(_name(node.func))
        if at is None or len(node.args) <= at:
            continue
        for text in _texts(node.args[at]):
            start, end = _place(text, starts)
            segment = source.encode()[start:end].decode()
            new = _marked(text, segment)
            if new is not None:
                yield Change(start, end, new, text.lineno)


def _texts(argument: ast.expr) -> Iterator[ast.expr]:
    """Yield the texts that an argument may be: both of `a if b else c`."""
    if isinstance(argument, ast.IfExp):
        yield from _texts(argument.body)
        yield from _texts(argument.orelse)
    else:
        yield argument


def _marked(text: ast.expr, segment: str) -> str | None:
    """Return a text with its mark; None where there is nothing to translate."""
    match text:
        case ast.Constant(value=str(value)) if any(letter.isalpha() for letter in value):
            return f"tr({segment})"
        case ast.Name(id=name) if name.isupper() and len(name) > 1:
            return f"tr({segment})"
        case ast.Attribute(attr=attr, value=owner) if attr in DECLARED and _declares(owner):
            return f"tr({segment})"
        case ast.JoinedStr(values=values):
            return _marked_f_string(values)
    return None


def _declares(owner: ast.expr) -> bool:
    return _name(owner).lstrip("_") in DECLARING


def _marked_f_string(values: list[ast.expr]) -> str | None:
    template, named = "", {}
    for part in values:
        if isinstance(part, ast.Constant):
            template += str(part.value).replace("{", "{{").replace("}", "}}")
            continue
        if not isinstance(part, ast.FormattedValue) or part.conversion != -1 or part.format_spec:
            return None
        if not isinstance(part.value, ast.Name | ast.Attribute):
            return None
        name = part.value.id if isinstance(part.value, ast.Name) else part.value.attr
        name = name.lstrip("_").lower()
        if named.setdefault(name, ast.unparse(part.value)) != ast.unparse(part.value):
            return None
        template += f"{{{name}}}"
    bare = "".join(str(part.value) for part in values if isinstance(part, ast.Constant))
    if sum(letter.isalpha() for letter in bare) < 2 or len(template) > LONGEST or "<" in bare:
        return None
    filled = ", ".join(f"{name}={value}" for name, value in named.items())
    return f"tr({json.dumps(template, ensure_ascii=False)}).format({filled})"


def applied(source: str, changes: list[Change]) -> str:
    """Return the source with all changes made."""
    raw = source.encode()
    for change in sorted(changes, key=lambda change: change.start, reverse=True):
        raw = raw[: change.start] + change.new.encode() + raw[change.end :]
    return raw.decode()


def with_import(source: str) -> str:
    """Return the source with `tr` imported; the linter sorts it in."""
    if IMPORT in source:
        return source
    tree = ast.parse(source)
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    lines = source.splitlines(keepends=True)
    lines.insert(imports[-1].end_lineno or 0, f"{IMPORT}\n")
    return "".join(lines)


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _line_starts(source: str) -> list[int]:
    starts = [0]
    for line in source.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts


def _place(node: ast.expr, starts: list[int]) -> tuple[int, int]:
    end_line, end = node.end_lineno or node.lineno, node.end_col_offset or 0
    return starts[node.lineno - 1] + node.col_offset, starts[end_line - 1] + end


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
