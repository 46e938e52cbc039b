"""How a metric of the user's own is named, and the source that the name stands for.

    scores.py:function          higher is better
    scores.py:function:lower    lower is better

Where data is judged by it, its id says in addition what outputs are, and the SHA-256 of its
source: `scores.py:function@classes-0123...`. Another content is another metric.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from tinystudio.core import trusted_code
from tinystudio.core.errors import UserError
from tinystudio.core.files import sha256

LARGEST_SOURCE = 200_000  # bytes; nobody reads more before trusting it
HINT = "Name your file and the function in it: --metric file.py:function."
_FORM = re.compile(
    r"(?P<path>.+\.py):(?P<function>[A-Za-z_]\w*)(?P<lower>:lower)?"
    r"(?:@(?P<kind>classes|numbers)-(?P<sha>[0-9a-f]{64}))?",
    re.DOTALL,
)


@dataclass(frozen=True)
class Named:
    """A metric of the user's own: which function of which file, and how its value reads.

    `sha256` is empty until the file was read.
    """

    path: Path
    function: str
    is_lower: bool
    classifies: bool = False
    sha256: str = ""

    @classmethod
    def parse(cls, text: str) -> Named | None:
        """Return what `text` names; None where it is of another form."""
        found = _FORM.fullmatch(text)
        if found is None:
            return None
        return cls(
            Path(found["path"]), found["function"], found["lower"] is not None,
            found["kind"] == "classes", found["sha"] or "",
        )  # fmt: skip

    @property
    def text(self) -> str:
        """Return the id."""
        kind = "classes" if self.classifies else "numbers"
        seen = f"@{kind}-{self.sha256}" if self.sha256 else ""
        return f"{self.path}:{self.function}{':lower' if self.is_lower else ''}{seen}"

    @property
    def title(self) -> str:
        """Return what to call it."""
        return f"{self.function} ({self.path.name})"

    def settled(self, classifies: bool) -> Named:
        """Return it with the content that its file has now; raises `UserError`."""
        return replace(self, classifies=classifies, sha256=sha256(self.source()))

    def source(self) -> bytes:
        """Return the content of its file; raises `UserError`."""
        title = f"{self.path.name} was not read"
        try:
            if self.path.stat().st_size > LARGEST_SOURCE:
                most = LARGEST_SOURCE // 1000
                detail = f"It has more than {most:,} kB, too much to be looked at."
                raise UserError(title, detail, "Put the metric into a file of its own.")
            return self.path.read_bytes()
        except OSError as error:
            raise UserError(title, f"{self.path}: {error.strerror or error}.", HINT) from error

    def trusted_source(self) -> bytes:
        """Return the source that the user has trusted; raises `UserError` for any other."""
        source = self.source()
        found = sha256(source)
        title = f"The metric {self.title} was not run"
        if self.sha256 and found != self.sha256:
            raise UserError(
                title, "Its file has changed since the data was read.", "Attach the data again."
            )
        if not trusted_code.is_trusted(found):
            raise UserError(
                title,
                f"{self.path} is code that runs on this computer with your rights. The SHA-256 of "
                f"its content is {found}.",
                "Look at the file; if you trust it, name it again on the data's card, or evaluate "
                "once with --metric and --trust.",
            )
        return source
