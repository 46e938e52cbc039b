"""Takes out of texts what tells of the user: names of folders, and of files in them."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

import tinystudio
from tinystudio.core import places

# Two parts at least: "1/2" and "and/or" are no paths. Folders may have spaces in their names: what
# ends like a file's name is taken whole, up to the ending.
_PATH = re.compile(
    r"(?<=['\"])(?:/|[A-Za-z]:\\)[^'\"\n]*[/\\][^'\"\n]*(?=['\"])"
    r"|(?<![\w.~)])(?:"
    r"/[^\n\"':;<>]{1,200}?/[^\n\"':;<>]{0,200}?\.[A-Za-z]\w{0,11}(?![\w/])"
    r"|(?:/[^\s/\"',;:<>()]+){2,}/?"
    r"|[A-Za-z]:\\[^\n\"':;<>|]{0,200}?\.[A-Za-z]\w{0,11}(?![\w\\])"
    r"|[A-Za-z]:\\[^\s\"',;<>|]+)"
)


def known_folders() -> dict[str, str]:
    """Return what stands for folders that mean something, the longest first."""
    found = {
        str(Path(tinystudio.__file__).parent.parent): "(program)",
        sys.prefix: "(python)",
        str(places.data()): "(user data)",
        str(places.cache()): "(cache)",
        str(places.log()): "(log)",
        str(places.config()): "(settings)",
        tempfile.gettempdir(): "(temporary)",
        str(Path.home()): "~",
    }
    return dict(sorted(found.items(), key=lambda pair: -len(pair[0])))


def without_paths(text: str) -> str:
    """Return a text in which paths are named by what they are and not by where they lead.

    The program's own files keep their names below it, which a developer needs.
    """
    folders = known_folders()
    for folder in ("(program)", "(python)"):
        path = next(old for old, new in folders.items() if new == folder)
        text = text.replace(f"{path}/", f"{folder}/").replace(f"{path}\\", f"{folder}\\")
    return _PATH.sub(_word, text)


def _word(found: re.Match[str]) -> str:
    path = found[0]
    ending = re.search(r"\.[A-Za-z0-9]{1,12}$", path)
    return f"(path){ending[0] if ending else ''}"
