"""What the window shows only at times: history, notices, jobs that wait, the tour's steps."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtWidgets import QApplication, QSplitter, QTabWidget, QTreeView, QWidget
from screen_waiting import settle, turn

from tinystudio.gui import tour_steps
from tinystudio.gui.notice import Notice
from tinystudio.gui.photographer import Photographer
from tinystudio.jobs.recipe import Recipe, Step

NOTICES = (
    Notice("The project can be shared", "satellite.tinystudio.zip has 1.2 MB.", gravity="news"),
    Notice(
        "Little power is left", "Timings of a laptop without mains are slower.",
        "Plug it in, then measure again.", "warning",
    ),
    Notice(
        "The export was not written", "There is no room left on the disk.",
        "Free some space with File > Disk use, then export again.",
    ),
)  # fmt: skip
WIDE = (420, 560, 300)  # pixels of the browser, the views and the recipe: names stand whole
BEGUN_S = 20.0
WAITING = (0.3, 0.45, 0.6)  # how much is pruned in the jobs that wait


def moments(application: QApplication, photographer: Photographer) -> Iterator[tuple[str, QWidget]]:
    """Yield the window in each of these states; it is as before afterwards."""
    yield from history(application, photographer)
    yield from notices(application, photographer)
    yield from tour(application, photographer)


def history(application: QApplication, photographer: Photographer) -> Iterator[tuple[str, QWidget]]:
    """Yield the tree of variants, unfolded and wide."""
    parts = photographer.parts
    tree = parts.browser.findChild(QTreeView)
    if tree is None or not parts.studio.session.variants():
        return
    parts.window.show_tab(0)
    for splitter in parts.window.findChildren(QSplitter):
        if splitter.isAncestorOf(tree) and splitter.count() == len(WIDE):
            splitter.setSizes(WIDE)
    tree.expandAll()
    settle(application)
    yield "moment-history", parts.window
    parts.window.reset_layout()


def notices(application: QApplication, photographer: Photographer) -> Iterator[tuple[str, QWidget]]:
    """Yield a notice as it comes, then the list of them."""
    parts = photographer.parts
    parts.notices.clear()
    for notice in NOTICES:
        parts.studio.raise_notice(notice)
    settle(application)
    yield "moment-notice", parts.window
    parts.window.show_notices()
    settle(application)
    yield "moment-notices", parts.window
    parts.notices.clear()
    parts.window.toast.hide()
    parts.window.reset_layout()
    show_jobs(photographer)


def show_jobs(photographer: Photographer) -> None:
    """Bring the list of jobs to the front."""
    for tabs in photographer.parts.window.findChildren(QTabWidget):
        if tabs.isAncestorOf(photographer.parts.jobs):
            tabs.setCurrentIndex(0)


def waiting_jobs(
    application: QApplication, photographer: Photographer
) -> Iterator[tuple[str, QWidget]]:
    """Yield the queue with jobs in it, which then are cancelled."""
    parts, studio = photographer.parts, photographer.parts.studio
    before = studio.session.recipe
    show_jobs(photographer)
    for sparsity in WAITING:
        studio.edit_recipe(Recipe(steps=(Step.of("channel-pruning", sparsity=sparsity + 0.01),)))
        studio.measure()
    turn(application, lambda: any(run.fraction > 0 for run in studio.session.runs.open), BEGUN_S)
    settle(application)
    yield "moment-jobs", parts.window
    parts.commands.jobs.cancel_all()
    turn(application, photographer.is_ready)
    studio.edit_recipe(before)


def tour(application: QApplication, photographer: Photographer) -> Iterator[tuple[str, QWidget]]:
    """Yield every step of the guided tour that the project allows to begin."""
    parts = photographer.parts
    guide, network = parts.beginning.tour, parts.studio.session.network
    usual = tour_steps.TASK
    for number, step in enumerate(guide.steps):
        # The first points at the card that it speaks of; the others go on with what is open.
        tour_steps.TASK = usual if step.id == "open" else network or usual
        # Its own timer would go on with what is done already in this project.
        guide._enter(number)
        guide._place()
        if guide.step is not step:
            continue
        settle(application)
        guide._place()
        yield f"tour-{number + 1}-{step.id}", guide.bubble.window()
        if step.id == "wizard":
            step.show()
    wizard = parts.commands.wizards.export_wizard
    if wizard is not None:
        guide.come_home()
        wizard.close()
    guide.leave()
    tour_steps.TASK = usual
