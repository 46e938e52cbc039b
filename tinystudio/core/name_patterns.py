"""What the names of files say, by a pattern such as {subject}_{label}_*."""

from __future__ import annotations

import re
from pathlib import PurePath

FIELDS = ("label", "subject")
_PART = re.compile(r"\{(\w+)\}|(\*)|([^{}*]+)")
EXAMPLE = "Write for example {label}/* or {subject}_{label}_*."


class NamePattern:
    """A pattern of names: {label}, {subject}, * for anything, all else as it stands.

    With a / in it, it is of the whole path within the folder, else of the file's own name; the
    ending (.csv) is left away. Raises `ValueError`, in words, for what is no pattern.
    """

    def __init__(self, pattern: str) -> None:
        self._is_of_path = "/" in pattern
        found, written = "", ""
        for part in _PART.finditer(pattern):
            field, star, literal = part.groups()
            written += part.group()
            if field is not None:
                found += self._field(field, found)
            else:
                found += ".*" if star else re.escape(literal)
        if written != pattern or not pattern:
            raise ValueError(f"{pattern!r} is no pattern of names")
        self.fields = tuple(name for name in FIELDS if f"(?P<{name}>" in found)
        if not self.fields:
            raise ValueError(f"{pattern!r} has neither {{label}} nor {{subject}}")
        self._form = re.compile(found, re.DOTALL)

    def read(self, path: PurePath) -> dict[str, str] | None:
        """Return what a path within the folder says by field; None where it is of another form."""
        name = path.with_suffix("")
        found = self._form.fullmatch(name.as_posix() if self._is_of_path else name.name)
        return None if found is None else found.groupdict()

    @staticmethod
    def _field(name: str, before: str) -> str:
        if name not in FIELDS:
            raise ValueError(f"there is no field {{{name}}}, only {{label}} and {{subject}}")
        if f"(?P<{name}>" in before:
            raise ValueError(f"{{{name}}} is there twice")
        return f"(?P<{name}>[^/]+?)"
