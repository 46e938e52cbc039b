"""The question that was asked, and the answer in one sentence."""

from __future__ import annotations

from tinystudio.gallery import PREFIX, find_task
from tinystudio.reports import words
from tinystudio.reports.html import Content, Html, joined, paragraph
from tinystudio.reports.section import Section
from tinystudio.reports.subject import ReportSubject
from tinystudio.session.baseline import baseline_words
from tinystudio.session.figure_words import bytes_text, latency_text


def write(subject: ReportSubject) -> Section:
    """Write what was asked, and in a sentence what came of it."""
    asked = f"What does it cost to make “{subject.network_words}” smaller?"
    parts: list[Content] = [paragraph(asked, "lead")]
    if subject.network.startswith(PREFIX):
        task = find_task(subject.network)
        parts.append(paragraph(f"The model answers: {task.question}"))
    if limits := _limits(subject):
        parts.append(paragraph(f"It was to stay within: {limits}."))
    parts.append(paragraph(Html(f"<b>Answer.</b> {_answer(subject).markup}")))
    return Section("question", "Question and answer", joined(parts))


def _answer(subject: ReportSubject) -> Html:
    chosen = subject.chosen
    if chosen.is_original:
        return joined(["No smaller variant was chosen. The figures below are of the model itself."])
    figures, before = words.comparable(chosen, subject.reference)
    timed = chosen.measurement  # one time of one file: it was timed on test as well
    name = words.metric_name(figures.metric)
    told = [f"“{chosen.title}” has {words.size(figures)} ({words.smaller(figures, before)})"]
    if figures.score is not None:
        told.append(
            f"{name} {words.score(figures, words.MORE)} on {figures.split} "
            f"({words.change(figures, decimals=words.MORE)})"
        )
    if timed.latency_ms is not None:
        told.append(f"{words.latency(timed)} a call here, verdict: {timed.verdict}")
    against = subject.reference.title
    return joined([f"{'; '.join(told)}. Changes are against “{against}”.{_doubt(subject)}"])


def _doubt(subject: ReportSubject) -> str:
    said = subject.disagreement
    return f" {said}" if said else ""


def _limits(subject: ReportSubject) -> str:
    limits, told = subject.limits, list[str]()
    for name, figure in (("size", limits.size_bytes), ("download", limits.download_bytes),
                         ("peak memory", limits.peak_memory_bytes)):  # fmt: skip
        if figure is not None:
            told.append(f"{name} at most {bytes_text(round(figure))}")
    if limits.latency_ms is not None:
        told.append(f"latency at most {latency_text(limits.latency_ms)}")
    if limits.energy_mj is not None:
        told.append(f"energy at most {limits.energy_mj:.3g} mJ")
    if limits.score is not None:
        told.append(_least_score(subject, limits.score))
    return ", ".join(told)


def _least_score(subject: ReportSubject, least: float) -> str:
    """Return the score that was asked for, and how far below what others are compared with."""
    figures = subject.reference.measurement
    metric = figures.metric
    text = f"{words.metric_name(metric)} {words.number(least, metric)}{words.unit_of(metric)}"
    loss = 0.0 if figures.score is None else figures.score - least
    loss = loss if figures.higher_is_better else -loss
    if loss <= 0:
        return f"{text} or better"
    unit = " points" if words.is_percent(metric) else words.unit_of(metric)
    lost = f"a loss of at most {words.number(loss, metric)}{unit}"
    return f"{text} or better ({lost} from {baseline_words(subject.baseline)})"
