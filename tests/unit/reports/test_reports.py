"""A report tells what was found, in sections that stand in order; whatever names say is text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tinystudio.core.data import Split
from tinystudio.core.errors import UserError
from tinystudio.core.measurement import ClassScore, Conditions, Measurement
from tinystudio.jobs.events import Event, Finished, Inspected, Started, VariantReady
from tinystudio.jobs.inspection import DataInfo, Inspection, PortInfo
from tinystudio.jobs.job import InspectJob, VariantsJob
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.jobs.variant import Artifact, Variant, variant_id
from tinystudio.reports.axes import linear_ticks, log_ticks
from tinystudio.reports.page import html_report
from tinystudio.reports.subject import ReportSubject, report_subject
from tinystudio.reports.writing import write_report
from tinystudio.session.board import Board
from tinystudio.session.device_points import DevicePoint
from tinystudio.session.editing import Editing
from tinystudio.session.front import Limits
from tinystudio.session.marks import Mark
from tinystudio.session.project import Project, open_project
from tinystudio.session.records import Marked, ProjectState

AT = "2026-01-01T00:00:00Z"
NETWORK, DATA = "/home/somebody/<i>net.onnx", "/home/somebody/data.npz"
SMALL = Recipe(steps=(Step.of("channel-pruning", sparsity=0.5),))
SMALLER = Recipe(steps=(Step.of("channel-pruning", sparsity=0.7),))
EVIL = "<script>alert(1)</script>"


def figures(recipe: Recipe, metric: str, split: str) -> Measurement:
    is_original = not recipe.steps
    change = 0.0 if is_original else -0.02 if recipe == SMALL else -0.2
    score = {"accuracy": 0.9, "psnr": 31.0, "mae": 2.5}[metric]
    values: dict[str, object] = {
        "metric": metric, "higher_is_better": metric != "mae", "score": score + change,
        "score_interval": (score + change - 0.05, score + change + 0.05),
        "score_status": "measured", "split": split, "samples": 80, "size_bytes": 200_000,
        "size_bytes_status": "measured", "latency_ms": 0.2, "latency_interval_ms": (0.19, 0.21),
        "latency_ms_status": "measured", "warnings": (EVIL,),
        "conditions": Conditions(cpu="A CPU", onnxruntime="1.32", timing_method="in pairs"),
    }  # fmt: skip
    if metric == "accuracy":
        shares = (0.95, 0.9) if is_original else (0.9, 0.6 if recipe == SMALL else 0.3)
        values["per_class"] = tuple(
            ClassScore(name=name, accuracy=share, interval=(share - 0.1, share + 0.05), samples=40)
            for name, share in zip(("still", EVIL), shares, strict=True)
        )
    if not is_original:
        values |= {
            "score_change": change, "score_change_interval": (change - 0.03, change + 0.03),
            "score_tied": recipe == SMALL, "size_bytes": 50_000 if recipe == SMALL else 20_000,
            "latency_ratio": 0.5, "latency_ratio_interval": (0.49, 0.51), "verdict": "faster",
            "latency_ratio_status": "measured", "verdict_reason": "Fewer multiplications.",
        }  # fmt: skip
    return Measurement.model_validate(values)


def made(recipe: Recipe, metric: str, split: Split = "validation") -> VariantReady:
    return VariantReady(
        job=f"made {split}",
        variant=Variant(
            id=variant_id(NETWORK, DATA, 0, recipe, split), network=NETWORK, data=DATA, seed=0,
            recipe=recipe, series="channel-pruning" if recipe.steps else "original",
            measurement=figures(recipe, metric, split),
            artifact=Artifact(path="a.onnx", sha256="5ha256", size_bytes=1), notes=("48 of 64",),
        ),
    )  # fmt: skip


def events(metric: str) -> Iterator[Event]:
    classes = ("still", EVIL) if metric == "accuracy" else ()
    data = DataInfo(name="d", metric=metric, classes=classes, train=300, calibration=50,
                    validation=80, test=80, fingerprint="f1")  # fmt: skip
    port = PortInfo(name="x", dtype="float32", shape=(None, 3))
    seen = Inspection(
        title="net", parameters=1000, macs=5000, weight_bytes=4000, size_bytes=200_000,
        peak_activation_bytes=1, opset=17, producer="", inputs=(port,), outputs=(port,), layers=(),
        groups=(), preflight=(), data=data,
    )  # fmt: skip
    yield Started(job="look", what=InspectJob(id="look", network=NETWORK, data=DATA), at=AT)
    yield Inspected(job="look", inspection=seen)
    yield Finished(job="look", at=AT)
    whole: tuple[tuple[Split, tuple[Recipe, ...]], ...] = (
        ("validation", (Recipe(), SMALL, SMALLER)), ("test", (Recipe(), SMALL)),
    )  # fmt: skip
    for split, recipes in whole:
        job = VariantsJob(
            id=f"made {split}", network=NETWORK, data=DATA, recipes=recipes, split=split
        )
        yield Started(job=job.id, what=job, at=AT)
        yield from (made(recipe, metric, split) for recipe in recipes)
        yield Finished(job=job.id, at=AT)


@pytest.fixture
def project(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Project]:
    metric = getattr(request, "param", "accuracy")
    with open_project(tmp_path / "p") as opened:
        opened.write([*events(metric), ProjectState(network=NETWORK, data=DATA)])
        yield opened


@pytest.fixture
def subject(project: Project) -> ReportSubject:
    return report_subject(Board(project))


class _Tags(HTMLParser):
    """Checks that what is opened is closed, in order, and gathers what there is."""

    VOID = ("meta", "br", "img", "line", "rect")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.links: list[str] = []
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def section(page: str, id: str) -> str:
    return page.split(f'<section id="{id}">')[1].split("</section>", maxsplit=1)[0]


def test_every_section_is_there_and_the_page_needs_nothing_beside_it(
    subject: ReportSubject,
) -> None:
    page = html_report(subject)
    found = re.findall(r'<section id="(\w+)">', page)
    assert found == ["question", "chosen", "front", "classes", "data", "method", "conditions",
                     "recipe", "limits"]  # fmt: skip
    tags = _Tags(page)
    assert "script" not in tags.seen and tags.seen.count("figure") == 2
    assert all(link.startswith("#") for link in tags.links)


def test_names_are_text_and_folders_are_not_told(subject: ReportSubject) -> None:
    page = html_report(subject)
    assert EVIL not in page and "&lt;script&gt;alert(1)" in page
    assert "<i>net" not in page and "&lt;i&gt;net" in page
    assert "somebody" not in page


def test_the_smallest_that_ties_is_chosen_and_its_test_score_is_told(
    subject: ReportSubject,
) -> None:
    assert subject.chosen.variant.recipe == SMALL
    page = html_report(subject)
    assert "ties with the original" in section(page, "chosen")
    assert "on the test split" in section(page, "chosen").lower()
    assert "4.00× smaller" in section(page, "question")
    assert "--step channel-pruning --output" in section(page, "recipe")
    assert "5ha256" in section(page, "data")
    assert "Small samples" in section(page, "limits")


def test_a_file_has_one_time_and_a_test_that_disagrees_is_told(project: Project) -> None:
    taken = made(SMALL, "accuracy", "test")
    figures = taken.variant.measurement.model_copy(update={
        "latency_ms": 0.111, "latency_ratio": 0.555, "score_tied": False, "score_change": -0.04,
    })  # fmt: skip
    other = taken.variant.model_copy(update={"measurement": figures})
    again = VariantsJob(id="again", network=NETWORK, data=DATA, recipes=(SMALL,), split="test")
    project.write([Started(job="again", what=again, at=AT),
                   VariantReady(job="again", variant=other)])  # fmt: skip
    page = html_report(report_subject(Board(project)))
    told = section(page, "question")
    assert "100.0 µs a call" in told and "111" not in told  # half of the original's 200 µs
    assert "the test split, which had no part in the choice, disagrees: −4.00 points, worse" in told
    assert "disagrees" in section(page, "chosen")
    assert section(page, "method").count("Time: ") == 1


def test_the_worst_class_comes_first(subject: ReportSubject) -> None:
    told = section(html_report(subject), "classes")
    assert told.index("alert(1)", told.index("<tbody>")) < told.index("still")
    assert "from 90.0 % to 60.0 %" in told


@pytest.mark.parametrize("project", ["psnr", "mae"], indirect=True)
def test_what_has_no_classes_is_reported_as_well(subject: ReportSubject) -> None:
    page = html_report(subject)
    assert "There are no classes here" in section(page, "classes")
    unit = "dB" if subject.chosen.measurement.metric == "psnr" else "lower is better"
    assert unit in section(page, "front")
    _Tags(page)


def test_a_variant_can_be_named_and_what_was_kept_goes_first(project: Project) -> None:
    small, smaller = (
        variant_id(NETWORK, DATA, 0, recipe, "validation") for recipe in (SMALL, SMALLER)
    )
    named = report_subject(Board(project), smaller)
    assert named.chosen.id == smaller
    assert "not measured on the test split" in section(html_report(named), "chosen")
    project.write([Marked(smaller, Mark(kept=True, name="mine"))])
    assert report_subject(Board(project)).chosen.id == smaller
    assert report_subject(Board(project), "mine").chosen.id == smaller
    assert report_subject(Board(project), small).chosen.id == small
    with pytest.raises(UserError, match="no variant 'nobody'"):
        report_subject(Board(project), "nobody")


def test_another_baseline_and_figures_of_devices_are_told(project: Project) -> None:
    board = Editing(project)
    small, smaller = (
        variant_id(NETWORK, DATA, 0, recipe, "validation") for recipe in (SMALL, SMALLER)
    )
    board.set_baseline(small)
    base = board.baseline
    assert base is not None and base.measurement.score is not None
    board.set_limits(Limits(score=base.measurement.score - 0.01))
    board.add_device_points((DevicePoint(variant=smaller, device="Pi 4", latency_ms=3.0),))
    page = html_report(report_subject(board, smaller))
    assert "not the original" in section(page, "method")
    assert "2.50× smaller" in section(page, "question")
    title = report_subject(board).reference.title
    assert f"a loss of at most 1.0 points from “{title}”" in section(page, "question")
    assert f"changes are against “{title}”" in section(page, "front")
    assert "measured on Pi 4, imported" in section(page, "front")
    assert "3.00" in section(page, "front")


def test_a_report_can_be_told_against_another_variant_than_the_project_s_baseline(
    project: Project,
) -> None:
    small, smaller = (
        variant_id(NETWORK, DATA, 0, recipe, "validation") for recipe in (SMALL, SMALLER)
    )
    found = report_subject(Board(project), smaller, small)
    assert (found.reference.id, found.chosen.id) == (small, smaller)
    assert found.chosen.measurement.compared_with == found.reference.title
    assert report_subject(Board(project), smaller).reference.is_original
    nobody_chose = report_subject(Board(project), baseline=smaller)
    assert "No variant was chosen" in nobody_chose.why_chosen  # nothing is smaller than it
    with pytest.raises(UserError, match="no variant 'nobody'"):
        report_subject(Board(project), baseline="nobody")


def test_a_project_without_measurements_has_nothing_to_report(tmp_path: Path) -> None:
    with open_project(tmp_path / "empty") as empty, pytest.raises(UserError, match="No report"):
        report_subject(Board(empty))


def test_it_is_written_as_html_and_other_names_are_refused(
    subject: ReportSubject, tmp_path: Path
) -> None:
    write_report(subject, tmp_path / "r.html")
    assert (tmp_path / "r.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    with pytest.raises(UserError, match="neither"):
        write_report(subject, tmp_path / "r.docx")


def test_it_is_written_as_pdf(subject: ReportSubject, tmp_path: Path) -> None:
    write_report(subject, tmp_path / "r.pdf")
    pdf = (tmp_path / "r.pdf").read_bytes()
    assert pdf.startswith(b"%PDF") and len(re.findall(rb"/Type /Page\b", pdf)) >= 3
    assert b"/Subtype /Image" not in pdf  # charts are lines and letters, sharp at any size


def test_one_point_alone_can_be_drawn(subject: ReportSubject) -> None:
    alone = replace(subject, variants=(subject.original,), chosen=subject.original)
    page = html_report(alone)
    assert "there is nothing to make" in page
    _Tags(page)


@pytest.mark.parametrize(("low", "high"), [(0.03, 0.075), (1.0, 1.3), (5.0, 9e6), (120.0, 121.0)])
def test_ticks_are_round_and_few(low: float, high: float) -> None:
    for ticks in (log_ticks(low, high), linear_ticks(low, high)):
        assert 2 <= len(ticks) <= 7
        assert all(low * 0.999 <= tick <= high * 1.001 for tick in ticks)
