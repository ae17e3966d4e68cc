"""From which confidence a collection's answers are given when a question does not say."""

from __future__ import annotations

from api.settings import Settings
from index.store import Store

_KEY = "threshold"


def threshold_of(settings: Settings, store: Store) -> float | None:
    """What the operator set; else what was set for the collection, 0 to 1; None: the generator's own."""
    if settings.threshold is not None:
        return settings.threshold
    recorded = store.meta(_KEY)
    try:
        found = float(recorded) if recorded is not None else -1.0
    except ValueError:  # of a later version, which writes it otherwise
        found = -1.0
    return found if 0 <= found <= 1 else None


def set_threshold(store: Store, threshold: float | None) -> None:
    """Answer from this confidence on; kept with the collection, and the revision stays. None forgets it."""
    store.set_meta(_KEY, None if threshold is None else repr(threshold))
