"""Prints what data looks like."""

from __future__ import annotations

from tinystudio.cli.console import Console
from tinystudio.core.data_card import DataCard, SplitCard
from tinystudio.jobs.inspection import DataInfo

MOST_CLASSES = 12  # in columns of their own


def show_data_card(data: DataInfo, card: DataCard, console: Console) -> None:
    """Print counts per split and class, ranges, settings and remarks."""
    console.say(f"data {data.name}: judged by {data.metric}, preprocessing {card.preprocessing}")
    classes = data.classes if len(data.classes) <= MOST_CLASSES else ()
    heads = ("split", "samples", *(classes or ("labels",)), "least", "most", "mean", "deviation")
    console.table(heads, [_row(split, bool(classes)) for split in card.splits])
    if card.settings:
        told = " ".join(f"{name}={value}" for name, value in card.settings.items() if value != "")
        console.say(f"read with: {told}")
    for remark in card.remarks:
        console.say(f"note: {remark}")


def _row(split: SplitCard, by_class: bool) -> tuple[str, ...]:
    figures = (split.minimum, split.maximum, split.mean, split.deviation)
    numbers = tuple("-" if figure is None else f"{figure:.4g}" for figure in figures)
    counts = tuple(map(str, split.by_class)) if by_class else (_labels(split),)
    return (split.name, str(split.samples), *counts, *numbers)


def _labels(split: SplitCard) -> str:
    if split.label_range is not None:
        low, high = split.label_range
        return f"{low:.4g} to {high:.4g}"
    present = sum(count > 0 for count in split.by_class)
    return f"{present} classes" if split.by_class else "-"
