"""Asks for comparisons, shows each where it belongs, and remembers them while a project is open."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal, Slot

from tinystudio.core.errors import UserError
from tinystudio.gui import wording
from tinystudio.gui.compare.baseline_offer import baseline_offer
from tinystudio.gui.panels.compare import NOTHING, ComparePanel
from tinystudio.gui.studio import Studio
from tinystudio.jobs.comparison import MOST, Comparison
from tinystudio.jobs.job import CompareJob
from tinystudio.session.comparing import compare_job, spread_job, with_newest_figures
from tinystudio.session.runs import Run, Runs

CHOSEN_MS = 6000  # so long the status bar says what is chosen
WAITS = "It waits for its turn."
STOPPED = "The comparison was cancelled. Press Ctrl+Shift+C to begin it again."


class CompareDesk(QObject):
    """`chosen` are the variants that the next comparison is of, whoever chose them last."""

    front_wanted = Signal()  # the panel is to be seen
    chosen_changed = Signal(list, str)  # of ids; in words

    def __init__(self, studio: Studio, panel: ComparePanel) -> None:
        super().__init__(studio)
        self._studio, self.panel = studio, panel
        self.chosen: list[str] = []
        self._known: dict[str, Comparison] = {}  # by the job's fingerprint
        self._job: CompareJob | None = None  # what is shown or on its way
        self._fingerprint = ""  # its own
        self._asked: dict[str, str] = {}  # fingerprints by job, which take long to make
        self._spread: str = ""
        studio.runs_changed.connect(self._on_runs_changed)
        studio.project_changed.connect(self._on_project_changed)
        studio.network_changed.connect(self._on_network_changed)
        studio.variants_changed.connect(self._offer_baseline)
        studio.variants_changed.connect(self._show_newest)
        panel.comparison_requested.connect(self.compare)
        panel.spread_requested.connect(self._on_spread_requested)
        panel.cancel_requested.connect(self._on_cancel_requested)

    @Slot(list)
    def choose(self, variants: list[str]) -> None:
        """Note which variants are chosen now; one alone chooses nothing."""
        self.chosen = variants if len(variants) > 1 else []
        words = f"{wording.plural(len(variants), 'variant')} chosen: Ctrl+Shift+C compares them"
        if len(variants) > MOST:
            words = f"{len(variants)} variants chosen; at most {MOST} can be compared"
        self.chosen_changed.emit(self.chosen, words if self.chosen else "")

    @Slot(str)
    def toggle(self, variant: str) -> None:
        """Add a variant to the chosen ones, or take it away; the selected one counts as chosen."""
        selected = self._studio.session.selected
        now = self.chosen or ([selected.id] if selected is not None else [])
        kept = [item for item in now if item != variant]
        self.choose(kept if variant in now else [*now, variant])

    @Slot()
    def compare_chosen(self) -> None:
        """Compare what is chosen; where that is one variant alone, it and the baseline."""
        session = self._studio.session
        ids, selected, original = list(self.chosen), session.selected, session.original
        if not ids and selected is not None and original is not None:
            base = session.baseline
            ids = [original.id if base is None or base.id == selected.id else base.id, selected.id]
        self.compare(ids)

    @Slot(list)
    def compare(self, variants: Sequence[str]) -> None:
        """Compare these variants, or show what is known of them already."""
        self._studio.attempt(lambda: self._compare(variants))

    def _compare(self, variants: Sequence[str]) -> None:
        job = compare_job(self._studio.session, variants)
        self._job, self._fingerprint = job, job.fingerprint
        known = self._known.get(self._fingerprint)
        if known is None:
            self.panel.show_busy(job.title, WAITS, 0.0)
            self._studio.session.submit(job)
        else:
            self.panel.show_comparison(known)
        self._offer_baseline()
        self.front_wanted.emit()

    @Slot()
    def _offer_baseline(self) -> None:
        """Offer the baseline, as it is now, to the comparison that is shown or on its way."""
        compared = () if self._job is None else tuple(item.id for item in self._job.contenders)
        self.panel.offer_baseline(baseline_offer(compared, self._studio.session.baseline))

    @Slot()
    def _show_newest(self) -> None:
        """Let the comparison that is shown stand on the same clock as all other views."""
        known = self._known.get(self._fingerprint)
        if self._job is None or known is None:
            return
        newest = with_newest_figures(self._studio.session, known)
        if newest is not known:
            self._known[self._fingerprint] = newest
            self.panel.show_figures(newest)

    @Slot()
    def _on_runs_changed(self) -> None:
        runs = self._studio.session.runs
        run = self._newest_run(runs)
        if self._job is not None and run is not None:
            self._show(self._job, run)
        if self._spread in runs and runs[self._spread].is_ended:
            run, self._spread = runs[self._spread], ""
            if run.spread is not None:
                self.panel.weights.show_spread(run.spread)
            elif run.problem is not None:
                self.panel.weights.show_trouble(f"{run.problem.title}: {run.problem.detail}")

    def _newest_run(self, runs: Runs) -> Run | None:
        """Return the last run of what was asked: the list of jobs may have asked for it again."""
        found = None
        for run in runs:
            if isinstance(run.job, CompareJob):
                asked = self._asked.get(run.id) or run.job.fingerprint
                self._asked[run.id] = asked
                found = run if asked == self._fingerprint else found
        return found

    def _show(self, job: CompareJob, run: Run) -> None:
        if run.comparison is not None:
            if self._fingerprint not in self._known:
                self._known[self._fingerprint] = run.comparison
                self.panel.show_comparison(run.comparison)
        elif not run.is_ended:
            self.panel.show_busy(job.title, run.text or WAITS, run.fraction)
        elif run.problem is not None:
            self.panel.show_nothing(
                f"{run.problem.title}\n\n{run.problem.detail} {run.problem.hint}"
            )
        else:
            self.panel.show_nothing(STOPPED)

    @Slot(str)
    def _on_spread_requested(self, layer: str) -> None:
        if self._job is None:
            return
        job = spread_job(self._job, layer)
        try:
            self._spread = self._studio.session.submit(job)
        except UserError as error:
            self.panel.weights.show_trouble(f"{error.title}: {error.detail}")

    @Slot()
    def _on_cancel_requested(self) -> None:
        if self._job is not None:
            job = self._job.id
            self._studio.attempt(lambda: self._studio.session.cancel(job))

    @Slot()
    def _on_project_changed(self) -> None:
        self.choose([])

    @Slot()
    def _on_network_changed(self) -> None:
        """Another model's comparison is of no use here; its own comes back when it is asked for."""
        job, session = self._job, self._studio.session
        place = (session.network, session.data, session.state.seed)
        if job is not None and (job.network, job.data, job.seed) != place:
            self._job = None
            self.choose([])
            self.panel.show_nothing(NOTHING)
