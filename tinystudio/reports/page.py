"""The whole report: its sections in order, on one page that needs nothing beside it."""

from __future__ import annotations

from html import escape

import tinystudio
from tinystudio.reports import (
    again,
    chosen,
    classes,
    conditions,
    data,
    front,
    limits,
    method,
    question,
)
from tinystudio.reports.section import Section, Writer
from tinystudio.reports.style import SCREEN
from tinystudio.reports.subject import ReportSubject

SECTIONS: tuple[Writer, ...] = (
    question.write, chosen.write, front.write, classes.write, data.write, method.write,
    conditions.write, again.write, limits.write,
)  # fmt: skip
# Nothing may be fetched or run by the page, whatever a name in a project says.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def html_report(subject: ReportSubject, style: str = SCREEN) -> str:
    """Return the report as one page; `style` is its style sheet."""
    sections = [write(subject) for write in SECTIONS]
    title = f"{subject.network_words}: what smaller costs"
    made = (
        f"Project {escape(subject.project)} · written {escape(subject.written_at)} by "
        f"TinyStudio {escape(tinystudio.__version__)}"
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style></head>\n<body><main>\n"
        f'<h1>{escape(title)}</h1>\n<p class="note">{made}</p>\n'
        f"{_contents(sections)}\n{''.join(_section(section) for section in sections)}"
        "</main></body></html>\n"
    )


def _contents(sections: list[Section]) -> str:
    links = " · ".join(f'<a href="#{item.id}">{escape(item.title)}</a>' for item in sections)
    return f"<nav>{links}</nav>"


def _section(section: Section) -> str:
    return (
        f'<section id="{section.id}"><a name="{section.id}"></a><h2>{escape(section.title)}</h2>\n'
        f"{section.body.markup}\n</section>\n"
    )
