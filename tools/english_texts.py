"""Finds the English in a Python file that people are to read: texts, and templates of sentences.

What counts as a text is decided by what it looks like (words with spaces between) and where it
stands: not what is logged, compared, looked up or asserted. F-strings become templates with named
places, a branch in them (`"s" if count != 1 else ""`) becomes two.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

MOST_ALTERNATIVES = 16  # of one f-string

# Calls whose words nobody sees, by the last part of their names.
UNSEEN_CALLS = """
    debug info compile execute executemany executescript getattr setattr hasattr startswith
    endswith split rsplit replace find index count strip lstrip rstrip removeprefix removesuffix
    setObjectName setProperty setStyleSheet property add_argument encode get_logger getLogger
    environ getenv TypeVar NewType import_module find_spec Literal cast fullmatch match search
    findall finditer sub Path joinpath glob rglob strftime strptime warn filterwarnings
    QKeySequence QByteArray make_node make_tensor icon AssertionError TypeError KeyError
    RuntimeError NotImplementedError AttributeError IndexError SystemExit ImportError
    setFamilies setHtml5 create_function pragma invokeMethod font
"""
UNSEEN_KEYWORDS = """
    encoding mode id key name_of icon kind dtype op_type domain errors suffix prefix pattern
    axis method strategy backend device license url shortcut reference
"""
# Of a value whose name says nothing, take what it is made of: `len(rows)` is rows.
UNWRAPPED = """
    str int float abs round max min sum sorted escape localized fixed plain grouped rounded
    signed tr repr capitalize lower upper strip list format next lstrip rstrip
"""
SHOWN_CALLS = """
    tr QLabel QPushButton QCheckBox QAction QMenu QGroupBox setText setToolTip addAction addTab
    addRow addMenu addItem Notice UserError Way Column Judged Term add_choice
    progress _heading _words _paragraph _choice _text show_work
"""
# Words of the window that are names of colours, roles and other programs.
UNSEEN_WORDS = """
    accent card muted primary tool pseudo netron studio application/x-tinystudio-variant
    --data --output .onnx bad system
"""
SHOWN_KEYWORDS = """
    title text words caption name label help unit detail hint button sentence reason note
    question look_at area titles headings empty
"""

_WORDS = re.compile(r"[^\W\d_]{3,}|\b(?:[Ii]n|of|is|[Nn]o|to|at|by|[Oo]n|or|as)\b")
_PROSE = re.compile(r"(?:[^\W\d_]{2,}|A|\x00|\d)\W* \W*(?:[^\W\d_]+|\x00|\d)")
_CODE = re.compile(
    r"SELECT |INSERT |UPDATE |DELETE |CREATE |PRAGMA |ALTER |REFERENCES|://\S+\Z|^\s*def |import "
    r"|; *\}|\{ *[a-z-]+:|^--|padding|border|font-|margin|QToolButton|^<img|<svg"
    r"|\bQ[A-Z]\w+::|==|\$\{"
)
_WORD = re.compile(r"\W*(?:[^\W\d_]{3,}|On|on|In|no|No)(?:[-–/][^\W\d_]+)*[…:.]?")
_PART = re.compile(r"[a-z]{3,} | [a-z]{3,}|, [a-z]{3,}")  # of a sentence
_NAME = re.compile(r"[A-Z&][a-z]+[A-Z]\w*|[a-z]+-[a-z-]+|https?:\S*")  # of a class, or an id


@cache
def _words(names: str) -> frozenset[str]:
    return frozenset(names.split())


@dataclass(frozen=True, order=True)
class Text:
    """A text as its catalogue has it."""

    text: str
    plural: str = ""


def texts_in(source: str, in_window: bool) -> Iterator[Text]:
    """Yield every text of a file. `in_window`: words that stand alone count in more places."""
    yield from _Finder(in_window).in_node(ast.parse(source), NOT_SAID)


NOT_SAID, PERHAPS, SAID = range(3)  # what stands at a place: for words that stand alone


class _Finder:
    def __init__(self, in_window: bool) -> None:
        self._in_window = in_window

    def in_node(self, node: ast.AST, said: int) -> Iterator[Text]:  # noqa: PLR0912
        """Yield the texts at a node and below."""
        maybe = SAID if self._in_window else said
        match node:
            case ast.Constant(value=str(value)):
                if _is_prose(value) or _is_word(value, said):
                    yield Text(value)
            case ast.JoinedStr() | ast.BinOp(op=ast.Add()) if _has_literal(node):
                yield from self._composed(node)
            case ast.Call():
                yield from self._in_call(node, said)
            case ast.Dict(values=values):
                for value in values:
                    yield from self.in_node(value, maybe)
            case ast.IfExp(body=body, orelse=orelse):
                yield from self.in_node(body, maybe)
                yield from self.in_node(orelse, maybe)
            case ast.Return(value=value) if value is not None:
                yield from self.in_node(value, maybe)
            case ast.Assign(value=value, targets=[target, *_]):
                yield from self.in_node(value, _of_name(target, maybe))
            case ast.AnnAssign(value=value, target=target) if value is not None:
                yield from self.in_node(value, _of_name(target, maybe))
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                for part in parts:
                    yield from self.in_node(part, said)
            case ast.BinOp(left=left, right=right):
                yield from self.in_node(left, said)
                yield from self.in_node(right, said)
            case ast.Compare() | ast.Subscript() | ast.Assert():
                yield from self._below(node, unseen=True)
            case _:
                yield from self._below(node)

    def _below(self, node: ast.AST, unseen: bool = False) -> Iterator[Text]:
        """Yield the texts of what a node is made of, without documentation and annotations."""
        skipped = {id(part) for part in _unread(node)}
        for child in ast.iter_child_nodes(node):
            if id(child) in skipped or (unseen and isinstance(child, ast.Constant)):
                continue
            yield from self.in_node(child, NOT_SAID)

    def _in_call(self, call: ast.Call, said: int) -> Iterator[Text]:
        name = name_of(call.func)
        is_unseen = name in _words(UNSEEN_CALLS)
        # A list of names is often written as one text: "LSTM GRU".split()
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        if not (is_unseen and isinstance(owner, ast.Constant)):
            yield from self.in_node(call.func, said)
        if is_unseen:
            return
        if name == "plural" and len(call.args) == 2 and isinstance(call.args[1], ast.Constant):
            word = str(call.args[1].value)
            yield Text(f"{{count}} {word}", f"{{count}} {word}s")
            return
        if name == "tr" and call.args and isinstance(call.args[0], ast.Constant):
            yield Text(str(call.args[0].value))
            return
        for argument in call.args:
            yield from self.in_node(argument, self._of_argument(name))
        for keyword in call.keywords:
            if keyword.arg not in _words(UNSEEN_KEYWORDS):
                said = SAID if keyword.arg in _words(SHOWN_KEYWORDS) else NOT_SAID
                yield from self.in_node(keyword.value, said)

    def _of_argument(self, name: str) -> int:
        if name in _words(SHOWN_CALLS) or (name == "append" and self._in_window):
            return SAID
        return PERHAPS if self._in_window and name[:1].isupper() else NOT_SAID

    def _composed(self, node: ast.expr) -> Iterator[Text]:
        names: dict[str, str] = {}
        found = list(dict.fromkeys(_alternatives(node, names)))
        kept = [text for text in found if _is_prose(_bare(text))]
        yield from _with_plurals(kept)
        for inner in ast.walk(node):  # what stands in its places may be texts of their own
            if isinstance(inner, ast.FormattedValue) and _branches(inner.value) is None:
                yield from self.in_node(inner.value, SAID)


def _with_plurals(texts: Sequence[str]) -> Iterator[Text]:
    """Yield texts; of two that differ by one letter s alone, one with its plural."""
    left = list(texts)
    while left:
        text = left.pop(0)
        other = next((each for each in left if _is_plural(text, each)), None)
        if other is None:
            yield Text(text)
            continue
        left.remove(other)
        yield Text(*sorted((text, other), key=len))


def _is_plural(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if len(long) != len(short) + 1 or "{" not in long:
        return False
    return any(long[at] == "s" and long[:at] + long[at + 1 :] == short for at in range(len(long)))


def _alternatives(  # noqa: PLR0911
    node: ast.expr, names: dict[str, str]
) -> list[str]:
    """Return the templates that an expression may come out as."""
    match node:
        case ast.Constant(value=str(value)):
            return [value.replace("{", "{{").replace("}", "}}")]
        case ast.JoinedStr(values=values):
            return _in_a_row([_alternatives(value, names) for value in values])
        case ast.FormattedValue(value=value):
            branches = _branches(value)
            if branches is None:
                return [f"{{{_place(value, names)}}}"]
            return [text for branch in branches for text in _alternatives(branch, names)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _in_a_row([_alternatives(left, names), _alternatives(right, names)])
        case ast.IfExp() if (branches := _branches(node)) is not None:
            return [text for branch in branches for text in _alternatives(branch, names)]
    return [f"{{{_place(node, names)}}}"]


def _in_a_row(parts: list[list[str]]) -> list[str]:
    rows = itertools.islice(itertools.product(*parts), MOST_ALTERNATIVES)
    # Two places side by side cannot be told apart: they are one.
    return [re.sub(r"(\{\w+\})(?:\{\w+\})+", r"\1", "".join(row)) for row in rows]


def _branches(node: ast.expr) -> list[ast.expr] | None:
    """Return the branches of a choice between literals; None where it is something else."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):  # "s" * (count != 1)
        once = node.left
        return [once, ast.Constant("")] if _branches(once) is not None else None
    if not isinstance(node, ast.IfExp):
        return [node] if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
    found: list[ast.expr] = []
    for branch in (node.body, node.orelse):
        if isinstance(branch, ast.Constant | ast.JoinedStr):
            found.append(branch)
        elif (inner := _branches(branch)) is not None:
            found += inner
        else:
            return None
    return found


def _place(node: ast.expr, names: dict[str, str]) -> str:
    """Return the name of a value: one for each expression."""
    written = ast.unparse(node)
    if written not in names:
        base = _named(node) or "value"
        taken = set(names.values())
        numbered = (f"{base}{number}" for number in itertools.count(2))
        names[written] = base if base not in taken else next(n for n in numbered if n not in taken)
    return names[written]


def _named(node: ast.expr) -> str:  # noqa: PLR0911
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return re.sub(r"\W", "", name.strip("_").lower())
        case ast.Call(func=ast.Attribute(value=owner, attr=attr)) if attr in _words(UNWRAPPED):
            return _named(owner)
        case ast.Call(func=function, args=[first, *_]) if name_of(function) in _words(UNWRAPPED):
            return _named(first)
        case ast.Call(args=[first, *_], func=function) if name_of(function) in ("len", "plural"):
            return _named(first) if name_of(function) == "len" else "count"
        case ast.Call(func=ast.Attribute(attr="join"), args=[first, *_]):
            return _named(first)
        case ast.Call(func=function):
            return name_of(function).strip("_").removesuffix("_text").removesuffix("_words")
        case ast.Subscript(value=value):
            return _named(value)
        case ast.BinOp(left=left):
            return _named(left)
        case ast.GeneratorExp(elt=elt) | ast.ListComp(elt=elt):
            return _named(elt)
    return ""


def name_of(function: ast.expr) -> str:
    """Return the last part of what is called."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _has_literal(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return any((isinstance(side, ast.Constant | ast.JoinedStr) and _has_literal(side))
                   or (isinstance(side, ast.BinOp) and _has_literal(side))
                   for side in (node.left, node.right))  # fmt: skip
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.Constant) for part in node.values)
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _bare(template: str) -> str:
    return re.sub(r"\{\w+\}", "\0", template)


def _is_prose(text: str) -> bool:
    return all(find.search(text) for find in (_PROSE, _WORDS)) and not _CODE.search(text)


def _is_word(text: str, said: int) -> bool:
    """Say whether a word that stands alone is one that people read."""
    if _PART.fullmatch(text):
        return True
    if said == NOT_SAID or not _WORD.fullmatch(text) or _NAME.fullmatch(text):
        return False
    if text in _words(UNSEEN_WORDS):
        return False
    return said == SAID or text[0].isupper()


def _of_name(target: ast.expr, usual: int) -> int:
    """Return what is said by what a name is given."""
    name = (target.id if isinstance(target, ast.Name) else name_of(target)).lower()
    return SAID if name.strip("_") in _words(SHOWN_KEYWORDS) else usual


def _unread(node: ast.AST) -> Iterable[ast.AST]:
    """Yield what of a node nobody reads: documentation, annotations, decorators."""
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        first = node.body[0] if node.body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            yield first
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield from (*node.decorator_list, *filter(None, (node.returns,)))
    if isinstance(node, ast.ClassDef):
        yield from node.decorator_list
    if isinstance(node, ast.arg) and node.annotation is not None:
        yield node.annotation
    if isinstance(node, ast.AnnAssign):
        yield node.annotation
