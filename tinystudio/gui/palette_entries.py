"""What the command palette lists, and which of it a few letters mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tinystudio.gui.action_table import ACTIONS, ActionSpec, Need
from tinystudio.gui.actions import Actions
from tinystudio.gui.texts import tr

# Why an action cannot be carried out now, in the order in which one would mend it.
REASONS: Mapping[Need, str] = {
    "studio": "Open a project first.",
    "network": "Open a model first.",
    "data": "Attach data first.",
    "writable": "The project is open for reading only.",
    "recipe": "Add a technique first.",
    "variant": "Select a measured variant first.",
    "undo": "There is nothing to take back.",
    "redo": "Nothing was taken back.",
    "jobs": "Nothing runs.",
    "paused": "Nothing is paused.",
    "adaptive": "No technique of this version does that yet.",
    "baseline": "Figures are compared with the original already.",
}
MOST_SHOWN = 60  # who looks for more types another letter
START, AFTER_GAP = 8, -1  # points of a letter that begins a word; of each gap between letters


Scored = tuple[int, "Entry"]  # with points


@dataclass(frozen=True)
class Entry:
    """One thing to do. `reason` says why it cannot be done now; empty: it can."""

    title: str
    kind: str
    run: Callable[[], object]
    keys: str = ""
    reason: str = ""
    tip: str = ""

    @cached_property
    def letters(self) -> str:
        """Return what is searched."""
        return f"{self.title} {self.kind}".lower()


def action_entries(
    actions: Actions, there: Iterable[Need], ask: Callable[[str], object]
) -> list[Entry]:
    """Return an entry for every action; `ask` has one carried out by its id."""
    have = set(there)
    return [_of_action(spec, actions, have, ask) for spec in ACTIONS if spec.id != "palette"]


def _of_action(
    spec: ActionSpec, actions: Actions, have: set[Need], ask: Callable[[str], object]
) -> Entry:
    action = actions[spec.id]
    return Entry(
        title=action.text().replace("&", ""),
        kind=tr(spec.menu),
        run=lambda: ask(spec.id),
        keys=spec.shortcut,
        reason=why_not(spec, have),
        tip=tr(spec.tip),
    )


def why_not(spec: ActionSpec, have: set[Need]) -> str:
    """Return why an action cannot be carried out, or nothing."""
    missing = [need for need in REASONS if need in spec.needs and need not in have]
    return tr(REASONS[missing[0]]) if missing else ""


def score(letters: str, query: str) -> int | None:
    """Return how well `query` is meant by `letters`: None where its letters are not all there.

    They have to come in order, not side by side; the beginnings of words and letters that follow
    one another count most.
    """
    if query in letters:
        at = letters.index(query)
        return side_by_side(letters, at, at)
    points, at = 0, -1
    for letter in query:
        if letter == " ":
            continue
        found = letters.find(letter, at + 1)
        if found < 0:
            return None
        if found == 0 or not letters[found - 1].isalnum():
            points += START
        points += AFTER_GAP * min(8, found - at - 1)
        at = found
    return points


def side_by_side(letters: str, at: int, from_start: int) -> int:
    """Return the points of letters that stand side by side at a place, so far from a title's start.

    They are more than any that do not.
    """
    begins = from_start == 0 or not letters[at - 1].isalnum()
    return 1000 - from_start + (500 if begins else 0)


def matching(entries: Sequence[Entry], query: str, more: Sequence[Scored] = ()) -> list[Entry]:
    """Return what `query` means, best first; all in their order where it is empty.

    `more` have their points already, and come after what fits as well.
    """
    wanted = query.strip().lower()
    if not wanted:
        return [*entries, *(entry for _, entry in more)]
    scored = ((score(entry.letters, wanted), entry) for entry in entries)
    found = [(points, entry) for points, entry in scored if points is not None]
    found += more
    # What cannot be done now comes after what can and fits as well; sorting keeps the order else.
    found.sort(key=lambda item: (-item[0], bool(item[1].reason)))
    return [entry for _, entry in found]
