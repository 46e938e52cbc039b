"""How data is named in one string: a path, and the settings it is read with.

    measurements.csv
    measurements.csv?separator=%3B&target=label

A bare path means that every setting is guessed. Settings stand behind the last `?`, joined by
`&`, their values percent-encoded. The path is written as it is; where its own name ends like
settings do, a `?` with nothing behind it keeps the two apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

_SETTING = r"[a-z][a-z0-9_]*=[^?&=]*"
_FORM = re.compile(rf"(?P<path>.*)\?(?P<settings>(?:{_SETTING}(?:&{_SETTING})*)?)", re.DOTALL)
_ODD_BYTES = "surrogateescape"  # names of files need not be text


@dataclass(frozen=True)
class DataReference:
    """A path (or gallery:TASK) and settings by name, as text; what is not named is guessed."""

    path: str
    settings: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> DataReference:
        """Read a reference; any text is one."""
        found = _FORM.fullmatch(text)
        if found is None:
            return cls(text)
        pairs = [item.partition("=") for item in found["settings"].split("&") if item]
        return cls(
            found["path"], {name: unquote(value, errors=_ODD_BYTES) for name, _, value in pairs}
        )

    @property
    def text(self) -> str:
        """Return the one string; settings in the order of their names."""
        settings = "&".join(
            f"{name}={quote(value, safe='', errors=_ODD_BYTES)}"
            for name, value in sorted(self.settings.items())
        )
        if settings or _FORM.fullmatch(self.path):
            return f"{self.path}?{settings}"
        return self.path
