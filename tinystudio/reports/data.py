"""Model and data: counts, hashes, licences, and what about the data is suspicious."""

from __future__ import annotations

from tinystudio.core.data_reference import DataReference
from tinystudio.downloads import find_download, is_download
from tinystudio.gallery import PREFIX, find_task
from tinystudio.jobs.inspection import DataInfo, Inspection
from tinystudio.reports.html import Content, facts, heading, joined, listed, paragraph, table
from tinystudio.reports.section import Section
from tinystudio.reports.subject import ReportSubject
from tinystudio.reports.words import metric_name
from tinystudio.session.figure_words import bytes_text, count_text

UNKNOWN_LICENCE = "not known to TinyStudio: it is your own"
MOST_CLASSES = 40


def write(subject: ReportSubject) -> Section:
    """Write what the model and the data are."""
    look = subject.inspection
    parts: list[Content] = [facts(_model(subject, look), "The model as it came")]
    data = look.data
    if data is None:
        parts.append(paragraph("What is known of the data was not kept with this project.", "note"))
        return Section("data", "Model and data", joined(parts))
    parts += [facts(_data(subject, data), "The data"), _splits(data)]
    if data.card is not None and data.card.remarks:
        parts += [heading("Remarks on the data"), listed(data.card.remarks)]
    return Section("data", "Model and data", joined(parts))


def _model(subject: ReportSubject, look: Inspection) -> list[tuple[str, Content]]:
    original = subject.original.variant
    pairs: list[tuple[str, Content]] = [
        ("Name", subject.network_words),
        ("Size", bytes_text(look.size_bytes)),
        ("Parameters", count_text(look.parameters)),
        ("Multiply-adds a sample", count_text(look.macs)),
        ("Input", ", ".join(f"{port.name} {_shape(port.shape)}" for port in look.inputs)),
        ("Output", ", ".join(f"{port.name} {_shape(port.shape)}" for port in look.outputs)),
        ("Licence", _licence(subject.network)),
    ]
    file = None if original.artifact is None else original.artifact.sha256
    if file and file == look.fingerprint:  # it came as TinyStudio writes files
        return [*pairs, ("SHA-256 of file and graph", file)]
    if file:
        pairs.append(("SHA-256 of the file measured", file))
    if look.fingerprint:
        pairs.append(("Fingerprint of the graph", look.fingerprint))
    return pairs


def _data(subject: ReportSubject, data: DataInfo) -> list[tuple[str, Content]]:
    named = DataReference.parse(subject.data)
    pairs: list[tuple[str, Content]] = [
        ("Name", subject.data_words),
        ("Judged by", metric_name(data.metric)),
        ("Licence", _licence(named.path)),
        ("Source", _source(named.path)),
    ]
    if named.settings:
        settings = ", ".join(f"{key} = {value}" for key, value in named.settings.items())
        pairs.append(("Read with", settings))
    if data.card is not None and data.card.preprocessing:
        pairs.append(("Preprocessing", data.card.preprocessing))
    if data.fingerprint:
        pairs.append(("Fingerprint of what is fed", data.fingerprint))
    pairs.append(("Seed of splits and choices", str(subject.seed)))
    return [(name, value) for name, value in pairs if value]


def _splits(data: DataInfo) -> Content:
    rows: list[tuple[str, ...]] = [
        ("train", count_text(data.train), "weights are trained on it, where a recipe trains"),
        ("calibration", count_text(data.calibration), "drawn from train; statistics are read here"),
        ("validation", count_text(data.validation), "variants are compared and chosen on it"),
        ("test", count_text(data.test), "looked at a single time, for what was chosen"),
    ]
    splits = table(("Split", "Samples", "What for"), rows, "Samples by split", numbers_to=2)
    splits_seen = () if data.card is None else data.card.splits
    counts: dict[str, tuple[int, ...]] = {item.name: item.by_class for item in splits_seen}
    if not data.classes or not any(counts.values()):
        return splits
    shown = ("train", "validation", "test")
    by_class = [
        (name, *(_count(counts.get(split, ()), at) for split in shown))
        for at, name in enumerate(data.classes[:MOST_CLASSES])
    ]
    caption = "Samples by class"
    if len(data.classes) > MOST_CLASSES:
        caption += f", the first {MOST_CLASSES} of {len(data.classes)}"
    return joined([splits, table(("Class", *shown), by_class, caption)])


def _count(counts: tuple[int, ...], at: int) -> str:
    return count_text(counts[at]) if at < len(counts) else "–"


def _licence(reference: str) -> str:
    if reference.startswith(PREFIX):
        return find_task(reference).licence
    if is_download(reference):
        found = find_download(reference)
        return f"{found.licence}. {found.terms}"
    return UNKNOWN_LICENCE


def _source(reference: str) -> str:
    if reference.startswith(PREFIX):
        return find_task(reference).source
    return find_download(reference).source if is_download(reference) else ""


def _shape(shape: tuple[int | str | None, ...]) -> str:
    return "×".join("?" if size is None else str(size) for size in shape)
