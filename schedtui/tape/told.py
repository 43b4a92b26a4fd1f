"""Events of goals, read back from JSON."""

from __future__ import annotations

import typing
from typing import Final

from schedtui.model.events import Event
from schedtui.model.wire import Json, WireError, from_json

_KINDS: Final = {kind.__name__: kind for kind in typing.get_args(Event)}


def event_of(body: dict[str, Json]) -> Event:
    """Return the event that ``tagged`` made to JSON. Raises WireError."""
    kind = body.get("event")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise WireError("an event is of no known kind")
    rest = {name: value for name, value in body.items() if name != "event"}
    return typing.cast("Event", from_json(_KINDS[kind], rest))
