"""Makes the keyboard's text out of the Jargon File: chapters chosen, folded to 43 symbols.

The appendices are left out (stories that have authors of their own; what hackers are said to
believe and to be like), tables and lists too, and so is every entry or
paragraph with a word that one would rather not have a keyboard suggest.
"""

from __future__ import annotations

import gzip
import itertools
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from gallery_packages import from_deb

from tinystudio.core.data import Array

SYMBOLS = " abcdefghijklmnopqrstuvwxyz0123456789.,'-\"?"
# Headings in their order, and whether what follows is wanted.
CHAPTERS: tuple[tuple[str, bool], ...] = (
    ("Chapter 1. Hacker Slang", True),
    ("Chapter 3. Revision History", False),
    ("Chapter 4. Jargon Construction", True),
    ("Glossary", True),
    ("Appendix A. Hacker Folklore", False),
)
FEWEST = 60  # characters of a paragraph: shorter ones are headings and lists of headwords
UNWELCOME = re.compile(
    r"fuck|shit|sex|nazi|hitler|bitch|whore|penis|vagina|rape|porn|crap\b|\bass\b|asshole|bastard"
    r"|nigg|negro|retard|suck|screw|turd|piss|orgasm|masturb|fag|queer|gay\b|lesbian|slut|\btit"
    r"|boob|damn|suicid|racis|\bjew|muslim|christian|religio|drug|excre|fart|feces|genital|breast"
    r"|erotic|cunt|\bcock\b|bugger|wank|\bgod\b|goddam|castrat|prostitut|obscen|vulgar|scatolog"
    r"|kill|murder|terroris|lynch|slave|idiot|moron|lunatic|bimbo|blonde|\bhell\b",
    re.IGNORECASE,
)
PLAIN = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "—": "-", "–": "-", "!": ".",
                       ";": ",", ":": ","})  # fmt: skip


def jargon(packages: Path) -> dict[str, Array]:
    """Return the text as positions in `symbols`, uint8."""
    packed = from_deb(packages, "jargon-text", "./usr/share/doc/jargon-text/jargon.txt.gz")
    text = folded(" ".join(_paragraphs(gzip.decompress(packed).decode())))
    where = {symbol: number for number, symbol in enumerate(SYMBOLS)}
    codes = np.array([where[symbol] for symbol in text], np.uint8)
    return {"text": codes, "symbols": np.array(list(SYMBOLS))}


def folded(text: str) -> str:
    """Return the text in lower case and nothing but the 43 symbols, with single spaces."""
    plain = unicodedata.normalize("NFKD", text.translate(PLAIN)).lower()
    kept = "".join(symbol if symbol in SYMBOLS else _instead(symbol) for symbol in plain)
    return re.sub(r" +", " ", kept).strip()


def _instead(symbol: str) -> str:
    return "" if unicodedata.combining(symbol) or symbol in "{}*" else " "


def _paragraphs(text: str) -> Iterator[str]:
    for part in itertools.chain.from_iterable(map(_entries, _chosen(text))):
        if not UNWELCOME.search(part):
            for paragraph in part.split("\n\n"):
                joined = " ".join(paragraph.split())
                if len(joined) >= FEWEST and "│" not in joined:
                    yield joined


def _entries(text: str) -> Iterator[str]:
    """Return the glossary's entries and, outside of it, the paragraphs."""
    for part in re.split(r"\n(?=   :[^\n:]+:)", text):
        yield from [part] if part.startswith("   :") else part.split("\n\n")


def _chosen(text: str) -> Iterator[str]:
    """Return the chapters that are wanted."""
    starts = [_heading(text, heading) for heading, _ in CHAPTERS]
    ends = itertools.chain(starts[1:], [len(text)])
    for start, end, (_, is_wanted) in zip(starts, ends, CHAPTERS, strict=True):
        if is_wanted:
            yield text[start:end]


def _heading(text: str, heading: str) -> int:
    """Return where a line of the text, not of the table of contents, begins with `heading`."""
    found = re.search("^" + r"\s+".join(map(re.escape, heading.split())), text, re.MULTILINE)
    if found is None:
        raise ValueError(f"The text has no {heading!r}.")
    return found.start()
