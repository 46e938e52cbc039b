"""The Export wizard: target, place, summary, and the checks of what was written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLabel, QProgressBar, QWidget

from tinystudio.exporters import find_target
from tinystudio.exporters.exporter import Exporter
from tinystudio.gui import wording
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.wizards.place_page import PlacePage
from tinystudio.gui.wizards.subject import Subject
from tinystudio.gui.wizards.summary_page import SummaryPage
from tinystudio.gui.wizards.target_page import TargetPage
from tinystudio.gui.wizards.wizard import Wizard
from tinystudio.jobs.events import Exported
from tinystudio.session.command_line import export_command


class ExportWizard(Wizard):
    """Says `export_requested` with target, path and options; then shows how the checks went.

    `subject.recipe` is what the exported variant was made by.
    """

    export_requested = Signal(str, object, dict)  # target, Path, options

    def __init__(self, subject: Subject, folder: Path, parent: QWidget | None = None) -> None:
        target, place, last = TargetPage(), PlacePage(), ExportSummary()
        super().__init__("Export", (target, place, last), "Export", parent, "Export now")
        self._target, self._place, self._last = target, place, last
        self._subject, self._folder = subject, folder
        what = _variant_words(subject)
        target.hint = f"{what} is exported. {target.hint}"
        target.completeness_changed.connect(self._say_place)
        self._say_place()
        self._refresh()
        place.entered.connect(self._on_place_entered)
        last.entered.connect(self._on_summary_entered)
        self.finish_requested.connect(self._on_finished)

    @Slot()
    def _on_place_entered(self) -> None:
        """Offer a place that fits the target, and say what goes there."""
        written = _written_words(self._subject, self._part())
        self._place.hint = f"{written} {PlacePage.hint}"
        self._place.suggest(self._folder / _file_name(self._subject), self._part().suffix)

    @Slot()
    def _say_place(self) -> None:
        """Say where "Export now" writes to, for that is pressed before one sees the place."""
        if self._target.target is not None:
            self._on_place_entered()
            path = self._place.path
            self._target.say_place(f"“Export now” writes to {path}.")
            self.at_once_button.setToolTip(tr("Export to {path}").format(path=path))

    @Slot()
    def _on_summary_entered(self) -> None:
        """Say what will be written and checked."""
        self._last.show_no_result()
        subject, path = self._subject, self._place.path
        part, options = self._part(), self._target.options()
        rows = [("What is written", _written_words(subject, part)), ("Where", str(path))]
        if path is not None and path.is_file():
            rows.append(("Note", f"{path.name} exists already and will be overwritten."))
        rows.append(("Then", _check_words(subject, part)))
        command = export_command(
            subject.network or "MODEL.onnx", subject.data, subject.recipe, part.id,
            str(path), options,
        )  # fmt: skip
        self._last.show_summary(rows, command)

    def wants_a_look(self) -> bool:
        """Say whether a file would be overwritten."""
        return self._place.path is not None and self._place.path.is_file()

    def _part(self) -> Exporter[Any]:
        return find_target(self._target.target or "")

    @Slot()
    def _on_finished(self) -> None:
        path = self._place.path
        if path is None or self._target.target is None:
            return
        self.show_busy(True)
        self._last.show_progress(0.0, "Writing…")
        self.export_requested.emit(self._target.target, path, self._target.options().model_dump())

    @Slot(float, str)
    def show_progress(self, fraction: float, text: str) -> None:
        """Show how far the export is."""
        self._last.show_progress(fraction, text)

    @Slot(object)
    def show_exported(self, exported: Exported) -> None:
        """Show what was written and how each check went."""
        self._last.show_result(result_lines(exported), all(c.passed for c in exported.checks))
        self.show_done("The export is done.")

    @Slot(str, str, str)
    def show_failed(self, title: str, detail: str, hint: str) -> None:
        """Show why nothing was written; the user may go back and try again."""
        self._last.show_result([f"✗ {title}", detail, hint], all_well=False)
        self.show_busy(False)


class ExportSummary(SummaryPage):
    """The summary, and below it what came of it."""

    def __init__(self) -> None:
        super().__init__()
        self._bar, self._doing, self._result = QProgressBar(), QLabel(), QLabel()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Progress of the export"))
        self._result.setWordWrap(True)
        set_role(self._doing, "muted")
        for widget in (self._bar, self._doing, self._result):
            self.extra.addWidget(widget)
            widget.hide()

    def show_no_result(self) -> None:
        """Show that nothing has been done yet."""
        for widget in (self._bar, self._doing, self._result):
            widget.hide()

    def show_progress(self, fraction: float, text: str) -> None:
        """Show how far the export is."""
        self._result.hide()
        self._bar.show()
        self._doing.show()
        self._bar.setValue(round(100 * fraction))
        self._doing.setText(tr(text))

    def show_result(self, lines: list[str], all_well: bool) -> None:
        """Show what came of it."""
        self._bar.hide()
        self._doing.hide()
        self._result.show()
        self._result.setText(tr("\n".join(line for line in lines if line)))
        set_role(self._result, "good" if all_well else "bad")

    def result(self) -> str:
        """Return what is said to have come of it."""
        return self._result.text()


def result_lines(exported: Exported) -> list[str]:
    """Return the checks with ✓ or ✗, and the written files."""
    lines = [
        f"{'✓' if check.passed else '✗'} {check.title}: {check.detail}" for check in exported.checks
    ]
    lines += [
        f"Written: {item.path} ({wording.size_text(item.size_bytes)})"
        for item in exported.artifacts
    ]
    return lines


def _variant_words(subject: Subject) -> str:
    """Return which variant of which model is meant: "“INT8” of Watch"."""
    if not subject.recipe.steps:
        return f"The original of {subject.title}"
    return f"“{subject.recipe.title}” of {subject.title}"


def _written_words(subject: Subject, part: Exporter[Any]) -> str:
    if part.id == "csv":
        return f"All measured variants of {subject.title}, one row each, as {part.title}."
    return f"{_variant_words(subject)} is written as {part.title}."


def _check_words(subject: Subject, part: Exporter[Any]) -> str:
    if not part.runs_here:
        return "It is checked that the file is whole and can be read."
    return (
        "The file is opened in a new process, its outputs are compared with those of the measured "
        f"variant, its accuracy is measured again{'' if subject.data else ' where there is data'}, "
        "and it is timed."
    )


def _file_name(subject: Subject) -> str:
    """Return a name that says which model and which variant, safe on every system."""
    words = f"{subject.title} {subject.recipe.title if subject.recipe.steps else ''}"
    kept = "".join(letter if letter.isalnum() else " " for letter in words)
    return "-".join(kept.split()).lower() or "model"
