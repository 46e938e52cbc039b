"""Makes what the goal wizard's page with the front shows, from what the session knows."""

from __future__ import annotations

from tinystudio.gui.steering import why_not
from tinystudio.gui.wizards.front_view import FrontView
from tinystudio.session.baseline import as_against
from tinystudio.session.device_front import DeviceFront
from tinystudio.session.devices import Device
from tinystudio.session.marks import ProjectVariant
from tinystudio.session.session import Session

INT8_LATER = "The front of a device in INT8 comes when INT8 has been tried on every layer."
GROWING = "The front is still being checked; it may move a little."


def front_view(session: Session, device: Device) -> FrontView:
    """Return the front of a device, or why there is none yet."""
    original = session.original
    measured = None if original is None else original.measurement
    front = DeviceFront(session.exploration, measured, device)
    running = session.exploring
    return FrontView(
        figures=tuple(as_against(figures, session.baseline) for _, figures in front.points),
        recipe_of=front.recipe,
        best_of=front.best_within,
        variants=tuple(item for item in session.compared() if _is_beside(item)),
        waiting=_waiting(session, front),
        fraction=running[-1].fraction if running else None,
        is_searchable=not device.is_other,
    )


def _is_beside(item: ProjectVariant) -> bool:
    return not item.is_outdated and (item.is_original or item.is_reference)


def _waiting(session: Session, front: DeviceFront) -> str:
    if front.is_awaited:
        return INT8_LATER
    if front.points:
        return GROWING if session.exploring else ""
    return why_not(session)
