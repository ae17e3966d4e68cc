"""What a retraining is asked to do, and what it tells while it does it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

from finetune.options import TrainOptions

Recipe = Literal["text", "qa", "raft"]
RECIPES: tuple[Recipe, ...] = ("text", "qa", "raft")
"""text: the documents' own words, to write on from. qa: questions with answers. raft: questions made from the
index itself, each with the passage that answers it and with passages that do not."""

Kind = Literal["stage", "step", "validation", "scores", "warning", "outcome"]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, fit to be kept as a line of JSON."""

    kind: Kind
    message: str
    """For a person, one line."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """For machines: of a "step" the fields of `finetune.train.Step`."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A retraining, whole: with the same plan, data and base the same version comes out."""

    recipe: Recipe
    base: str = ""
    """What is trained further: a version's name, a folder, a hub id, "embedded"; empty: what answers now."""
    name: str = ""
    """Of the version; empty: made from the recipe and the time."""
    files: tuple[str, ...] = ()
    """Of "qa" and "raft": SQuAD JSON, JSON lines, CSV; of "text": files or folders, none: the collection."""
    data: str = ""
    """A folder with a prepared data set, used as it is; empty: one is made."""
    exam: tuple[str, ...] = ()
    """Of "qa" and "raft": files of questions that are never learnt and that the version is judged by; none: a
    part of the data is held out."""
    questions: int = 400
    """Of "raft": questions to make at most."""
    train: TrainOptions = field(default_factory=TrainOptions)
    seconds: float = 0.0
    """Of training at most; 0: as long as its steps take."""
    search_seconds: float = 0.0
    """For a search of hyper-parameters before it; 0: none."""
    activate: bool = False
    """Whether a version that is better answers from then on."""

    def to_json(self) -> dict[str, Any]:
        """As JSON can hold it; `from_json` takes it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Raises TypeError: a field that there is not."""
        given = dict(values)
        given["files"] = tuple(given.get("files", ()))
        given["exam"] = tuple(given.get("exam", ()))
        given["train"] = TrainOptions(**given.get("train", {}))
        return cls(**given)
