"""Makes the panels, the studio and the commands, and introduces them to one another.

Imported after the first paint: this is where pyqtgraph, pydantic's models and onnx come in.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tinystudio.core.errors import UserError
from tinystudio.downloads import is_download
from tinystudio.gallery import PREFIX
from tinystudio.gui import theme
from tinystudio.gui.actions import Actions
from tinystudio.gui.beginning import Beginning
from tinystudio.gui.commands import Commands, show_file, tick_theme
from tinystudio.gui.compare_desk import CHOSEN_MS, CompareDesk
from tinystudio.gui.download_entries import download_entries
from tinystudio.gui.engines import Engines, Workers
from tinystudio.gui.everyone import Everyone
from tinystudio.gui.gallery_entries import gallery_sections
from tinystudio.gui.icons import put_icons
from tinystudio.gui.import_desk import ImportDesk
from tinystudio.gui.layer_costs import LayerCosts
from tinystudio.gui.layers_view import LayersView
from tinystudio.gui.notice import Notice, Way
from tinystudio.gui.offer import Offer
from tinystudio.gui.opening import Opening
from tinystudio.gui.panels.compare import ComparePanel
from tinystudio.gui.panels.compression import CompressionPanel
from tinystudio.gui.panels.figures import FiguresPanel
from tinystudio.gui.panels.gallery import GalleryPanel
from tinystudio.gui.panels.jobs import JobsPanel
from tinystudio.gui.panels.layers import LayersPanel
from tinystudio.gui.panels.model_browser import ModelBrowser
from tinystudio.gui.panels.notices import NoticesPanel
from tinystudio.gui.panels.plots import PlotsPanel
from tinystudio.gui.panels.run_table import RunTable
from tinystudio.gui.panels.settings import SettingsPanel
from tinystudio.gui.panels.training import TrainingPanel
from tinystudio.gui.plots.trade_off import TradeOff
from tinystudio.gui.plots.view_memory import ViewMemory
from tinystudio.gui.remembered import Remembered
from tinystudio.gui.showing import Showing
from tinystudio.gui.side import SidePanel
from tinystudio.gui.steering import Steering
from tinystudio.gui.studio import Studio
from tinystudio.gui.texts import tr
from tinystudio.gui.window import COMPARE_TAB, GALLERY_TAB, MainWindow, Panels
from tinystudio.session.project import Project
from tinystudio.session.settings import Settings

RUN_COLUMNS = "runs"  # under which name the settings keep the run table's columns
LAYER_PARTS, LAYER_COLOURS = "layers", "layer colours"  # likewise, how the layers are looked at


class Assembly(QObject):
    """All of the window's parts, in place and connected."""

    def __init__(
        self,
        window: MainWindow,
        actions: Actions,
        settings: Settings,
        workers_of: Callable[[Project], Workers] = Engines,
    ) -> None:
        super().__init__()
        self.window = window
        self.actions = actions
        self.studio = Studio(workers_of)
        self.remembered = Remembered(settings, self.studio.raise_notice)
        self.imports = ImportDesk(window, self.studio, self.remembered)
        self.opening = Opening(self.studio, self.remembered, self.imports)
        self.commands = Commands(window, self.studio, self.opening, self.remembered)
        views = ViewMemory(self._view, self._keep_view, self._place_name)
        self.browser, self.trade_off, self.runs = ModelBrowser(), TradeOff(views), RunTable()
        self.layers, self.jobs, self.notices = LayersPanel(), JobsPanel(), NoticesPanel()
        self.costs = LayerCosts(self)
        self.layers_view = LayersView(self.layers, self.costs)
        self.plots = PlotsPanel(self.costs, views)
        self.training, self.gallery = TrainingPanel(), GalleryPanel()
        self.figures, self.settings = FiguresPanel(), SettingsPanel()
        self.offer, self.compression = Offer(), CompressionPanel()
        self.compare = CompareDesk(self.studio, ComparePanel())
        self.showing = Showing(self)
        self.steering = Steering(self.studio, self.compression)
        self._place()
        self._connect_actions()
        self._connect_panels()
        self._connect_notices()
        self.everyone = Everyone(self)
        self.beginning = Beginning(self)
        window.status.begin()

    def open_first(self, named: Path | None) -> None:
        """Open what the program was started with, or where it was left."""
        self.opening.open_first(None if named is None else str(named))

    def _place(self) -> None:
        self.window.place(
            Panels(
                browser=self.browser,
                trade_off=_column(self.offer, self.commands.advice.panel, self.trade_off),
                layers=self.layers_view,
                runs=self.runs,
                training=self.training,
                plots=self.plots,
                compare=self.compare.panel,
                gallery=self.gallery,
                settings=SidePanel(self.figures, self.compression, self.settings),
                jobs=self.jobs,
                notices=self.notices,
            )
        )
        self.gallery.show_sections(gallery_sections(download_entries()))
        kept = self.remembered.settings
        self.window.restore("", kept.window_layout)
        tick_theme(self.window)
        self._on_theme(theme.current())

    def _connect_actions(self) -> None:
        self.actions.asked_for.connect(self.commands.carry_out)
        self.offer.taken.connect(self.commands.carry_out)
        self.commands.gallery_requested.connect(self._on_gallery_requested)
        self.commands.rename_requested.connect(self._on_rename_requested)
        self.window.files_dropped.connect(self._on_dropped)
        self.window.recent_chosen.connect(self.choose_recent)
        self.window.closing.connect(self._on_closing)
        theme.switch().theme_changed.connect(self._on_theme)

    def _connect_panels(self) -> None:
        studio, browser, settings = self.studio, self.browser, self.settings
        browser.network_chosen.connect(self.choose_recent)
        self.gallery.open_requested.connect(self.choose_task)
        self.commands.downloads.files_changed.connect(self._on_files_changed)
        browser.variant_chosen.connect(studio.choose_variant)
        browser.recipe_requested.connect(studio.choose_variant)
        browser.keep_requested.connect(studio.keep)
        browser.star_requested.connect(studio.star)
        for listed in (browser, self.runs):
            listed.notes_requested.connect(self.commands.history.note)
            listed.making_requested.connect(self.commands.history.show_making)
        browser.rename_requested.connect(studio.rename)
        browser.delete_requested.connect(studio.delete)
        browser.export_requested.connect(self.commands.export_variant)
        browser.files_dropped.connect(self._on_dropped)
        browser.browse_requested.connect(self.commands.open_model)
        settings.recipe_edited.connect(studio.edit_recipe)
        settings.measure_requested.connect(studio.measure)
        settings.keep_requested.connect(self.commands.keep_selected)
        settings.sweep_requested.connect(studio.sweep)
        self.trade_off.variant_selected.connect(studio.choose_variant)
        self.trade_off.front_selected.connect(self.steering.choose_front)
        self.trade_off.limits_changed.connect(studio.set_limits)
        self.trade_off.save_failed.connect(self._on_error)
        self.figures.again_requested.connect(self.commands.everyday.again.measure_stale)
        self.trade_off.measure_again_requested.connect(self.commands.everyday.again.measure_stale)
        self.training.save_failed.connect(self._on_error)
        self.training.live_changed.connect(self.window.show_training_live)
        self._connect_run_table()
        self._connect_compare()
        self.layers.choice_edited.connect(studio.choose_point)
        self._connect_layers_view()
        self._connect_plots()
        self.settings.levels_requested.connect(self._on_levels_requested)
        desk = self.commands.jobs
        self.jobs.cancel_requested.connect(desk.cancel)
        self.jobs.pause_requested.connect(desk.pause)
        self.jobs.move_requested.connect(desk.move)
        self.jobs.retry_requested.connect(desk.retry)

    def _connect_layers_view(self) -> None:
        shown = self.remembered.settings.views
        self.layers_view.show_only(tuple(x for x in shown.get(LAYER_PARTS, "").split(",") if x))
        self.layers_view.diagram.set_colouring(shown.get(LAYER_COLOURS, ""))
        self.layers_view.shown_changed.connect(
            lambda parts: self.remembered.keep_view(LAYER_PARTS, ",".join(parts))
        )
        self.layers_view.diagram.colouring_changed.connect(
            lambda by: self.remembered.keep_view(LAYER_COLOURS, by)
        )
        self.layers_view.diagram.failed.connect(self._on_error)

    def _connect_plots(self) -> None:
        plots, studio = self.plots, self.studio
        plots.variant_selected.connect(studio.choose_variant)
        for picking in (plots.gathered, self.trade_off.gathered):
            picking.connect(self.runs.select_many)
        plots.calibration_requested.connect(lambda x: studio.sweep((x.varied,), x.recipe))
        plots.save_failed.connect(self._on_error)
        self.runs.variants_chosen.connect(plots.set_selected)
        self.layers_view.layer_chosen.connect(plots.choose_layer)
        studio.project_changed.connect(plots.restore)

    def _view(self, name: str) -> str:
        return self.remembered.settings.views.get(name, "")

    def _keep_view(self, name: str, how: str) -> None:
        self.remembered.keep_view(name, how)

    def _place_name(self) -> str:
        return str(self.studio.session.project.folder) if self.studio.is_open else ""

    def _connect_run_table(self) -> None:
        studio, runs = self.studio, self.runs
        columns = self.remembered.settings.columns.get(RUN_COLUMNS)
        if columns is not None:
            runs.show_columns(columns)
        runs.variant_selected.connect(studio.choose_variant)
        runs.recipe_use_requested.connect(studio.choose_variant)
        runs.keep_requested.connect(studio.keep)
        runs.star_requested.connect(studio.star)
        runs.deletion_requested.connect(studio.delete)
        runs.export_requested.connect(self.commands.export_variant)
        runs.columns_changed.connect(self._on_columns_changed)

    def _connect_compare(self) -> None:
        desk = self.compare
        self.commands.compare_requested.connect(desk.compare_chosen)
        for source in (self.runs, self.browser):
            source.variants_chosen.connect(desk.choose)
            source.compare_requested.connect(desk.compare_chosen)
        self.trade_off.variant_added.connect(desk.toggle)
        desk.chosen_changed.connect(self._on_variants_chosen)
        desk.panel.save_failed.connect(self._on_error)
        desk.front_wanted.connect(self._on_compare_wanted)

    @Slot()
    def _on_compare_wanted(self) -> None:
        self.window.show_tab(COMPARE_TAB)

    @Slot(list, str)
    def _on_variants_chosen(self, variants: list[str], words: str) -> None:
        self.trade_off.set_chosen(variants)
        self.window.status.showMessage(tr(words), CHOSEN_MS)

    def _connect_notices(self) -> None:
        self.studio.notice_raised.connect(self._on_notice)
        self.notices.unseen_changed.connect(self.window.show_unseen)
        self.notices.way_taken.connect(self._on_way_taken)
        self.window.toast.way_taken.connect(self._on_way_taken)

    @Slot(object)
    def _on_notice(self, notice: Notice) -> None:
        self.notices.add(notice)
        if not self.notices.isVisible():
            self.window.toast.show_notice(notice)

    @Slot(object)
    def _on_way_taken(self, way: Way) -> None:
        if way.lost:
            self.commands.find_again(Path(way.lost))
        elif way.file:
            show_file(way.file)
        elif way.network:
            self.opening.open(way.network)
            self.notices.withdraw(way)
        elif self.studio.attempt(lambda: self._take(way)):
            self.notices.withdraw(way)

    def _take(self, way: Way) -> None:
        if way.data:
            self.studio.session.attach_data(way.data)
        else:
            self.studio.session.keep_learned(way.job)

    @Slot()
    def _on_levels_requested(self) -> None:
        self.window.show_tab(1)

    @Slot()
    def _on_gallery_requested(self) -> None:
        self.window.show_tab(GALLERY_TAB)
        self.gallery.take_focus()

    @Slot()
    def _on_rename_requested(self) -> None:
        self.window.set_part_visible("show-browser", True)  # the name is typed there
        self.browser.rename_selected()

    @Slot()
    def _on_files_changed(self) -> None:
        self.gallery.show_sections(gallery_sections(download_entries()))
        self.gallery.show_open(self.studio.session.network if self.studio.is_open else None)

    @Slot(str)
    def choose_task(self, reference: str) -> None:
        """Open a task of the gallery, or what can be downloaded for one."""
        if is_download(reference):
            self.commands.downloads.show(reference)
        elif not self.studio.is_open or self.studio.session.network != reference:
            self.opening.open(reference)
        else:
            self.window.show_tab(0)

    @Slot(object)
    def _on_error(self, error: UserError) -> None:
        self.studio.raise_notice(Notice.of(error))

    @Slot(list)
    def _on_dropped(self, paths: list[Path]) -> None:
        self.opening.open_all([str(path) for path in paths])

    @Slot(str)
    def choose_recent(self, path: str) -> None:
        """Open what was open before, or say that it is not there any more."""
        if path.startswith(PREFIX) or Path(path).exists():
            self.opening.open(path)
            return
        gone = Path(path)
        self.studio.raise_notice(
            Notice(
                f"{gone.name} was not found", f"There is nothing at {gone} any more.",
                gravity="warning", way=Way("Find it…", lost=path),
            )
        )  # fmt: skip

    @Slot(list)
    def _on_columns_changed(self, columns: list[str]) -> None:
        kept = self.remembered.settings
        table = {**kept.columns, RUN_COLUMNS: tuple(columns)}
        self.remembered.change(kept.model_copy(update={"columns": table}))

    @Slot(object)
    def _on_theme(self, shown: theme.Theme) -> None:
        put_icons(self.actions, shown)

    @Slot()
    def _on_closing(self) -> None:
        for plot in (self.trade_off, self.plots.any_axes):
            plot.keep_view()
        self.imports.close()
        self.commands.downloads.close()
        geometry, layout = self.window.layout_texts()
        self.remembered.change(
            self.remembered.settings.model_copy(
                update={"window_geometry": geometry, "window_layout": layout}
            )
        )
        self.studio.close()


def _column(*widgets: QWidget) -> QWidget:
    whole = QWidget()
    body = QVBoxLayout(whole)
    body.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        body.addWidget(widget)
    return whole
