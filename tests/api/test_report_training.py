"""The report of a retraining: whole, safe, and it says what happened."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from api.report_training import render, write_training_report
from finetune.evaluate import Scores, scores_of
from finetune.gate import judge
from finetune.options import Step, Validation
from finetune.outcome import Outcome, Trial, Written, read_outcome, side_by_side, write_outcome
from index.errors import InputError, StorageFull
from rag.answer_scores import Given, Marked, mark
from rag.expected import Expected

CHROMIUM = shutil.which("chromium")
EVIL = "<script>alert(1)</script> & \"quotes\" 'and' <img src=x onerror=alert(2)>"
LONG = "年假15天。" * 400


def rows(right: int, of: int, confidence: float = 0.7) -> list[Marked]:
    """`of` questions, every fifth without an answer; of the others the first `right` are answered right."""
    found = []
    for n in range(of):
        answers = () if n % 5 == 4 else (f"{n} kg",)
        said = f"{n} kg" if n < right else f"{EVIL} other"
        given = Given(said, confidence if answers else 0.1, citations=1, true_citations=1)
        found.append(
            mark(
                Expected(f"q{n}", f"P-{n}有多重？ {EVIL}" if n % 2 else f"How heavy is P-{n}?", answers),
                given,
            )
        )
    return found


@pytest.fixture
def outcome() -> Outcome:
    general = scores_of(rows(60, 100), 0.3)
    before = {"domain": replace(scores_of(rows(10, 40), 0.3), perplexity=9.5), "general": general}
    after = {"domain": replace(scores_of(rows(30, 40), 0.35), perplexity=4.25), "general": general}
    steps = [
        Step(n, 900, 3 / (1 + n / 200), 2e-4 * (1 - n / 1000), n * 500, n * 600, n * 0.5)
        for n in range(1, 901)
    ]
    return Outcome(
        status="succeeded",
        plan={"recipe": "raft", "base": "", "name": "", "files": (), "questions": 400, "activate": True,
              "train": {"method": "lora", "learning_rate": 2e-4, "rank": 16, "dropout": None}},
        at="2026-11-26 10:00+00:00",
        version="raft-1",
        active=True,
        parent="reader-smollm2-135m",
        verdict=judge(before, after),
        before=before,
        after=after,
        answers=side_by_side(rows(10, 40), rows(30, 40), (0.3, 0.35)),
        written=(Written("我家门前有两棵树，", "", "一棵是枣树，另一棵也是枣树。"), Written(*[EVIL] * 3)),
        data_hash="ab" * 32,
        counts={"cloze": 120, "definition": 80, "train": 170, "heldout": 30},
        dropped={f"the answer is not in its passage {EVIL}": 7, "重复": 1200},
        samples=({"question": EVIL, "answers": ["15天", "十五天"], "passage": LONG, "document": None},),
        steps=tuple(steps),
        validations=tuple(Validation(n, 2 / (1 + n / 300), n == 600) for n in range(100, 901, 100)),
        trials=(Trial({"learning_rate": 1e-4, "rank": 8}, 1.25), Trial({"learning_rate": 1e-3, "rank": 8})),
        warnings=(f"3 examples did not fit {EVIL}",),
        seconds={"making the data": 12.25, "training": 450.0, "scoring": 75.0},
        machine="2 cores",
        memory=3 << 30,
    )  # fmt: skip


def test_it_needs_no_other_file_and_runs_nothing(
    outcome: Outcome, tmp_path: Path, self_contained: Callable[[Path], str]
) -> None:
    write_training_report(tmp_path / "reports" / "r.html", outcome)
    text = self_contained(tmp_path / "reports" / "r.html")
    assert "onerror=alert(2)&gt;" in text
    assert "<img" not in text


def test_it_says_what_happened(outcome: Outcome) -> None:
    text = " ".join(render(outcome).split())
    assert outcome.verdict is not None
    assert outcome.verdict.better
    for said in (
        "Better: raft-1",
        "it answers from now on",
        "from <b>reader-smollm2-135m</b>",
        "On the domain&#39;s 40 questions the score rose from 40.0 to 80.0, +40.0 points",
        "40.0 → 80.0",
        '<tr><td>exact match at the threshold</td><td>40.0</td><td>80.0</td><td class="good">+40.0</td></tr>',
        '<td>9.50</td><td>4.25</td><td class="good">−5.25</td>',
        "<td>threshold</td><td>.300</td><td>.350</td>",
        "<b>1,000</b><span>tokens a second; 450,000 tokens in 900 of 900 steps, 7 min 30 s",
        "<b>8 min 57 s</b><span>in all, on 2 cores; 3.0 GiB",
        "<dt>dropped</dt><dd>1,200: 重复</dd>",
        "<dt>cloze</dt><dd>120</dd>",
        "<dt>answers</dt><dd>15天 | 十五天</dd>",
        "<dt>learning rate</dt><dd>0.0002</dd>",
        "the weights after step 600",
        "一棵是枣树，另一棵也是枣树。",
        "<td>0.001</td><td>8</td><td>stopped</td>",
        "expected: 10 kg",
    ):
        assert said in text, said
    assert "<dt>dropout</dt>" not in text  # nothing was said about it
    assert LONG not in text


def test_a_version_that_is_not_better(outcome: Outcome) -> None:
    verdict = judge(outcome.after, outcome.before)
    text = render(replace(outcome, status="not_better", version="", active=False, verdict=verdict))
    assert "Not better: nothing was published" in text
    assert "so it is not better" in text
    assert "it answers from now on" not in text


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_one_that_ended_before_anything_was_measured(status: str) -> None:
    text = render(Outcome.from_json({"status": status, "plan": {}, "error": f"no room {EVIL}"}))
    assert f'class="verdict {status}"' in text
    assert "no room &lt;script&gt;" in text
    assert text.count("<svg") == 3
    assert "The scores" not in text


def test_text_has_a_learning_rate_instead_of_questions(outcome: Outcome) -> None:
    sets = {"domain": Scores(0, perplexity=3.0), "general": outcome.after["general"]}
    text = render(replace(outcome, before=sets, after=sets, answers=()))
    assert "Learning rate" in text
    assert "Answers side by side" not in text
    assert "perplexity on held-out text" in text
    assert text.count("<svg") == 3


def test_without_matplotlib_there_are_the_tables(outcome: Outcome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)  # as Python has it for a package that is not there
    text = render(outcome)
    assert "<svg" not in text
    assert "pip install &#39;jujube-qa[report]&#39;" in text
    assert "exact match at the threshold" in text


def test_a_report_that_cannot_be_written(outcome: Outcome, tmp_path: Path) -> None:
    with pytest.raises(StorageFull, match="cannot write"):
        write_training_report(tmp_path, outcome)


def test_an_outcome_is_kept_as_json(outcome: Outcome, tmp_path: Path) -> None:
    write_outcome(tmp_path / "outcome.json", outcome)
    again = read_outcome(tmp_path / "outcome.json")
    assert json.dumps(again.to_json(), sort_keys=True) == json.dumps(outcome.to_json(), sort_keys=True)
    assert again.after["domain"] == outcome.after["domain"]
    assert again.verdict == outcome.verdict
    assert render(again) == render(outcome)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"status": "great", "plan": {}}'])
def test_what_is_no_outcome_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "o.json").write_text(text)
    with pytest.raises(InputError, match=r"o\.json cannot be read|no outcome"):
        read_outcome(tmp_path / "o.json")


def test_what_got_worse_is_never_hidden_by_what_got_better() -> None:
    before, after = rows(20, 60), rows(60, 60)
    worse = {n: mark(after[n].expected, Given("wrong", 0.9)) for n in (0, 1, 2)}
    after = [worse.get(n, row) for n, row in enumerate(after)]
    shown = side_by_side(before, after[::-1], (0.3, 0.3), most=12)
    assert len(shown) == 12
    changes = [pair.points_after - pair.points_before for pair in shown]
    assert sum(change < 0 for change in changes) == 3
    assert sum(change > 0 for change in changes) >= 4
    assert sum(change == 0 for change in changes) >= 4
    quiet = next(pair for pair in shown if not pair.expected)
    assert (quiet.before, quiet.after, quiet.points_after) == ("", "", 1.0)


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium")
def test_it_opens_in_a_browser(outcome: Outcome, tmp_path: Path) -> None:
    write_training_report(tmp_path / "r.html", outcome)
    picture = tmp_path / "r.png"
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
               f"--user-data-dir={tmp_path / 'browser'}", "--window-size=1200,2600",
               f"--screenshot={picture}", (tmp_path / "r.html").as_uri()]  # fmt: skip
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 50_000
