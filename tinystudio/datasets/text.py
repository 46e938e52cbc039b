"""Text of which the next character is to be told."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from tinystudio.core.assembling import assemble, check_splits
from tinystudio.core.data import Array, Dataset, Preprocessing, Samples, Sizes
from tinystudio.core.params import Params, choice, integer, switch, text
from tinystudio.core.vocabulary import (
    BYTES,
    Vocabulary,
    checked,
    own_vocabulary,
    read_vocabulary,
)
from tinystudio.datasets.format import DataFormat, Request

LIMIT_BYTES = 2**27  # of text; its numbers take eight times as much
MOST_BYTES = 2**30  # of all sequences together
SEEN_BYTES = 2**18  # where only a part is asked for
SHARES = (0.8, 0.9)  # where validation begins, and test
USUAL_LENGTH = 64
MOST_LAST = 100_000  # sequences where only the last character is told, unless a stride is set
TOGETHER = 8  # lengths of text that stay together where a training holds samples out


class TextSettings(Params):
    """How text becomes sequences of numbers."""

    vocabulary: str = text(
        title="Vocabulary", empty="as the model's file says, else the text's own characters",
        help="A file with the model's characters in order: JSON, one line, or one a line.",
    )  # fmt: skip
    unit: Literal["guess", "characters", "bytes"] = choice(
        "guess", title="Unit",
        titles={"guess": "as the model wants it", "characters": "characters", "bytes": "bytes"},
        help="What has a number. A model of 256 outputs that names no characters reads bytes.",
    )  # fmt: skip
    unknown: Literal["refuse", "drop"] = choice(
        "refuse", title="Unknown characters", titles={"refuse": "refuse", "drop": "leave out"},
        help="Those that the vocabulary lacks; where it has <unk>, they are that.",
    )  # fmt: skip
    lower: bool = switch(False, title="Small letters", help="Turn all capitals into small letters.")
    length: int = integer(
        0, title="Length", ge=0, le=65_536,
        help="Characters that the model is fed at once. 0: as it wants them, else 64.",
    )  # fmt: skip
    stride: int = integer(
        0, title="Stride", ge=0, le=65_536,
        help="From one sequence to the next. 0: as long as one; where only the character behind it "
        "is told, so that there are 100,000 at most.",
    )  # fmt: skip
    told: Literal["guess", "each", "last"] = choice(
        "guess", title="Told",
        titles={
            "guess": "as the model has outputs", "each": "the next one at each place",
            "last": "the one behind the sequence",
        },
        help="Which characters the model is to tell.",
    )  # fmt: skip
    encoding: Literal["utf-8", "windows-1252"] = choice(
        "utf-8", title="Encoding", titles={"utf-8": "UTF-8", "windows-1252": "Windows (1252)"},
        help="How letters are stored.", advanced=True,
    )  # fmt: skip


class Text(DataFormat):
    """A text (.txt, .md, or .txt.gz) of which a model tells the next character.

    Characters are numbered as the vocabulary's file or the model's own says, else by code point;
    there must be as many as the model has outputs. A network of (length) is fed the numbers, one of
    (length, characters) a one for each character. The last tenth of the text is the test, the tenth
    before it validation; no sequence reaches from one into another.
    """

    id: ClassVar[str] = "text"
    title: ClassVar[str] = "Text"
    suffixes: ClassVar[tuple[str, ...]] = (".txt", ".md", ".txt.gz")
    params: ClassVar[type[TextSettings]] = TextSettings

    def recognizes(self, path: Path) -> bool:
        """Say whether the name ends in .txt, .md or .txt.gz."""
        return path.name.lower().endswith(self.suffixes)

    def read(self, request: Request) -> Dataset:
        """Number, cut and split; raises `UserError` that names what does not fit."""
        given = request.settings
        assert isinstance(given, TextSettings)
        numbered = _numbered(request, given)
        form = _form(numbered, given, request)
        parts = _parts(len(numbered.tokens), form)
        names = ("training", "validation", "test")
        hint = f"Use a longer text, or shorter sequences than {form.length} characters."
        check_splits(dict(zip(names, parts, strict=True)), request.title, hint)
        first = 0
        splits = []
        for starts in parts:
            splits.append(_samples(numbered, starts, first, form))
            first += len(starts)
        settled = {
            "unit": numbered.unit, "length": form.length, "stride": form.stride,
            "told": form.told, "vocabulary": given.vocabulary,
        }  # fmt: skip
        return assemble(
            request.path.name.partition(".")[0],
            train=splits[0],
            validation=splits[1],
            test=splits[2],
            seed=request.seed,
            classes=numbered.vocabulary.tokens,
            preprocessing=Preprocessing(note=_note(numbered)),
            settings=given.model_dump() | settled,
        )


@dataclass(frozen=True)
class _Numbered:
    """A text as numbers (n,) int64, and what they stand for."""

    tokens: Array
    vocabulary: Vocabulary
    unit: str


@dataclass(frozen=True)
class _Form:
    """`axis`: where the characters stand in the input; None: it is fed their numbers."""

    length: int
    stride: int
    told: str  # "each" or "last"
    axis: Literal[1, 2] | None
    with_one: bool  # the network has an axis of size 1 behind the numbers


def _numbered(request: Request, given: TextSettings) -> _Numbered:
    data = _bytes(request)
    vocabulary, unit = _told_vocabulary(request, given)
    if unit == "bytes":
        if given.lower:
            raise request.error("Bytes have no small letters.", "Set lower=false.")
        tokens = np.frombuffer(data, np.uint8).astype(np.int64)
        return _Numbered(tokens, Vocabulary(BYTES), unit)
    characters = _characters(data, given, request)
    found = own_vocabulary(characters) if vocabulary is None else vocabulary
    _check_size(found, request, is_own=vocabulary is None)
    tokens = found.numbers(characters)
    bad = tokens < 0
    if bad.any() and given.unknown == "refuse":
        at = int(np.argmax(bad))
        line = int(np.count_nonzero(characters[:at] == ord("\n"))) + 1
        raise request.error(
            f"Line {line} has {chr(characters[at])!r}, which the vocabulary lacks; "
            f"it is so with {int(bad.sum()):,} of {len(tokens):,} characters.",
            "Set unknown=drop to leave them out, or lower=true where capitals are missing.",
        )
    return _Numbered(tokens[~bad], found, unit)


def _bytes(request: Request) -> bytes:
    path = request.path
    try:
        is_packed = path.suffix.lower() == ".gz"
        with gzip.open(path) if is_packed else path.open("rb") as file:
            data = file.read(LIMIT_BYTES + 1 if request.most is None else SEEN_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise request.error(f"{path.name}: {reason}.", "Choose another file.") from None
    if len(data) > LIMIT_BYTES:
        detail = f"It has more than {LIMIT_BYTES / 1e6:.0f} MB of text."
        raise request.error(detail, "Use a part of it.")
    if not data:
        raise request.error(f"{path.name} is empty.", "Choose a text.")
    if request.most is not None:
        data = data[: data.rfind(b"\n") + 1] or data  # no character is cut in two
    return bytes(data)


def _characters(data: bytes, given: TextSettings, request: Request) -> Array:
    """Return the code points of the text, (n,) uint32; every line's end is one character."""
    try:
        words = data.decode("utf-8-sig" if given.encoding == "utf-8" else given.encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise request.error(
            f"Line {line} of {request.path.name} is not {given.encoding} text "
            f"(byte 0x{data[error.start]:02X}).",
            "Say its encoding (windows-1252), or set unit=bytes.",
        ) from None
    words = words.replace("\r\n", "\n")
    points = (words.lower() if given.lower else words).encode("utf-32-le", "surrogatepass")
    return np.frombuffer(points, "<u4")


def _told_vocabulary(request: Request, given: TextSettings) -> tuple[Vocabulary | None, str]:
    """Return the vocabulary that a file or the model says, and what has a number."""
    said = request.wanted.vocabulary
    if given.unit == "bytes":
        return None, "bytes"
    if given.vocabulary:
        path = Path(given.vocabulary)
        beside = path if path.is_absolute() else request.path.parent / path
        return read_vocabulary(beside, request.title), "characters"
    is_bytes = said == BYTES or (not said and _scores(request.wanted.outputs) == len(BYTES))
    if given.unit == "guess" and is_bytes:
        return None, "bytes"
    if said:
        return checked(said, "The model's own vocabulary", request.title), "characters"
    return None, "characters"


def _check_size(vocabulary: Vocabulary, request: Request, is_own: bool) -> None:
    scores, count = _scores(request.wanted.outputs), len(vocabulary.tokens)
    if scores is None or scores == count or (is_own and request.most is not None):
        return
    what = "The text has" if is_own else "The vocabulary has"
    raise request.error(
        f"{what} {count:,} different characters; the model tells {scores:,} apart.",
        "Name the file that has the model's characters in order: vocabulary=FILE.",
    )


def _scores(outputs: tuple[Sizes, ...]) -> int | None:
    last = outputs[0][-1] if outputs and len(outputs[0]) > 1 else None
    return last if isinstance(last, int) else None


def _form(numbered: _Numbered, given: TextSettings, request: Request) -> _Form:
    sample, outputs = request.wanted.sample, request.wanted.outputs
    count = len(numbered.vocabulary.tokens)
    axis: Literal[1, 2] | None = None
    if len(sample) == 2 and count in sample:
        axis = 2 if sample[1] == count else 1
    time = sample[1] if axis == 1 else (sample[0] if sample else None)
    length = given.length or (time if isinstance(time, int) and time > 0 else USUAL_LENGTH)
    told = given.told
    if told == "guess":
        told = "last" if outputs and len(outputs[0]) == 2 else "each"
    usual = length if told == "each" else max(1, len(numbered.tokens) // MOST_LAST)
    form = _Form(length, given.stride or usual, told, axis, len(sample) == 2 and sample[1] == 1)
    each = length * 8 * (1 if axis is None else count / 2) * (2 if told == "each" else 1)
    if len(numbered.tokens) / form.stride * each > MOST_BYTES:
        raise request.error(
            f"Its sequences would take more than {MOST_BYTES / 1e9:.1f} GB.",
            "Use a part of the text, or a longer stride.",
        )
    return form


def _parts(count: int, form: _Form) -> tuple[Array, ...]:
    """Return where the sequences of each split begin; one needs the character behind it, too."""
    ends = [0, *(int(count * share) for share in SHARES), count]
    return tuple(
        np.arange(begin, max(begin, end - form.length), form.stride)
        for begin, end in pairwise(ends)
    )


def _samples(numbered: _Numbered, starts: Array, first: int, form: _Form) -> Samples:
    places = starts[:, None] + np.arange(form.length + 1)
    tokens = numbered.tokens[places]
    fed, behind = tokens[:, :-1], tokens[:, 1:]
    if form.axis is not None:
        fed = np.eye(len(numbered.vocabulary.tokens), dtype=np.float32)[fed]
        fed = np.moveaxis(fed, 2, form.axis)
    elif form.with_one:
        fed = fed[..., None]
    labels = behind if form.told == "each" else behind[:, -1]
    return Samples(
        (np.ascontiguousarray(fed),), labels.copy(), first + np.arange(len(starts)),
        starts // (TOGETHER * form.length),
    )  # fmt: skip


def _note(numbered: _Numbered) -> str:
    if numbered.unit == "bytes":
        return "bytes as numbers"
    shown = "".join(token for token in numbered.vocabulary.tokens if len(token) == 1)
    return f"characters as numbers, in this order: {shown!r}"
