"""Two to four variants side by side: figures, classes, confusions, samples, layers, weights."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from tinystudio.gui.compare.baseline_offer import BaselineOffer
from tinystudio.gui.compare.classes_view import ClassesView
from tinystudio.gui.compare.confusions_view import ConfusionsView
from tinystudio.gui.compare.figures_view import FiguresView
from tinystudio.gui.compare.layers_view import LayersView
from tinystudio.gui.compare.samples_view import SamplesView
from tinystudio.gui.compare.weights_view import WeightsView
from tinystudio.gui.elided import Elided
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID
from tinystudio.jobs.comparison import Comparison

NOTHING = (
    "Nothing has been compared yet.\n\nSelect two to four variants with Ctrl+click or "
    "Shift+click in the table of runs, among the models or in the plots, and press Ctrl+Shift+C."
)
TABS = ("Figures", "Classes", "Confusions", "Samples", "Layers", "Weights")
AGAINST = "{others}, against {first}"
BAR_WIDTH = 320  # pixels

_View = FiguresView | ClassesView | ConfusionsView | SamplesView | LayersView | WeightsView


class ComparePanel(QWidget):
    """What there is to see of one comparison; it asks for nothing but a layer's weights."""

    spread_requested = Signal(str)
    cancel_requested = Signal()
    comparison_requested = Signal(list)  # of ids: with the baseline
    save_failed = Signal(object)  # UserError

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Compare"))
        self._title, self._note = Elided(), QLabel()
        self._copy, self.baseline = QPushButton(tr("Copy as CSV")), QPushButton()
        self._offer = BaselineOffer()
        self.tabs, self._pages = QTabWidget(), QStackedWidget()
        self.figures, self.classes = FiguresView(), ClassesView()
        self.confusions, self.samples = ConfusionsView(), SamplesView()
        self.layers, self.weights = LayersView(), WeightsView()
        self._nothing = QLabel(tr(NOTHING))
        self._busy, self._step = Elided(), QLabel()
        self._bar, self._cancel = QProgressBar(), QPushButton(tr("Cancel"))
        self._lay_out()
        self._found: Comparison | None = None
        self._filled: set[int] = set()  # the views that show it already
        self._copy.clicked.connect(self.copy_as_csv)
        self.baseline.clicked.connect(self._on_baseline)
        self.offer_baseline(self._offer)
        self._cancel.clicked.connect(self.cancel_requested)
        self.weights.spread_requested.connect(self.spread_requested)
        self.weights.save_failed.connect(self.save_failed)
        self.tabs.currentChanged.connect(self._fill)
        self.layers.layer_chosen.connect(self.weights.choose_layer)

    @property
    def _views(self) -> tuple[_View, ...]:
        return (
            self.figures, self.classes, self.confusions, self.samples, self.layers, self.weights,
        )  # fmt: skip

    def _lay_out(self) -> None:
        set_role(self._title, "heading")
        self._title.setAccessibleName(tr("What is compared"))
        self._copy.setToolTip(tr("Copy the table of the view in front, for a sheet or a report"))
        set_role(self._note, "muted")
        for view, title in zip(self._views, TABS, strict=True):
            self.tabs.addTab(view, tr(title))
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(tr("Views of the comparison"))
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self.baseline)
        head.addWidget(self._copy)
        page = QWidget()
        body = QVBoxLayout(page)
        body.setContentsMargins(GRID, GRID // 2, GRID, 0)
        body.setSpacing(GRID // 2)
        body.addLayout(head)
        body.addWidget(self._note)
        body.addWidget(self.tabs, 1)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setWordWrap(True)
        self._nothing.setContentsMargins(3 * GRID, 0, 3 * GRID, 0)
        set_role(self._nothing, "muted")
        for widget in (self._nothing, self._busy_page(), page):
            self._pages.addWidget(widget)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pages)

    def _busy_page(self) -> QWidget:
        page = QWidget()
        for label in (self._busy, self._step):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        set_role(self._step, "muted")
        self._bar.setFixedWidth(BAR_WIDTH)
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self._bar.setAccessibleName(tr("Progress of the comparison"))
        self._cancel.setToolTip(tr("End the comparison; nothing else is lost"))
        body = QVBoxLayout(page)
        body.setContentsMargins(2 * GRID, 0, 2 * GRID, 0)
        body.setSpacing(GRID)
        body.addStretch()
        body.addWidget(self._busy)
        body.addWidget(self._step)
        for widget in (self._bar, self._cancel):
            body.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        body.addStretch()
        return page

    def show_nothing(self, reason: str = NOTHING) -> None:
        """Say in words why there is nothing to see, and how one begins."""
        self._nothing.setText(tr(reason))
        self._pages.setCurrentIndex(0)

    def show_busy(self, title: str, text: str, fraction: float) -> None:
        """Say how far the comparison is."""
        self._busy.set_text(tr(title))
        self._step.setText(tr(text))
        self._bar.setValue(round(1000 * fraction))
        self._pages.setCurrentIndex(1)

    def show_comparison(self, found: Comparison) -> None:
        """Show this; the view in front stays in front."""
        first, *others = map(tr, found.titles)
        self._title.set_text(tr(AGAINST).format(others=" · ".join(others), first=first))
        split = {"test": "test (all of them are kept)"}.get(found.split, found.split)
        samples = f"on {found.samples:,} samples of {split}" if found.samples else "no data"
        self._note.setText(tr(samples))
        self._found, self._filled = found, set()
        self.weights.show_comparison(found)  # which draws nothing before it is looked at
        self._filled.add(len(TABS) - 1)
        self._fill(self.tabs.currentIndex())
        self._pages.setCurrentIndex(2)

    def show_figures(self, found: Comparison) -> None:
        """Show newer figures of what is compared; all that was worked out stays as it is."""
        self._found = found
        self._filled.discard(self._views.index(self.figures))
        self._fill(self.tabs.currentIndex())

    def offer_baseline(self, offer: BaselineOffer) -> None:
        """Offer to compare with the baseline, where what is shown is not held against it."""
        self._offer = offer
        self.baseline.setText(tr(offer.text))
        self.baseline.setAccessibleName(offer.text or tr("Compare with the baseline"))
        self.baseline.setToolTip(tr(offer.tip))
        self.baseline.setEnabled(bool(offer.variants))
        self.baseline.setVisible(bool(offer.text))

    @Slot()
    def _on_baseline(self) -> None:
        self.comparison_requested.emit(list(self._offer.variants))

    @Slot(int)
    def _fill(self, tab: int) -> None:
        """Fill a view once it is looked at: all at once would take longer than a frame."""
        if self._found is not None and tab not in self._filled:
            self._filled.add(tab)
            self._views[tab].show_comparison(self._found)

    @property
    def words(self) -> str:
        """Return what is said in place of a comparison, or of which one is shown."""
        shown = (self._nothing, self._step, self._note)
        return shown[self._pages.currentIndex()].text()

    @Slot()
    def copy_as_csv(self) -> None:
        """Put the table of the view in front on the clipboard."""
        view = self._views[self.tabs.currentIndex()]
        QGuiApplication.clipboard().setText(view.as_csv)
