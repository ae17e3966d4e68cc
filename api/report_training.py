"""The report of a retraining: one HTML file that needs no other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from api import plots, plots_training
from api.answer_table import number, share
from api.options import write_whole
from api.report_html import signed, template
from finetune.evaluate import Scores
from finetune.gate import DOMAIN, paired
from finetune.outcome import Outcome, SideBySide, Trial
from index.errors import InputError

Row = tuple[str, str, str, str, bool | None]
"""What is measured, before, after, the difference, and whether that is good."""

_SAMPLES = 12
"""Records of the data set that are shown."""
_LONGEST = 1200
"""Characters of one value that are shown."""
_HEADLINES = {
    "succeeded": "Better: {version}",
    "not_better": "Not better: nothing was published",
    "failed": "Failed",
    "cancelled": "Cancelled",
}
_MEASURED: tuple[tuple[str, str], ...] = (
    ("score", "score: mean of exact match and F1 at the threshold"),
    ("exact_at", "exact match at the threshold"),
    ("f1_at", "F1 at the threshold"),
    ("right", "right at the threshold"),
    ("answered", "answered"),
    ("refused", "without an answer, and refused"),
    ("exact", "exact match, every question that has an answer answered"),
    ("f1", "F1, every question that has an answer answered"),
    ("citations_true", "citations that are true"),
)
"""Shares of `Scores`, with what they are called."""
_PERPLEXITY = "perplexity on held-out text or answers"


def write_training_report(path: Path, outcome: Outcome) -> None:
    """Write the page; an earlier one is replaced whole.

    Raises:
        StorageFull: it cannot be written.
    """
    write_whole(path, render(outcome).encode("utf-8", "replace"), "--report")


def render(outcome: Outcome) -> str:
    """The page. All that comes from documents, questions and models is escaped by the template engine."""
    drawn, missing = _drawn(outcome)
    domain = _pair(outcome, DOMAIN)
    last = outcome.steps[-1] if outcome.steps else None
    page = template("training.html").render(
        outcome=outcome,
        recipe=str(outcome.plan.get("recipe", "")),
        base=outcome.parent or str(outcome.plan.get("base", "")),
        headline=_HEADLINES[outcome.status].format(version=outcome.version),
        colours=plots.COLOURS,
        plots=drawn,
        missing=missing,
        domain=domain,
        apart=paired(*domain) if domain else None,
        others={name: _pair(outcome, name) for name in outcome.after if name != DOMAIN},
        table=_table(outcome),
        options=_options(outcome.plan),
        trials=[{name: _said(value) for name, value in _flat(trial).items()} for trial in outcome.trials],
        samples=[_record(record) for record in outcome.samples[:_SAMPLES]],
        answers=[_answer(pair) for pair in outcome.answers],
        last=last,
        rate=last.tokens_per_second if last else 0.0,
        training=spell(last.seconds) if last else "",
        best=_best(outcome),
        total=spell(sum(outcome.seconds.values())),
        stages=[(name, spell(value)) for name, value in outcome.seconds.items()],
    )
    return str(page)


def spell(seconds: float) -> str:
    """Time in words.

    >>> spell(4.26), spell(75), spell(7325)
    ('4.3 s', '1 min 15 s', '2 h 2 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _pair(outcome: Outcome, name: str) -> tuple[Scores, Scores] | None:
    if name not in outcome.before or name not in outcome.after or not outcome.after[name].questions:
        return None
    return outcome.before[name], outcome.after[name]


def _best(outcome: Outcome) -> int | None:
    return next((one.step for one in reversed(outcome.validations) if one.best), None)


def _drawn(outcome: Outcome) -> tuple[list[Markup], str]:
    """The plots; without matplotlib none, and what to install."""
    pairs = {name: pair for name in outcome.after if (pair := _pair(outcome, name))}
    try:
        drawn = [
            plots_training.losses(
                [(step.number, step.loss) for step in outcome.steps],
                [(one.step, one.loss) for one in outcome.validations],
                _best(outcome),
            ),
            plots_training.scores(
                {name: (before.score, after.score) for name, (before, after) in pairs.items()}
            ),
            _third(outcome, pairs.get(DOMAIN)),
        ]
    except InputError as error:
        return [], str(error)
    return [Markup(svg) for svg in drawn], ""


def _third(outcome: Outcome, domain: tuple[Scores, Scores] | None) -> str:
    """What became of each question; for text, which has none, the learning rate."""
    if domain is None:
        return plots_training.rates([(step.number, step.learning_rate) for step in outcome.steps])
    before, after = domain
    both = [one for one in after.points if one in before.points]
    return plots_training.changes([after.points[one] - before.points[one] for one in both])


def _table(outcome: Outcome) -> list[tuple[str, list[Row]]]:
    """A heading for each set, and its rows."""
    found: list[tuple[str, list[Row]]] = []
    for name in outcome.after:
        before, after = outcome.before.get(name, Scores(0)), outcome.after[name]
        rows: list[Row] = []
        for attribute, label in _MEASURED if after.questions else ():
            then, now = getattr(before, attribute), getattr(after, attribute)
            apart = None if then is None or now is None else now - then
            shown = "" if apart is None else signed(apart)
            good = None if not apart or abs(apart) < 5e-4 or attribute == "answered" else apart > 0
            rows.append((label, share(then), share(now), shown, good))
        if after.questions:
            rows.append(("threshold", number(before.threshold), number(after.threshold), "", None))
        if before.perplexity is not None and after.perplexity is not None:
            apart = after.perplexity - before.perplexity
            then, now = f"{before.perplexity:,.2f}", f"{after.perplexity:,.2f}"
            shown = f"{apart:+,.2f}".replace("-", "−")
            rows.append((_PERPLEXITY, then, now, shown, apart < 0 if apart else None))
        questions = f"{name}: {after.questions:,} questions" if after.questions else name
        found.append((questions, rows))
    return found


def _flat(trial: Trial) -> dict[str, Any]:
    return {**trial.options, "validation loss": "stopped" if trial.loss is None else round(trial.loss, 4)}


def _options(plan: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The plan's values, those of training last; without what was left empty."""
    train = plan.get("train")
    flat = {name: value for name, value in plan.items() if name != "train"}
    flat |= train if isinstance(train, dict) else {}
    said = [(name.replace("_", " "), _said(value)) for name, value in flat.items() if value is not None]
    return [(name, value) for name, value in said if value not in ("", "[]", "{}")]


def _said(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _record(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A record's values as words; those that are empty are left out."""
    found = []
    for name, value in record.items():
        words = " | ".join(map(str, value)) if isinstance(value, list | tuple) else _said(value)
        if words and words != "null":
            found.append((name, words if len(words) <= _LONGEST else words[:_LONGEST] + " …"))
    return found


def _answer(pair: SideBySide) -> dict[str, Any]:
    change = pair.points_after - pair.points_before
    return {
        "pair": pair,
        "change": change,
        "sign": "better" if change > 0 else "worse" if change < 0 else "as before",
        "expected": " or ".join(pair.expected[:4]),
    }
