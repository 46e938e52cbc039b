"""Which template a composed sentence was made from: "Export to ONNX" is "Export to {target}".

Engine, command line and window compose their sentences in English. Whoever shows one finds its
template here, and puts the values into the translated template. Finding is the inverse of filling.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

MOST_LOOSE_WORDS = 4  # of a value, where the template says but one word itself
SURE_WORDS = 3  # of a template: its values may be facts joined by points
KEY_LETTERS = 4  # of a word beside a place: shorter ones are endings
# What is counted: a number stands before it.
UNITS = "%|×|x|min|h|ms|µs|ns|s|bytes?|B|[kMG]B|[nµm]?J|MACs|bits?|pixels?|points?"
# A name or a figure does not end with these: it is the first half of a sentence that does.
_NO_ENDS = "that which who the a an of to in on by for and or is are was were has have not it they"
NO_ENDS = frozenset(_NO_ENDS.split())

QUOTED = re.compile(r"“[^“”]+”")  # a name, whatever it is made of

_WORD = re.compile(r"\w+")
_BREAK = re.compile(r"[.!?] +(?=[^\Wa-z])")  # between two sentences
_SAID = re.compile(r"[^\W\d_]{2,}")
_FIGURE = re.compile(r"[\d“”]")
_COUNTED = re.compile(rf"(?: |-)?(?:{UNITS})(?!\w)")
_NUMBER = re.compile(r"[^\w\s(]?\s?\d\S*(?: \S{1,3})*")  # "1", "≈ 2.5 k", "10 … 12"
# The first words of some other sentence, and neither a name nor a whole sentence.
_BEGINNING = re.compile(r"(?:^(?:The|An?|This|These|It|There) |[:;] ).*[^.!?…]$", re.DOTALL)


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

    @cached_property
    def counted(self) -> frozenset[str]:
        """Return the places before a unit, as in "{value} %", where numbers stand."""
        pairs = zip(self.places, self.literals[1:], strict=True)
        return frozenset(place for place, after in pairs if _COUNTED.match(after))

    @property
    def evidence(self) -> int:
        """Return how much says that a sentence is made from it: words, and numbers with units."""
        return len(self.words) + len(self.counted)

    @property
    def words(self) -> list[str]:
        """Return the words that stand in every sentence made from it."""
        return [word for word, is_open in self._all_words() if not is_open]

    @property
    def key_words(self) -> list[str]:
        """Return the words by which to look for it: beside a place, if there are no others.

        Such a word stands alone where the value is empty or ends with a space.
        """
        return self.words or [word for word, _ in self._all_words() if len(word) >= KEY_LETTERS]

    def _all_words(self) -> Iterator[tuple[str, bool]]:
        """Yield what the template says, and whether it may go on in a value: "layer{s}"."""
        for at, literal in enumerate(self.literals):
            for word in _WORD.finditer(literal):
                left = at > 0 and word.start() == 0
                right = at < len(self.places) and word.end() == len(literal)
                yield word.group(), left or right

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


def places_of(text: str) -> set[str] | None:
    """Return a text's places as they are written; None where a brace is left open."""
    try:
        parsed = list(string.Formatter().parse(text))
    except ValueError:
        return None
    return {f"{name}!{how}:{spec}" for _, name, spec, how in parsed if name is not None}


class Templates:
    """Finds the template of a sentence: of several, the one that says most itself."""

    def __init__(self, texts: Iterable[str]) -> None:
        texts = sorted(set(texts))
        self._texts = frozenset(map(_within, texts))
        known = map(template_of, texts)
        templates = [found for found in known if found is not None and found.key_words]
        often = Counter(word for template in templates for word in set(template.key_words))
        # Under its rarest word, so that few are compared with any sentence.
        self._by_word: dict[str, list[tuple[frozenset[str], Template]]] = {}
        for template in templates:
            rarest = min(template.key_words, key=lambda word: (often[word], -len(word), word))
            needed = frozenset(template.key_words)
            self._by_word.setdefault(rarest, []).append((needed, template))

    def find(self, sentence: str) -> tuple[str, dict[str, str]] | None:
        """Return the text of the template and the values; None where there is none."""
        found, there = [], set(_WORD.findall(sentence))
        for word in there & self._by_word.keys():
            for needed, template in self._by_word[word]:
                if not needed <= there:
                    continue
                values = template.values_in(sentence)
                if values is not None and self._is_likely(template, values):
                    found.append((template, values))
        if not found:
            return None
        template, values = max(found, key=lambda item: _rank(item[0]))
        return template.text, values

    def _is_likely(self, template: Template, values: Mapping[str, str]) -> bool:
        """Say whether values are such as somebody would put there."""
        if not _is_whole(template, values):
            return False
        if not all(map(_can_be_counted, (values[place] for place in template.counted))):
            return False
        first = "" if template.literals[0] else values[template.places[0]].strip()
        if _BEGINNING.search(first) and _within(first) not in self._texts:
            return False
        if template.evidence > 1:
            return True
        # At the end a list may follow, which is taken apart by itself.
        at_end = "" if template.literals[-1] else template.places[-1]
        return all(
            QUOTED.fullmatch(value)
            or (self._is_value(value) and (place == at_end or ", " not in value))
            for place, value in values.items()
        )

    def _is_value(self, value: str) -> bool:
        """Say whether something is a name, a figure or a text, and not a piece of a sentence."""
        words = value.split()
        if (
            sum(bool(_SAID.search(word)) for word in words) <= 1
            or _within(value.strip()) in self._texts
        ):
            return True
        return len(words) <= MOST_LOOSE_WORDS and bool(_FIGURE.search(value))


def _rank(template: Template) -> tuple[bool, int, str]:
    """Return how much speaks for a template: how a sentence begins tells most about it."""
    return _SAID.search(template.literals[0]) is not None, template.letters, template.text


def _within(text: str) -> str:
    """Return a text as it stands within a sentence."""
    return text[:1].lower() + text[1:]


def _is_whole(template: Template, values: Mapping[str, str]) -> bool:
    """Say whether no value is a half of one sentence and a half of the next."""
    ends_open = not template.literals[-1] and bool(template.literals[0])
    before = template.places if template.literals[-1] else template.places[:-1]
    if any(_is_half(values[place]) or " · " in values[place] for place in before):
        return False
    for place, value in values.items():
        if value.count("(") != value.count(")"):
            return False
        if "\n" in value or (" · " in value and len(template.words) < SURE_WORDS):
            return False
        if _BREAK.search(value) and not (ends_open and place == template.places[-1]):
            return False
    return True


def _can_be_counted(value: str) -> bool:
    """Say whether a value is a number, or a word in its place."""
    return " " not in value or _NUMBER.fullmatch(value) is not None


def _is_half(value: str) -> bool:
    """Say whether a value goes on in what stands behind it, as no name and no figure does."""
    words = value.split()
    return len(words) > 1 and words[-1] in NO_ENDS
