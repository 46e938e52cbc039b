"""Writes a report to a file: HTML as it is, PDF by a process of its own."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from tinystudio.core.errors import UserError
from tinystudio.core.files import unwritable, write_whole
from tinystudio.core.program import program
from tinystudio.reports.page import html_report
from tinystudio.reports.style import PAPER
from tinystudio.reports.subject import TITLE, ReportSubject

WITHIN_S = 120.0  # to lay out a report of many pages on a slow computer
SUFFIXES = (".html", ".htm", ".pdf")


def check_name(output: Path) -> None:
    """Raise `UserError` where a report cannot be written under this name."""
    if output.suffix.lower() not in SUFFIXES:
        detail = f"{output.name} ends neither in .html nor in .pdf."
        raise UserError(TITLE, detail, "Name a file such as report.html or report.pdf.")


def write_report(subject: ReportSubject, output: Path) -> None:
    """Write the report, whole or not at all; raises `UserError`."""
    check_name(output)
    if output.suffix.lower() != ".pdf":
        write_whole(output, html_report(subject).encode())
        return
    try:
        with tempfile.TemporaryDirectory(prefix="tinystudio-report-") as folder:
            page, printed = Path(folder) / "report.html", Path(folder) / "report.pdf"
            page.write_text(html_report(subject, PAPER), encoding="utf-8")
            _print(page, printed)
            pdf = printed.read_bytes()
    except OSError as error:
        raise unwritable(output, error) from error
    write_whole(output, pdf)


def _print(page: Path, printed: Path) -> None:
    try:
        done = subprocess.run(
            [*program(), "--print-report", str(page), str(printed)],
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
            stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", errors="replace",
            timeout=WITHIN_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise _unprinted(f"It was not laid out within {WITHIN_S:.0f} s.") from None
    if done.returncode != 0 or not printed.is_file():
        said = done.stderr.strip().splitlines()
        raise _unprinted(said[-1] if said else f"The process ended with code {done.returncode}.")


def _unprinted(why: str) -> UserError:
    return UserError(TITLE, why, "Write it as .html, which a browser can print.")
