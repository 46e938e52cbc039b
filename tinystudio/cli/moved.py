"""A project whose model or data has moved: found again by what the command names now."""

from __future__ import annotations

from pathlib import Path

from tinystudio.cli.console import Console
from tinystudio.cli.working import carry_out
from tinystudio.core.errors import UserError
from tinystudio.jobs.job import InspectJob
from tinystudio.session.moving import Lost, differences, lost_in
from tinystudio.session.project import Project, is_project, open_project, with_suffix
from tinystudio.session.runs import Run, Runs


def look_for_project(folder: Path, job: InspectJob, console: Console) -> Run:
    """Look at model and data before they are worked with in the project at `folder`.

    What the project had elsewhere, and has the same content, takes its place there: what was
    measured stays. Raises `UserError`, which names the project where it knew what is missing.
    """
    folder = with_suffix(folder)
    if not is_project(folder):
        return carry_out(job, console)
    try:
        run = carry_out(job, console)
    except UserError as error:
        raise _named(folder, job, error) from error
    with open_project(folder, must_write=True) as project:
        memory = project.memory()
        for lost in lost_in(memory.state):
            _put_back(project, lost, Runs(memory.events), run, console)
    return run


def _named(folder: Path, job: InspectJob, error: UserError) -> UserError:
    """Return an error that says whose data or model is missing; others as they are."""
    with open_project(folder) as project:
        known = lost_in(project.memory().state)
        given = (job.network, job.data)
        lost = next((item for item in known if item.reference in given), None)
        if lost is None:
            return error
        option = "--data NEW" if lost.kind == "data" else "MODEL"
        return UserError(
            f"The {lost.kind} of the project {project.title} was not found",
            f"There is nothing at {lost.path} any more.",
            f"Say where it is now ({option}) with the same --project: what was measured on it "
            "stays, where it is the same.",
        )


def _put_back(project: Project, lost: Lost, runs: Runs, run: Run, console: Console) -> None:
    assert isinstance(run.job, InspectJob)
    given = run.job.network if lost.kind == "model" else run.job.data
    if given is None or run.inspection is None:
        return
    path = Lost(lost.kind, given).path
    if lost.at(path) != given:
        return  # read with other settings it is other data
    told = differences(lost, runs, run.inspection)
    if told:
        console.note(
            f"The {lost.kind} of the project was at {lost.path}, which is gone; {path} is not the "
            f"same: {' '.join(told)} It is taken as new."
        )
        return
    count = project.relocate(lost.path, path)
    console.note(
        f"The {lost.kind} of the project was at {lost.path} and is at {path} now; "
        f"{count} measurements on it stay."
    )
