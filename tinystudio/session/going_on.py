"""Which jobs go on from where they were stopped, and what is left to do of them."""

from __future__ import annotations

from itertools import zip_longest

from tinystudio.jobs.job import ExploreJob, Job, VariantsJob
from tinystudio.session.runs import Run


def goes_on(job: Job) -> bool:
    """Say whether a job that is stopped goes on from where it was when it is asked for again."""
    return isinstance(job, (VariantsJob, ExploreJob))


def left_over(job: VariantsJob, run: Run) -> dict[str, object]:
    """Return the recipes of a job that its run did not finish, with the series of each."""
    done: set[tuple[str, str | None]] = {
        (item.recipe.fingerprint, name) for item in run.variants for name in (item.series, None)
    }
    left = [
        (recipe, name)
        for recipe, name in zip_longest(job.recipes, job.series)
        if (recipe.fingerprint, name) not in done
    ]
    return {
        "recipes": tuple(recipe for recipe, _ in left),
        "series": tuple(name for _, name in left if name is not None),  # those without come last
    }
