"""Model versions over HTTP and in `--json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from finetune.registry import Registry, Version

_CARD: Any = {
    "version": "raft-1",
    "made": "2026-11-26T10:00:00.000+00:00",
    "base": "reader-smollm2-135m",
    "parent": "",
    "recipe": {"recipe": "raft"},
    "seed": 0,
    "stop_ids": [1, 2],
    "licences": ["Apache-2.0 (base)"],
    "sha256": {"model.safetensors": "50e721e4"},
}
_VERSION: Any = {"name": "raft-1", "active": True, "made": _CARD["made"], "bytes": 270_000_000, "card": _CARD}


class VersionOut(BaseModel):
    """A version, with its card as it stands in its folder."""

    model_config = ConfigDict(json_schema_extra={"examples": [_VERSION]})
    name: str
    active: Annotated[bool, Field(description="Whether questions are answered with it.")]
    made: Annotated[str, Field(description="When, in ISO 8601; empty: the card does not say.")]
    bytes: Annotated[int, Field(description="On the disk.")]
    card: dict[str, Any]


class VersionsOut(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"versions": [_VERSION], "active": "raft-1", "before": None}]}
    )
    versions: Annotated[list[VersionOut], Field(description="Oldest first.")]
    active: Annotated[str | None, Field(description="The one that answers; null: the base model.")]
    before: Annotated[
        str | None,
        Field(description="What a roll back returns to; null: the base model, or there is nothing to undo."),
    ]


class RolledBack(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"active": "raft-1", "before": None}]})
    active: Annotated[str | None, Field(description="The one that answers now; null: the base model.")]
    before: Annotated[str | None, Field(description="What another roll back returns to; as above.")]


def version_out(version: Version) -> VersionOut:
    return VersionOut(
        name=version.name,
        active=version.active,
        made=str(version.card.get("made", "")),
        bytes=version.bytes,
        card=dict(version.card),
    )


def versions_out(registry: Registry) -> VersionsOut:
    found = registry.versions()
    active = next((one.name for one in found if one.active), None)
    return VersionsOut(versions=[version_out(one) for one in found], active=active, before=registry.before())


def roll_back(registry: Registry) -> RolledBack:
    """What both shells do."""
    version = registry.roll_back()
    return RolledBack(active=version.name if version else None, before=registry.before())


def score_of(card: Mapping[str, Any], name: str) -> float | None:
    """The score of a set that the card says (`finetune.evaluate.card_scores`); None: it says none."""
    scores = card.get("scores")
    own = scores.get(name) if isinstance(scores, Mapping) else None
    found = own.get("score") if isinstance(own, Mapping) else None
    return float(found) if isinstance(found, int | float) else None
