"""What every section of a report is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tinystudio.reports.html import Html
from tinystudio.reports.subject import ReportSubject


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it."""

    id: str
    title: str
    body: Html


Writer = Callable[[ReportSubject], Section]
