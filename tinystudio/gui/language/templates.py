"""Which template a composed sentence was made from: "Export to ONNX" is "Export to {target}".

Engine, command line and window compose their sentences in English. Whoever shows one finds its
template here, and puts the values into the translated template. Finding is the inverse of filling.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

MOST_LOOSE_WORDS = 4  # of a value, where the template says but one word itself

_WORD = re.compile(r"\w+")
_BREAK = re.compile(r"[.!?] +(?=[^\Wa-z])")  # between two sentences
_JOINTS = ("\n", " · ")  # what sentences are joined by: never within a value


@dataclass(frozen=True)
class Template:
    """A text with places: what is said around them, and their names."""

    text: str
    literals: tuple[str, ...]  # one more than places
    places: tuple[str, ...]

    @property
    def letters(self) -> int:
        """Return how much of a sentence the template says itself."""
        return sum(map(len, self.literals))

    @property
    def words(self) -> list[str]:
        """Return the words that stand in every sentence made from it."""
        # Beside a place, a word may go on in the value: "{count} layer{s}".
        inner = ("\0".join(self.literals)).split("\0")
        found = []
        for at, literal in enumerate(inner):
            for word in _WORD.finditer(literal):
                open_left = at > 0 and word.start() == 0
                open_right = at < len(inner) - 1 and word.end() == len(literal)
                if not open_left and not open_right:
                    found.append(word.group())
        return found

    def values_in(self, sentence: str) -> dict[str, str] | None:
        """Return what stands in the places; None where the sentence is not made from this."""
        first, *middle, last = self.literals
        end = len(sentence) - len(last)
        if end < len(first) or not sentence.startswith(first) or not sentence.endswith(last):
            return None
        values, at = [], len(first)
        for literal in middle:
            found = sentence.find(literal, at, end)
            if found < 0:
                return None
            values.append(sentence[at:found])
            at = found + len(literal)
        named = dict(zip(self.places, (*values, sentence[at:end]), strict=True))
        if [named[place] for place in self.places] != [*values, sentence[at:end]]:
            return None  # one name, two values
        return named


@lru_cache(maxsize=8192)
def template_of(text: str) -> Template | None:
    """Return a text as a template; None where it has no places, or they cannot be told apart."""
    if "{" not in text:
        return None
    literals, places = [""], []
    try:
        for literal, place, _, _ in string.Formatter().parse(text):
            literals[-1] += literal
            if place is not None:
                places.append(place)
                literals.append("")
    except ValueError:  # a brace that stands for itself
        return None
    if not places or "" in places or not all(literals[1:-1]):
        return None
    return Template(text, tuple(literals), tuple(places))


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a template with its values; raises `KeyError` where one is not there."""
    template = template_of(text)
    if template is None:
        return text
    inner = (values[place] for place in template.places)
    rest = zip(inner, template.literals[1:], strict=True)
    return template.literals[0] + "".join(value + literal for value, literal in rest)


def places_of(text: str) -> set[str]:
    """Return the names of a text's places; none where it is no template."""
    try:
        return {place for _, place, _, _ in string.Formatter().parse(text) if place is not None}
    except ValueError:
        return set()


class Templates:
    """Finds the template of a sentence: of several, the one that says most itself."""

    def __init__(self, texts: Iterable[str]) -> None:
        known = (template_of(text) for text in dict.fromkeys(texts))
        templates = [found for found in known if found is not None and found.words]
        often = Counter(word for template in templates for word in set(template.words))
        # Under its rarest word, so that few are compared with any sentence.
        self._by_word: dict[str, list[Template]] = {}
        for template in templates:
            rarest = min(template.words, key=lambda word: (often[word], -len(word), word))
            self._by_word.setdefault(rarest, []).append(template)

    def find(self, sentence: str) -> tuple[str, dict[str, str]] | None:
        """Return the text of the template and the values; None where there is none."""
        found = []
        for word in set(_WORD.findall(sentence)):
            for template in self._by_word.get(word, ()):
                values = template.values_in(sentence)
                if values is not None and _is_likely(template, values):
                    found.append((template, values))
        if not found:
            return None
        template, values = max(found, key=lambda item: (item[0].letters, item[0].text))
        return template.text, values


def _is_likely(template: Template, values: Mapping[str, str]) -> bool:
    """Say whether values are such as somebody would put there, and not halves of sentences."""
    ends_open = not template.literals[-1] and bool(template.literals[0])
    for place, value in values.items():
        if any(joint in value and joint not in template.text for joint in _JOINTS):
            return False
        if _BREAK.search(value) and not (ends_open and place == template.places[-1]):
            return False
    if len(template.words) > 1:
        return True
    return all(len(value.split()) <= MOST_LOOSE_WORDS for value in values.values())
