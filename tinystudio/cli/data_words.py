"""Prints what data looks like."""

from __future__ import annotations

from tinystudio.cli.console import Console
from tinystudio.core.data_card import DataCard, SplitCard
from tinystudio.core.data_preview import DataPreview, read_preview
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
    _show_samples(read_preview(card.preview), card, console)
    for remark in card.remarks:
        console.say(f"note: {remark}")


def _show_samples(preview: DataPreview | None, card: DataCard, console: Console) -> None:
    """Print what can be printed of the samples; where pictures are is told."""
    if preview is None:
        return
    console.say(f"samples: {preview.note}")
    if preview.kind == "rows":
        heads = [_headed(preview, at, name) for at, name in enumerate(preview.columns)]
        console.table(tuple(heads), list(preview.rows))
    elif preview.kind == "text":
        for item in preview.samples:
            console.say(f"  {item.text} -> {item.label}")
    else:
        console.say(f"  drawn in the window's card of the data; as JSON in {card.preview}")


def _headed(preview: DataPreview, column: int, name: str) -> str:
    if column == preview.target:
        return f"{name} (told)"
    return f"{name} (not fed)" if column in preview.unfed else name


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
