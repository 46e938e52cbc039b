"""What the window shows only at times: history, notices, jobs that wait, the tour's steps."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtWidgets import QApplication, QSplitter, QTabWidget, QTreeView, QWidget
from screen_waiting import settle, turn

from tinystudio.core.files import unwritable
from tinystudio.gui.notice import Notice
from tinystudio.gui.photographer import Photographer
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.measure.guessing import CHECK, TITLE
from tinystudio.session.front import Limits

# As the program words them: a language that is on is seen in them too.
NOTICES = (
    Notice(
        "The project can be shared",
        "/home/ada/satellite.tinystudio.zip has 1.2 MB. It holds every measurement and the models, "
        "no data, and no names of folders of this computer.",
        gravity="news",
    ),
    Notice(
        TITLE, "It is right for 101 of 887 samples; who always says red soil is right for 216.",
        CHECK, "warning",
    ),
    Notice.of(unwritable(Path("/media/stick/channels-80.onnx"), OSError(errno.ENOSPC, "full"))),
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
    """Yield every step of the guided tour, each with the one before it done, on the tour's task."""
    studio, guide = photographer.parts.studio, photographer.parts.beginning.tour
    session = studio.session
    network, data, limits = session.network, session.data, session.limits
    chosen = None if session.selected is None else session.selected.id
    studio.set_limits(Limits())
    for number, step in enumerate(guide.steps):
        if step.can_begin():
            # Not begun as a user does: its timer would go on where something is done already.
            guide._enter(number)
            settle(application)
            turn(application, lambda step=step: not step.waiting())
            guide._place()
            settle(application)
            yield f"tour-{number + 1}-{step.id}", guide.bubble.window()
            if step is not guide.steps[-1]:
                step.show()
                turn(application, photographer.is_ready)
                turn(application, step.is_done)
    wizard = photographer.parts.commands.wizards.export_wizard
    if wizard is not None:
        guide.come_home()
        wizard.close()
    guide.leave()
    studio.set_limits(limits)
    if network is not None:
        studio.open_network(network, data or "")
        turn(application, photographer.is_ready)
    if chosen is not None:
        studio.choose_variant(chosen)
