"""The end of a retraining: what its version's card and its outcome say."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from finetune.evaluate import card_scores
from finetune.exam import Told
from finetune.gate import Rule, Verdict
from finetune.journal import Journal
from finetune.options import TrainOptions
from finetune.outcome import Outcome, Trial, side_by_side
from finetune.plan import Plan
from finetune.records import DataSet
from finetune.registry import Version
from rag.card import CARD, read_card

_SAMPLES = 12


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What was planned, learnt from, and found."""

    plan: Plan
    data: DataSet
    before: Told
    after: Told
    verdict: Verdict
    parent: Version | None
    base: Path


def rule_for(plan: Plan, data: DataSet) -> Rule:
    """By what a version is judged: more strictly where no person asked what is held out.

    Made questions are of the kind that was learnt: a reader came out 3 points better by them, 1.5 worse on
    the general set, and 1.7 worse on the questions of people (docs/log.md).
    """
    rule = Rule(measure="perplexity" if plan.recipe == "text" else "answers")
    people = any(one.kind in ("given", "correction") for one in data.heldout)
    return rule if people or plan.recipe == "text" else replace(rule, most=rule.loss)


def card_of(end: Conclusion, own: Mapping[str, Any]) -> dict[str, Any]:
    """The card of the version that is published; `own` is the trained model's."""
    base = read_card(end.base)
    licences = [*base.get("licences", ()), "trained on the documents of this collection"]
    return {
        **own,
        "calibration": asdict(end.after.calibration),
        "name": end.plan.name,
        "base": base.get("base") or base.get("name") or end.base.name,
        "parent": end.parent.name if end.parent else None,
        "data": end.data.hash,
        "recipe": end.plan.to_json(),
        "seed": end.plan.train.seed,
        "scores": {"before": card_scores(end.before.scores), "after": card_scores(end.after.scores)},
        "licences": list(dict.fromkeys(licences)),
    }


def outcome_of(
    end: Conclusion, version: Version | None, journal: Journal, warnings: Sequence[str]
) -> Outcome:
    """Everything that the report shows."""
    steps, validations = journal.training()
    decided = journal.get("options")
    plan = replace(end.plan, train=TrainOptions(**decided)) if decided else end.plan
    before, after = end.before, end.after
    return Outcome(
        status="succeeded" if end.verdict.better else "not_better",
        plan=plan.to_json(),
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        version=version.name if version else "",
        active=bool(version and version.active),
        parent=end.parent.name if end.parent else str(read_card(end.base).get("version") or end.base.name),
        verdict=end.verdict,
        before=before.scores,
        after=after.scores,
        answers=side_by_side(before.rows, after.rows, (before.threshold, after.threshold)),
        written=tuple(
            replace(then, after=now.before) for then, now in zip(before.written, after.written, strict=True)
        ),
        data_hash=end.data.hash,
        counts=_counts(end.data),
        dropped={one.reason: one.count for one in end.data.dropped},
        samples=tuple(record.to_line() for record in end.data.sample(_SAMPLES)),
        steps=steps,
        validations=validations,
        trials=tuple(Trial(**one) for one in journal.get("trials", [])),
        warnings=tuple(warnings),
        seconds=journal.seconds,
        machine=journal.machine,
        memory=int(journal.get("memory", 0)),
    )


def copy_of(candidate: Path) -> Callable[[Path], None]:
    """What `Registry.publish` fills a version with: the trained model without its card."""

    def write(target: Path) -> None:
        for file in candidate.iterdir():
            if file.name != CARD:
                shutil.copy2(file, target / file.name)

    return write


def _counts(data: DataSet) -> dict[str, int]:
    found: dict[str, int] = {}
    for part, kinds in data.counts().items():
        found[part] = sum(kinds.values())
        for kind, count in kinds.items():
            found[kind] = found.get(kind, 0) + count
    return found
