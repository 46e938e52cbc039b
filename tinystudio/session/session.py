"""The open project and everything a user does in it; window and command line both drive this."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from tinystudio.core.data_reference import DataReference
from tinystudio.core.errors import UserError
from tinystudio.core.params import Single
from tinystudio.explorer.space import Choice
from tinystudio.gallery import PREFIX, find_task
from tinystudio.jobs.events import Event, Finished
from tinystudio.jobs.job import (
    DiagnoseJob,
    ExploreJob,
    ExportJob,
    InspectJob,
    Job,
    PreviewJob,
    VariantsJob,
    new_id,
)
from tinystudio.jobs.recipe import Recipe
from tinystudio.jobs.variant import variant_id
from tinystudio.session.board import Change
from tinystudio.session.figure_words import bytes_text, latency_text
from tinystudio.session.front import Limits
from tinystudio.session.going_on import left_over
from tinystudio.session.marks import ProjectVariant
from tinystudio.session.moving import Lost, lost_in
from tinystudio.session.project import Project
from tinystudio.session.queueing import JobSink, Queueing
from tinystudio.session.records import ProjectState, Record
from tinystudio.session.runs import Run, RunState
from tinystudio.session.stopped import stopped_in
from tinystudio.session.sweeps import Vary, expand, sweep_title

__all__ = ["Change", "JobSink", "ProjectState", "Session"]

PREVIEW_SAMPLES = 500


class Session(Queueing):
    """One thread, no Qt. Methods return at once; what they start arrives as events.

    `save` takes records to write; by default they are written to the project here and now.
    Events that come from an engine are either given to `take` (written, then applied) or, where
    something else has written them already, to `apply`.
    """

    def __init__(
        self,
        project: Project,
        jobs: JobSink,
        save: Callable[[Sequence[Record]], None] | None = None,
    ) -> None:
        super().__init__(project, jobs, save)
        self._preview_number = 0
        self._times_original = True
        self._lost_at_first = lost_in(self.state)

    @property
    def lost(self) -> tuple[Lost, ...]:
        """Return what is open and was no longer where it was when the project was opened."""
        named = (self.network, self.data)
        return tuple(item for item in self._lost_at_first if item.reference in named)

    def open_network(
        self, network: str, data: str | None = None, seed: int | None = None, time: bool = True
    ) -> None:
        """Open a network, alone or with data: look at it, and measure the original.

        `seed` draws splits and random choices; None leaves the project's as it is.
        """
        seed = self.state.seed if seed is None else seed
        self._times_original = time
        is_first = self.network is None
        self._change(
            f"Open {_name(network)}", network=network, data=data, seed=seed, recipe=Recipe(),
            off_steps=(),
        )  # fmt: skip
        if is_first:  # there is nothing to go back to
            self._history.restart(self._history.present)
        self._arrive()

    def _arrive(self) -> None:
        """Look at what is open now, and measure its original where nothing is known of it."""
        super()._arrive()
        if self.network is not None:
            self._look_at(self.network, self.data)
        if self.data is not None and self.original is None and not self.project.is_read_only:
            self.measure_original(self._times_original)

    def _look_at(self, network: str, data: str | None) -> None:
        title = f"Look at {_name(network)}"
        self.submit(InspectJob(network=network, data=data, seed=self.state.seed, title=title))

    def apply(self, events: Iterable[Event]) -> None:
        """Apply what engines said; what stood in the open network's file before is done anew."""
        events = tuple(events)
        super().apply(events)
        for event in events:
            if isinstance(event, Finished) and event.job in self.runs:
                self._notice_another_file(self.runs[event.job])

    def _notice_another_file(self, run: Run) -> None:
        """Where a run found another file than the ones before it: look at it, measure it."""
        if run.job.network != self.network or self.project.is_read_only:
            return
        original, known = self.original, self.inspection
        if isinstance(run.job, InspectJob) and original is None:
            if self.data is not None and self.variants() and not self._is_measured_after(run):
                self.measure_original(self._times_original)
        elif isinstance(run.job, VariantsJob) and original is not None and known is not None:
            made = original.variant.source
            if made and known.fingerprint and made != known.fingerprint:
                self.preview = None
                self.exploration.forget()
                self._look_at(run.job.network, self.data)
                self._tell(Change.DATABASE)

    def _is_measured_after(self, look: Run) -> bool:
        """Say whether something asked for after a look measures the same network."""
        runs = list(self.runs)
        later = runs[runs.index(look) + 1 :]
        return any(
            isinstance(run.job, VariantsJob) and run.job.network == look.job.network
            for run in later
        )

    def attach_data(self, data: str) -> None:
        """Measure the open network on this data from now on."""
        if self.network is None:
            raise UserError("No data was attached", "No model is open.", "Open a model first.")
        is_same = self.data is not None and _path(self.data) == _path(data)
        self._change("Read the data otherwise" if is_same else "Attach data", data=data)
        self._arrive()

    def detach_data(self) -> None:
        """Go on without data; what was measured on it is shown again once it is attached."""
        if self.data is not None:
            self._change("Detach the data", data=None)
            self._arrive()

    def measure_original(self, time: bool = True) -> None:
        """Measure the open network as it came."""
        self.measure_recipes((), "Measure the original", time)

    def keep(self, variant: str, kept: bool = True) -> None:
        """Keep a variant and its file; it is then measured once on the test split."""
        found = self.variant(variant)
        if found is None:
            return
        self._mark(variant, "Keep" if kept else "Let go", kept=kept)
        if kept and not found.has_test:
            self._measure_on_test(found)

    def measure_on_test(self, variant: str) -> str | None:
        """Measure a variant on the test split, unless it has been; return the job."""
        found = self.variant(variant)
        return None if found is None or found.has_test else self._measure_on_test(found)

    def _measure_on_test(self, found: ProjectVariant) -> str:
        recipes = () if found.is_original else (found.variant.recipe,)
        return self.submit(
            VariantsJob(
                network=found.variant.network, data=found.variant.data, seed=found.variant.seed,
                recipes=recipes, split="test", title=f"Measure {found.title} on test",
            )
        )  # fmt: skip

    def submit(self, job: Job) -> str:
        """Send a job and return its id."""
        if isinstance(job, VariantsJob):
            self._check_writable("Nothing was measured")
        self.runs.expect(job)
        self._jobs.send(job)
        self._tell(Change.RUNS)
        return job.id

    def ask_preview(self, samples: int | None = None, recipe: Recipe | None = None) -> int | None:
        """Ask what a recipe (default: the edited one) would do; return the answer's number.

        `samples`: on how many of validation; by default so many that a slider need not wait.
        Nothing is asked where the recipe would have to be trained first.
        """
        if self.network is None or self.data is None:
            return None
        recipe = self.recipe if recipe is None else recipe
        if self.trains_anew(recipe):
            return None
        self._preview_number += 1
        database, is_known = self.exploration.database, self.exploration.choice(recipe) is not None
        is_point = is_known or self.exploration.found(recipe) is not None
        usual = database.samples if database is not None and is_point else PREVIEW_SAMPLES
        job = PreviewJob(
            network=self.network, data=self.data, seed=self.state.seed, recipe=recipe,
            number=self._preview_number, title="Preview", samples=samples or usual,
            keep_outputs=is_known and samples is None,
            database=self.exploration.path if is_known else None,
        )  # fmt: skip
        self.submit(job)
        return job.number

    def trains_anew(self, recipe: Recipe) -> bool:
        """Say whether a recipe holds a training whose result is not there yet: no slider's work."""
        ends = [count for count, step in enumerate(recipe.steps, 1) if step.part.trains]
        if not ends or self.exploration.found(recipe) is not None:
            return False
        made = (item.variant for item in self.variants() if not item.is_outdated)
        known = (variant.recipe.steps[: ends[-1]] for variant in made)
        return recipe.steps[: ends[-1]] not in known

    def explore(
        self, time: bool = True, search_s: float = 0.0, within: Limits | None = None
    ) -> str | None:
        """Build the layer database of what is open, or fetch it; None where there is no data.

        `search_s`: for so many seconds better points are searched after that, `within` limits on
        size and latency where there are any. One at a time: what is being built of another network
        or seed is stopped.
        """
        if self.network is None or self.data is None:
            return None
        for run in self.exploring:
            self.cancel(run.id)
        name, limits = _name(self.network), within or Limits()
        job = ExploreJob(
            network=self.network, data=self.data, seed=self.state.seed, time=time,
            search_s=search_s, within_bytes=limits.size_bytes, within_ms=limits.latency_ms,
            title=_exploring_title(name, search_s, limits),
        )  # fmt: skip
        return self.submit(job)

    @property
    def exploring(self) -> tuple[Run, ...]:
        """Return the runs that build layer databases now."""
        return tuple(run for run in self.runs.open if isinstance(run.job, ExploreJob))

    def choose_point(
        self, choice: Choice, text: str, merge: str | None = None, epochs: float = 0.0
    ) -> None:
        """Make the recipe of a choice the edited one; there must be a layer database."""
        self.edit(self.exploration.recipe(choice, epochs), text, merge)

    def measure(self, time: bool = True) -> str:
        """Make and measure the edited recipe."""
        return self.measure_recipes((self.recipe,), f"Measure {self.recipe.title}", time)

    def diagnose(self) -> str:
        """Find out why the edited recipe costs accuracy, and what would help."""
        network, data = self._opened("Nothing was diagnosed")
        if data is None:
            raise UserError(
                "Nothing was diagnosed", "There is no data to judge by.", "Attach data first."
            )
        job = DiagnoseJob(
            network=network, data=data, seed=self.state.seed, recipe=self.recipe,
            title=f"Diagnose {self.recipe.title}",
        )  # fmt: skip
        return self.submit(job)

    def sweep(
        self, varied: Sequence[Vary], again: bool = False, time: bool = True,
        recipe: Recipe | None = None,
    ) -> str:  # fmt: skip
        """Make and measure a recipe (default: the edited one) over values of its parameters.

        What the project has already measured is left out, unless `again`; not so where a recipe
        names a model (a teacher), of which only the engine sees whether its file has changed.
        """
        base = self.recipe if recipe is None else recipe
        recipes = expand(base, varied)
        fresh = (item.variant for item in self.variants() if not item.is_outdated)
        known = {variant.recipe.fingerprint for variant in fresh}
        wanted = [r for r in recipes if again or r.models or r.fingerprint not in known]
        return self.measure_recipes(wanted, sweep_title(base, varied, len(wanted)), time)

    def export(
        self, target: str, output: Path, options: dict[str, Single], variant: str | None = None
    ) -> str:
        """Write a variant (default: the edited recipe's) to a target and have it checked."""
        chosen = self.variant(variant) if variant else None
        recipe = chosen.variant.recipe if chosen else self.recipe
        file = self.project.artifact(chosen.variant) if chosen else None
        network, _ = self._opened("Nothing was exported")
        return self.submit(
            ExportJob(
                network=network, data=self.data, seed=self.state.seed, recipe=recipe,
                artifact=str(file) if file else None, target=target, options=options,
                output=str(output), title=f"Export {output.name}",
                measurements=tuple((item.title, item.measurement) for item in self.variants()),
            )
        )  # fmt: skip

    def retry(self, job: str) -> str:
        """Send an ended job again, without the recipes that are already measured."""
        run = self.runs[job]
        is_paused = run.state is RunState.PAUSED
        again = run.job.model_copy(update={"id": new_id(), "continues": job if is_paused else None})
        if isinstance(again, VariantsJob):
            again = again.model_copy(update=left_over(again, run))
        return self.submit(again)

    def keep_learned(self, job: str) -> str | None:
        """Make the variant that a cancelled training had reached; None where there is none."""
        stopped, asked = stopped_in(self.runs[job]), self.runs[job].job
        if stopped is None or not isinstance(asked, VariantsJob):
            return None
        title = f"Keep {stopped.words}: {stopped.recipe.title}"
        only = {"recipes": (stopped.recipe,), "series": (), "id": new_id(), "title": title}
        self._bring_back((stopped.recipe,))
        return self.submit(asked.model_copy(update=only))

    def measure_recipes(
        self,
        recipes: Sequence[Recipe],
        title: str,
        time: bool = True,
        batches: tuple[int, ...] = (),
    ) -> str:
        """Make and measure these beside the original, with throughput where `batches` are given."""
        network, data = self._opened("Nothing was measured")
        if data is None:
            raise UserError(
                "Nothing was measured", "There is no data to measure on.", "Attach data first."
            )
        self._bring_back(recipes)
        return self.submit(
            VariantsJob(
                network=network, data=data, seed=self.state.seed, recipes=tuple(recipes),
                title=title, time=time, batches=batches,
            )
        )  # fmt: skip

    def _bring_back(self, recipes: Sequence[Recipe]) -> None:
        """Show again what was deleted: who measures it anew wants to see it."""
        if self.network is None or self.data is None:
            return
        for recipe in recipes:
            place = (self.network, self.data, self.state.seed)
            self.undelete(variant_id(*place, recipe, "validation"))

    def _opened(self, title: str) -> tuple[str, str | None]:
        if self.network is None:
            raise UserError(title, "No model is open.", "Open a model first.")
        return self.network, self.data


def _path(data: str) -> str:
    return DataReference.parse(data).path


def _exploring_title(name: str, search_s: float, limits: Limits) -> str:
    if not search_s:
        return f"Explore {name}"
    size = None if limits.size_bytes is None else bytes_text(int(limits.size_bytes))
    time = None if limits.latency_ms is None else latency_text(limits.latency_ms)
    if size and time:
        return f"Search within {size} and {time}"
    if size or time:
        return f"Search within {size or time}"
    return f"Search around the front of {name}"


def _name(network: str) -> str:
    """Return a network's name for people: the gallery task's title, or the file's name."""
    return find_task(network).title if network.startswith(PREFIX) else Path(network).name
