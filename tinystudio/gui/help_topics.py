"""What F1 says about each part of the window: for somebody who sees it for the first time."""

from __future__ import annotations

import re
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from tinystudio.core.glossary import GLOSSARY
from tinystudio.gui.wizards.wizard import Wizard

_PROPERTY = "help_topic"  # under which name a widget keeps the id of its topic


@dataclass(frozen=True)
class Topic:
    """A part of the window; `words` are entries of the glossary that one needs there."""

    title: str
    text: str
    words: tuple[str, ...]


TOPICS: dict[str, Topic] = {
    "models": Topic(
        "Models",
        "Every model you can work on: the gallery's tasks, your own, and below each what you have "
        "made of it. Enter opens a model or goes on with a variant; F2 gives a variant a name, K "
        "keeps it, Del takes it off the list. Files can be dropped here.",
        ("model", "variant", "original"),
    ),
    "plots": Topic(
        "Trade-off",
        "What accuracy costs: each point is a variant, the higher the better, the further left "
        "the smaller or faster. Left and right go from point to point. Solid points are measured, "
        "hollow ones previewed or predicted. The button Table shows the same as numbers.",
        ("Pareto front", "limit", "preview", "prediction", "interval", "random control"),
    ),
    "layers": Topic(
        "Layers",
        "One row for each layer: how large it is, how much work it is, and what it would cost to "
        "make it narrower or store it in fewer bits. Tab goes through sliders and boxes, the "
        "arrows through the rows.",
        ("layer", "channel", "MACs", "bits", "coupled channels", "layer database"),
    ),
    "runs": Topic(
        "Runs",
        "All variants as a table. Sort by a heading, choose the columns on the right, copy rows "
        "with Ctrl+C, drag a row onto Export or out of the window as a file.",
        ("variant", "tie", "verdict", "stale", "split"),
    ),
    "compare": Topic(
        "Compare",
        "Two to four variants side by side: their figures, what they do to each class, which "
        "samples they answer otherwise, and their layers. Choose the variants among the runs.",
        ("variant", "tie", "interval", "sample"),
    ),
    "training": Topic(
        "Training",
        "How trainings go: what they have still to learn (loss) and how good they are on samples "
        "held out, over the epochs. The ring is the best so far.",
        ("epoch", "fine-tuning", "distillation", "teacher"),
    ),
    "gallery": Topic(
        "Gallery",
        "Ready tasks with real data and a trained model each. The arrows go from card to card, "
        "Enter opens one.",
        ("model", "sample", "score"),
    ),
    "figures": Topic(
        "Figures",
        "What is selected is worth: score, size and latency, each against the original, or the "
        "variant chosen instead (Measure > Make this the baseline). ≈ means predicted. "
        "Ctrl+Shift+T copies them as a table.",
        ("accuracy", "latency", "interval", "tie", "verdict"),
    ),
    "compression": Topic(
        "Compression dial",
        "From the original on the left to the smallest on the right: at every place the best "
        "recipe of that size. Turn it with the arrows.",
        ("Pareto front", "prediction", "layer database", "bits", "sparsity"),
    ),
    "recipe": Topic(
        "Recipe",
        "What is done to the model, from top to bottom. Add a technique, set it, and measure the "
        "recipe. Nothing happens to your file, and Ctrl+Z takes back every change. A recipe file "
        "can be dropped here.",
        ("recipe", "technique", "calibration", "per-channel", "zero point", "INT8", "sweep"),
    ),
    "jobs": Topic(
        "Jobs and notices",
        "What runs, how long it takes, and what happened. Jobs can be paused, resumed, put first "
        "and cancelled; what was finished stays.",
        ("sweep", "layer database"),
    ),
}
WHOLE = Topic(
    "TinyStudio",
    "Open a model and its data, make it smaller by a recipe, see what that costs, keep what you "
    "like and export it. Press F1 in any part of the window to read about that part; Ctrl+K finds "
    "whatever you want to do.",
    ("model", "recipe", "variant", "Pareto front"),
)


def set_topic(widget: QWidget, topic: str) -> None:
    """Say what a part of the window is about."""
    widget.setProperty(_PROPERTY, topic)


def words_in(text: str) -> tuple[str, ...]:
    """Return the words of the glossary that a text uses."""
    letters = f" {re.sub(r'[^a-z0-9-]+', ' ', text.lower())} "
    return tuple(
        item.word for item in GLOSSARY
        if f" {item.word.lower()} " in letters or f" {item.word.lower()}s " in letters
    )  # fmt: skip


def topic_of(widget: QWidget | None) -> Topic:
    """Return what is to be said where a widget is: the topic of the nearest part around it."""
    if widget is not None and isinstance(window := widget.window(), Wizard):
        page = window.page
        return Topic(page.title, page.hint, words_in(f"{page.title} {page.hint}"))
    at = widget
    while at is not None:
        found = TOPICS.get(str(at.property(_PROPERTY) or ""))
        if found is not None:
            return found
        at = at.parentWidget()
    return WHOLE
