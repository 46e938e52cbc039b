"""What one changed sample looks like and what the variants made of it, in words."""

from __future__ import annotations

from dataclasses import dataclass

from tinystudio.gui.sample_tiles import Tile
from tinystudio.gui.texts import tr
from tinystudio.jobs.comparison import ChangedSample, Said
from tinystudio.session.comparison_tables import kind_words, said_text


@dataclass(frozen=True)
class Answer:
    """What one variant said: its sign and name, the rest, and how that is to be read."""

    sign: str  # "✓", "✕" or none
    title: str
    text: str
    tone: str
    is_sure: bool  # whether how sure it is stands at the end of the text

    @property
    def named(self) -> str:
        """Return the sign and the name, as they stand before the answer."""
        return f"{self.sign} {tr(self.title)}".strip()

    @property
    def whole(self) -> str:
        """Return it in one line."""
        return f"{self.named}: {tr(self.text)}"


@dataclass(frozen=True)
class Card:
    """One changed sample: its tiles with captions, or its content in words, and the answers."""

    sample: ChangedSample
    titles: tuple[str, ...]
    metric: str
    tiles: tuple[Tile, ...] = ()
    captions: tuple[str, ...] = ()
    content: str = ""

    @property
    def answers(self) -> tuple[Answer, ...]:
        """Return what each variant made of it."""
        return tuple(
            _answer(title, said, self.metric)
            for title, said in zip(self.titles, self.sample.said, strict=True)
        )

    @property
    def heading(self) -> str:
        """Return which sample it is."""
        label = f" · {self.sample.truth}" if self.sample.truth else ""
        return f"sample {self.sample.number}{label}"

    @property
    def words(self) -> str:
        """Return the whole card in words."""
        said = ", ".join(answer.whole for answer in self.answers)
        content = f", {self.content}" if self.content else ""
        return f"{self.kind}, {self.heading}{content}: {said}"

    @property
    def lines(self) -> str:
        """Return the whole card in words, a line for each of its own."""
        parts = [self.kind, self.heading, self.content, *(item.whole for item in self.answers)]
        return "\n".join(part for part in parts if part)

    @property
    def kind(self) -> str:
        """Return what happened to the sample, and with new mistakes whose they are."""
        if self.sample.kind != "new mistake":
            return kind_words(self.sample.kind)
        told = zip(self.titles[1:], self.sample.said[1:], strict=True)
        wrong = [title for title, said in told if said.is_right is False]
        return f"new mistake: {' · '.join(wrong)}"


def _answer(title: str, said: Said, metric: str) -> Answer:
    text, is_told = said_text(said, metric), said.is_right is not None
    sign, text = text.split(" ", 1) if is_told else ("", text)
    tone = "" if said.is_right is None else "good" if said.is_right else "bad"
    return Answer(sign, title, text, tone, is_told and said.sure is not None)
