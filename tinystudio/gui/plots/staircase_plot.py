"""The staircase of a layer as a plot of its own: time against channels, with its numbers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Slot

from tinystudio.explorer.database import Database
from tinystudio.explorer.space import Choice
from tinystudio.gui.forms.choice_box import ChoiceBox
from tinystudio.gui.layer_levels import Stairs, stairs_of
from tinystudio.gui.plots.frame import PlotFrame
from tinystudio.gui.plots.rows_table import Rows
from tinystudio.gui.plots.staircase import Staircase
from tinystudio.gui.texts import tr

NOTHING = (
    "The layers are not timed yet.\n\nThat is done with the layer database, once a model with data"
    " is open: the plot then shows in which steps of channels this computer is fast."
)
HINT = "Between two steps more channels cost no time. All else is as in the recipe."


class StaircasePlot(PlotFrame):
    """Shows one layer, the chosen one."""

    def __init__(self) -> None:
        self.stairs = Staircase()
        super().__init__(self.stairs, self.numbers, "staircase")
        self._database: Database | None = None
        self._choice: Choice | None = None
        self.layer = ChoiceBox()
        self.layer.setAccessibleName(tr("Layer"))
        self.layer.setToolTip(tr("The layer whose time is shown"))
        self.add_choice("Layer", self.layer)
        self.layer.activated.connect(self.redraw)
        self.redraw()

    def set_database(self, database: Database | None) -> None:
        """Know times from this."""
        names = [] if database is None else [layer.node for layer in database.space.layers]
        before = self.layer.currentText()
        with QSignalBlocker(self.layer):
            self.layer.clear()
            self.layer.addItems(names)
            self.layer.setCurrentIndex(max(0, self.layer.findText(before)) if names else -1)
        self._database = database
        self.want_redraw()

    def show_choice(self, choice: Choice | None) -> None:
        """Mark where the recipe is on the stairs."""
        self._choice = choice
        self.want_redraw()

    def choose_layer(self, layer: str) -> None:
        """Show this layer, where it can be compressed."""
        at = self.layer.findText(layer)
        if at >= 0:
            self.layer.setCurrentIndex(at)
            self.want_redraw()

    def numbers(self) -> tuple[Sequence[str], Rows]:
        """Return the time at every number of channels."""
        found = self.stairs.stairs
        if found is None:
            return ("channels", "us"), ()
        return (found.axis, "µs"), list(zip(found.channels, found.us, strict=True))

    @Slot()
    def redraw(self) -> None:
        """Draw what is known now."""
        found: Stairs | None = None
        if self._database is not None and self._choice is not None:
            found = stairs_of(self._database, self._choice, self.layer.currentText())
        self.stairs.show_stairs(found)
        self.say_empty(NOTHING if found is None else "")
        self.say("" if found is None else found.note or HINT)
        self.numbers_changed()
