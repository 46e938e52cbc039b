"""The few pieces of HTML that a report is made of. Whatever text goes in is escaped here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Html:
    """Markup that is safe as it stands; a plain `str` never is."""

    markup: str


Content = str | Html
NOTHING = Html("")
_UNIT = re.compile(r" (%|[kMG]?B|[nµm]?s|[nµm]?J|dB|…)(?!\w)|(?<=…) ")


def html(content: Content) -> str:
    """Return markup: text escaped, markup as it is."""
    return content.markup if isinstance(content, Html) else escape(content)


def joined(parts: Iterable[Content]) -> Html:
    """Return pieces one behind the other."""
    return Html("\n".join(html(part) for part in parts))


def paragraph(content: Content, kind: str = "") -> Html:
    """Return a paragraph; `kind` is a class of the style sheet: "lead", "note", "warning"."""
    return Html(f"<p{_kind(kind)}>{html(content)}</p>")


def bold(content: Content) -> Html:
    """Return words that stand out."""
    return Html(f"<b>{html(content)}</b>")


def listed(items: Iterable[Content]) -> Html:
    """Return a list; nothing where it would be empty."""
    points = "".join(f"<li>{html(item)}</li>" for item in items)
    return Html(f"<ul>{points}</ul>") if points else NOTHING


def code(text: str) -> Html:
    """Return lines to be copied as they stand."""
    return Html(f"<pre>{escape(text)}</pre>")


def heading(text: str) -> Html:
    """Return a heading within a section."""
    return Html(f"<h3>{escape(text)}</h3>")


def table(
    titles: Sequence[Content],
    rows: Iterable[Sequence[Content]],
    caption: str,
    marked: Iterable[int] = (),
    numbers_from: int = 1,
    numbers_to: int | None = None,
) -> Html:
    """Return a table; rows numbered in `marked` stand out, columns from `numbers_from` on are
    numbers, up to but without `numbers_to`. `caption` says what it shows, also to those who do not
    see it.
    """
    numbers = range(numbers_from, len(titles) if numbers_to is None else numbers_to)
    strong = set(marked)
    head = "".join(
        f'<th scope="col"{_number(at, numbers)}>{html(title)}</th>'
        for at, title in enumerate(titles)
    )
    body = "".join(
        f"<tr{_kind('marked' if at in strong else '')}>{_cells(row, numbers)}</tr>\n"
        for at, row in enumerate(rows)
    )
    return Html(
        f"<table><caption>{escape(caption)}</caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>"
    )


def facts(pairs: Iterable[tuple[str, Content]], caption: str) -> Html:
    """Return names with their values, one a row."""
    rows = "".join(
        f'<tr><th scope="row" align="left">{escape(name)}</th><td>{html(value)}</td></tr>\n'
        for name, value in pairs
    )
    return Html(
        f'<table class="facts"><caption>{escape(caption)}</caption><tbody>{rows}</tbody></table>'
    )


def _cells(row: Sequence[Content], numbers: range) -> str:
    return "".join(
        f"<td{_number(at, numbers)}>{html(_unbroken(cell) if at in numbers else cell)}</td>"
        for at, cell in enumerate(row)
    )


def _unbroken(cell: Content) -> Content:
    """Return a figure that stays on one line with its unit, and an interval with its ends."""
    return _UNIT.sub(_glued, cell) if isinstance(cell, str) else cell


def _glued(found: re.Match[str]) -> str:
    return f"\u00a0{found[1] or ''}"


def _number(column: int, numbers: range) -> str:
    # `align` beside the class: the print's layout knows it, where it does not know the class.
    return ' class="number" align="right"' if column in numbers else ' align="left"'


def _kind(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
