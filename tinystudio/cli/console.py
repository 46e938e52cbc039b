"""What the command line prints: results on stdout, progress and errors on stderr."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from tinystudio.core.errors import UserError

_BAR = 24


class Console:
    """With `as_json` stdout carries one JSON document and nothing else."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self._live = sys.stderr.isatty()
        self._last = ""

    @property
    def is_live(self) -> bool:
        """Say whether progress is shown on a line that changes."""
        return self._live

    def say(self, text: str = "") -> None:
        """Print a line of the result for people."""
        if not self.as_json:
            self._clear()
            _print(text)

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print aligned columns; the first is text, the others are figures."""
        lines = [list(heads), *[list(row) for row in rows]]
        widths = [max(len(line[i]) for line in lines) for i in range(len(heads))]
        for line in lines:
            cells = [
                text.ljust(width) if i == 0 else text.rjust(width)
                for i, (text, width) in enumerate(zip(line, widths, strict=True))
            ]
            self.say("  ".join(cells).rstrip())

    def progress(self, fraction: float, text: str, seconds_left: float | None) -> None:
        """Show how far the work is: one living line on a terminal, a line per step elsewhere."""
        left = "" if seconds_left is None else f", {seconds_left:.0f} s left"
        if not self._live:
            if text != self._last:
                print(f"{fraction:4.0%} {text}", file=sys.stderr, flush=True)
            self._last = text
            return
        bar = "#" * round(_BAR * fraction)
        line = f"[{bar:{_BAR}}] {fraction:4.0%} {text}{left}"[:110]
        print(f"\r{line:110}", end="", file=sys.stderr, flush=True)
        self._last = line

    def note(self, text: str) -> None:
        """Say something besides the result."""
        self._clear()
        print(text, file=sys.stderr, flush=True)

    def finish(self, document: dict[str, Any] | list[Any]) -> None:
        """Print the JSON document, where that is what was asked for."""
        self._clear()
        if self.as_json:
            _print(json.dumps(document, indent=2, allow_nan=False))
        _flush()

    def fail(self, error: UserError) -> None:
        """Say what went wrong: on stderr for people, as the one document for programs."""
        self._clear()
        print(f"error: {error.title} - {error.detail} - {error.hint}", file=sys.stderr)
        if self.as_json:
            texts = {"title": error.title, "detail": error.detail, "hint": error.hint}
            # Where stdout is what failed, stderr has said so already.
            with contextlib.suppress(UserError):
                _print(json.dumps({"error": texts}, indent=2))
                _flush()

    def _clear(self) -> None:
        if self._live and self._last:
            print(f"\r{'':110}\r", end="", file=sys.stderr, flush=True)
        self._last = ""


def _print(text: str) -> None:
    with _stdout_that_may_fail():
        print(text)


def _flush() -> None:
    with _stdout_that_may_fail():
        sys.stdout.flush()


@contextlib.contextmanager
def _stdout_that_may_fail() -> Iterator[None]:
    """Turn a stdout that takes no more, such as a file on a full disk, into a `UserError`."""
    try:
        yield
    except BrokenPipeError:
        _discard_stdout()
        raise
    except OSError as error:
        _discard_stdout()
        raise UserError(
            "The result was not printed",
            f"The standard output takes no more: {error.strerror or error}.",
            "Free some space, or send the output elsewhere.",
        ) from error


def _discard_stdout() -> None:
    """Give the interpreter's last flush somewhere to go: what is left to say, nobody can hear."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
