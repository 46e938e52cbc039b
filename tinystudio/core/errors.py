"""Errors a person can act on."""

from __future__ import annotations


class UserError(Exception):
    """What did not happen, why, and what to do about it.

    Raised where the cause is known; shown on the run, as a notice, or after "error:" by the
    command line. The three texts are plain sentences or phrases, complete for a reader who
    sees nothing else.
    """

    def __init__(self, title: str, detail: str, hint: str) -> None:
        super().__init__(f"{title} - {detail} - {hint}")
        self.title = title
        self.detail = detail
        self.hint = hint

    def __reduce__(self) -> tuple[type[UserError], tuple[str, str, str]]:
        return (type(self), (self.title, self.detail, self.hint))


class Cancelled(Exception):  # noqa: N818 - it is not an error
    """The user asked for the work to stop; raised by `Reporter.check`."""
