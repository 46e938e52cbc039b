"""What to say in a language: for a text, a composed sentence, or several of them joined."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping

from tinystudio.gui.language.po import Entry, Form
from tinystudio.gui.language.templates import QUOTED, Templates, filled, places_of, template_of

MOST_KEPT = 16_384  # sentences with their translations: tables ask for the same again and again
DEEPEST = 12  # a value in a value in a value
LONGEST = 4000  # letters of what is taken apart: more is a file's content
ONE, MANY = 1, 1000  # of what no number is read
LONGEST_RUN = 8  # parts that may be one text together
MARKS = ("○ ", "● ")  # a preview, what is measured
A_FEW = 3  # words are a name; more that are not known are a sentence

_SAYS = re.compile(r"[^\W\d_]{2}")  # two letters: less is a unit or a sign
_COUNT = re.compile(r"\d[\d.,'\s]*")
# What sentences are joined by, the widest first.
_JOINTS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(\n+|<[^<>]*>)",
        r"( · )",
        r"((?<=[.!?…]) +(?=[^\Wa-z]))",
        r"(; )",
        r"( [–—→›] )",
        r"(: |, |  +| \(|\)$|(?<=\)) )",
        r"(^[−+≈±]?[\d.,]+(?: %)? |^\+ | \+ | [−+≈±]?\d[\d.,]*(?: \W| [kMG]?B| [nµm]?s)?$)",
    )
)
WITHIN = _JOINTS[-2]  # between parts of one sentence


class Catalogue:
    """The translations of one language. What has none stays as it is, text by text."""

    def __init__(self, entries: Iterable[Entry], form: Form) -> None:
        self._form = form
        self._known: dict[str, tuple[str, ...]] = {}
        self._counted: dict[str, tuple[str, int]] = {}  # the place that decides, and what it may be
        for entry in entries:
            forms = entry.forms
            if entry.is_fuzzy or not forms or not all(forms) or not _fits(entry):
                continue
            self._known[entry.text] = forms
            if entry.plural:
                self._known[entry.plural] = forms
                place = _deciding(entry)
                self._counted |= {entry.text: (place, ONE), entry.plural: (place, MANY)}
        self._templates = Templates(self._known)
        self._said: dict[str, str] = {}  # pieces as well: most sentences share them
        self._depth = 0

    def say(self, text: str) -> str:
        """Return a text in this language, as far as it is known; never raises."""
        said = self._said.get(text)
        if said is not None:
            return said
        if self._depth > DEEPEST or len(text) > LONGEST or not _SAYS.search(text):
            return text
        self._depth += 1
        said = self._in_words(text)
        self._depth -= 1
        if len(self._said) >= MOST_KEPT:
            self._said.clear()
        self._said[text] = said
        return said

    def _in_words(self, text: str) -> str:
        bare = text.strip()
        if bare[:2] in MARKS:
            return text.replace(bare, f"{bare[:2]}{self.say(bare[2:])}")
        found = self._direct(bare)
        if found is None and bare[0].islower() and " " in bare:  # behind a colon
            lifted = self._direct(f"{bare[0].upper()}{bare[1:]}")
            found = lifted and f"{lifted[0].lower()}{lifted[1:]}"
        if found is None and QUOTED.fullmatch(bare):
            found = f"“{self.say(bare[1:-1])}”"
        if found is None:
            found = self._joined(bare)
        if found is None and bare[-1] in ".:,;":
            found = self.say(bare[:-1]) + bare[-1]
        return text if found is None else text.replace(bare, found, 1)

    def _direct(self, text: str) -> str | None:
        """Return what to say for one text or sentence; None where it is not known."""
        # What begins a sentence elsewhere may stand within one here.
        forms = self._known.get(text) or self._known.get(text[:1].upper() + text[1:])
        if forms is not None:
            return forms[0]
        found = self._templates.find(text)
        if found is None:
            return None
        template, values = found
        said = {name: self.say(value) for name, value in values.items()}
        return filled(self._form_of(template, values), said)

    def _form_of(self, template: str, values: Mapping[str, str]) -> str:
        forms = self._known[template]
        if template not in self._counted:
            return forms[0]
        place, usual = self._counted[template]
        value = values.get(place, "")
        at = self._form(int(re.sub(r"\D", "", value)) if _COUNT.fullmatch(value) else usual)
        return forms[at] if 0 <= at < len(forms) else forms[-1]

    def _joined(self, text: str) -> str | None:
        """Return what to say for the parts of a text; None where there is but one."""
        for joint in _JOINTS:
            parts = joint.split(text)
            if len(parts) > 1:
                said = list(self._run(parts))
                # One word of a sentence that nobody knows is not torn out of it.
                if joint is WITHIN and any(
                    one == other and _words(one) > A_FEW for one, other in said
                ):
                    said = [(one, one if _words(one) <= 1 else other) for one, other in said]
                return "".join(other for _, other in said)
        return None

    def _run(self, parts: list[str]) -> Iterable[tuple[str, str]]:
        """Yield parts with what to say for them, and what is between them as it is."""
        at = 0
        while at < len(parts):
            # Several may be one text: the longest such run first.
            last = min(len(parts), at + 2 * LONGEST_RUN - 1)
            for end in range(last, at + 1, -2) if at % 2 == 0 else ():
                whole = "".join(parts[at:end])
                found = self._direct(whole)
                if found is not None:
                    yield whole, found
                    at = end
                    break
            else:
                yield parts[at], parts[at] if at % 2 else self.say(parts[at])
                at += 1


def _words(text: str) -> int:
    """Return how many words a text has that say something."""
    return sum(bool(_SAYS.search(word)) for word in text.split())


def _fits(entry: Entry) -> bool:
    """Say whether a translation has no places of its own: nothing could be put into them."""
    one, other = places_of(entry.text), places_of(entry.plural)
    if one is None or other is None:
        return True  # braces that stand for themselves
    found = [places_of(form) for form in entry.forms]
    return all(form is not None and form <= one | other for form in found)


def _deciding(entry: Entry) -> str:
    """Return the place whose count decides: the last before singular and plural differ."""
    letters = zip(entry.text, entry.plural, strict=False)
    same = "".join(one for one, _ in itertools.takewhile(lambda pair: pair[0] == pair[1], letters))
    found = template_of(entry.text)
    before = [] if found is None else [at for at in found.places if f"{{{at}}}" in same]
    return before[-1] if before else ""
