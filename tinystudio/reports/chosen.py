"""The chosen variant beside what it is compared with: every figure with its interval."""

from __future__ import annotations

from tinystudio.core.measurement import Measurement
from tinystudio.reports import words
from tinystudio.reports.html import Content, facts, heading, joined, listed, paragraph, table
from tinystudio.reports.section import Section
from tinystudio.reports.subject import ReportSubject
from tinystudio.session.figure_words import bytes_text, count_text, latency_text
from tinystudio.session.marks import ProjectVariant

VALIDATION_NOTE = (
    "It was chosen on validation, so its validation score is likely a little better than what new "
    "data will show. The test score was looked at a single time, after the choice."
)
NO_TEST = "It was not measured on the test split, so the score that counts for new data is missing."


def write(subject: ReportSubject) -> Section:
    """Write the figures of the chosen variant."""
    chosen, against = subject.chosen, subject.reference
    parts: list[Content] = [paragraph(f"{chosen.title}. {subject.why_chosen}", "lead")]
    if chosen.mark.note:
        parts.append(paragraph(f"Note: {chosen.mark.note}", "note"))
    parts.append(_figures(subject, chosen.measurement, against.measurement))
    if chosen.test is not None and chosen.has_test:
        parts += [heading("On the test split"), _test(chosen.test, chosen, against)]
        if subject.disagreement:
            parts.append(paragraph(subject.disagreement, "warning"))
        parts.append(paragraph(VALIDATION_NOTE, "note"))
    elif chosen.measurement.score is not None:
        parts.append(paragraph(NO_TEST, "warning"))
    if chosen.measurement.verdict_reason:
        figures = chosen.measurement
        parts.append(paragraph(f"Verdict: {figures.verdict}. {figures.verdict_reason}"))
    warnings = dict.fromkeys((*chosen.measurement.warnings, *(chosen.test or _NO).warnings))
    parts += [paragraph(warning, "warning") for warning in warnings]
    if chosen.variant.notes:
        parts += [heading("What the techniques say"), listed(chosen.variant.notes)]
    if chosen.variant.artifact is not None:
        artifact = chosen.variant.artifact
        pairs = [("SHA-256", artifact.sha256), ("Bytes", count_text(artifact.size_bytes))]
        parts.append(facts(pairs, "The file"))
    return Section("chosen", "The chosen variant", joined(parts))


_NO = Measurement()


def _figures(subject: ReportSubject, mine: Measurement, theirs: Measurement) -> Content:
    name = words.capital(words.metric_name(mine.metric))
    is_estimate = "estimated" in (mine.energy_mj_status, theirs.energy_mj_status)
    rows = [
        (f"{name} on {mine.split}, n = {count_text(mine.samples)}",
         words.score(theirs, words.MORE), words.score(mine, words.MORE),
         words.interval(mine.score_interval, mine.metric), words.change(mine, decimals=words.MORE)),
        ("File", words.size(theirs), words.size(mine), words.NONE, words.smaller(mine, theirs)),
        ("Download (zstd)", bytes_text(theirs.download_bytes), bytes_text(mine.download_bytes),
         words.NONE, words.NONE),
        ("Parameters", count_text(theirs.parameters), count_text(mine.parameters), words.NONE,
         words.NONE),
        ("Multiply-adds (MACs)", count_text(theirs.macs), count_text(mine.macs), words.NONE,
         words.NONE),
        ("Latency, median", words.latency(theirs), words.latency(mine),
         words.latency_interval(mine), words.ratio(mine)),
        *_tail(mine, theirs),
        *_throughput(mine, theirs),
        ("Peak memory", words.memory(theirs), words.memory(mine), words.NONE, words.NONE),
        (f"Energy of a call{', estimated' if is_estimate else ''}", words.energy(theirs),
         words.energy(mine), words.energy_interval(mine), words.NONE),
    ]  # fmt: skip
    titles = ("", subject.reference.title, subject.chosen.title, "90 % interval", "Change, verdict")
    return table(titles, rows, "Figures of the chosen variant")


def _tail(mine: Measurement, theirs: Measurement) -> list[tuple[str, ...]]:
    names = (("95 of 100 calls within", "latency_p95_ms"), ("99 of 100 calls within",
             "latency_p99_ms"), ("999 of 1,000 calls within", "latency_p999_ms"))  # fmt: skip
    return [
        (title, latency_text(getattr(theirs, name)), latency_text(getattr(mine, name)),
         words.NONE, words.NONE)
        for title, name in names
        if getattr(mine, name) is not None
    ]  # fmt: skip


def _throughput(mine: Measurement, theirs: Measurement) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        (f"Samples a second, {item.batch} a call", words.throughput(theirs, item.batch),
         words.throughput(mine, item.batch), words.throughput_interval(mine, item.batch),
         words.NONE)
        for item in mine.throughput
    ]  # fmt: skip
    if mine.preparing_ms is not None:
        rows.append(("Preparing a sample", latency_text(theirs.preparing_ms),
                     latency_text(mine.preparing_ms), words.NONE, words.NONE))  # fmt: skip
    return rows


def _test(mine: Measurement, chosen: ProjectVariant, against: ProjectVariant) -> Content:
    before = words.NONE if against.test is None else words.score(against.test, words.MORE)
    row = (
        f"{words.capital(words.metric_name(mine.metric))}, n = {count_text(mine.samples)}",
        before, words.score(mine, words.MORE),
        words.interval(mine.score_interval, mine.metric), words.change(mine, decimals=words.MORE),
        words.change_interval(mine),
    )  # fmt: skip
    titles = ("", against.title, chosen.title, "90 % interval", "Change",
              "90 % interval of the change")  # fmt: skip
    return table(titles, [row], "Score on the test split")
