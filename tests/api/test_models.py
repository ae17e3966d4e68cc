"""`jujube models` and its routes: the versions, which of them answers, and carrying them elsewhere."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.settings import Settings
from finetune.evaluate import Scores, card_scores
from finetune.registry import Registry

Command = Callable[..., Any]
EVIL = "\x1b[31mred\x1b[0m\n<b>[bold]"


def model(folder: Path) -> None:
    for name in ("config.json", "tokenizer.json"):
        (folder / name).write_text("{}")
    (folder / "model.safetensors").write_bytes(b"w" * 1_500_000)


@pytest.fixture
def registry(settings: Settings) -> Registry:
    made = Registry(settings.models_path)
    sets = {"domain": Scores(40, exact_at=0.6, f1_at=0.7), "general": Scores(120, exact_at=0.5, f1_at=0.51)}
    card = {"base": "embedded", "recipe": {"recipe": "raft", "rank": 8}, "seed": 3, "stop_ids": [1, 2]}
    made.publish("v1", card, model)
    made.publish("v2", {**card, "parent": "v1", "scores": card_scores(sets), "note": EVIL}, model)
    return made


def active(registry: Registry) -> str | None:
    found = registry.active()
    return found.name if found else None


def test_without_versions(jujube: Command, settings: Settings) -> None:
    ran = jujube("models", "list")
    assert (ran.status, ran.out) == (0, "")
    assert "no versions yet" in ran.err
    assert jujube("models", "list", "--json").json == {"versions": [], "active": None, "before": None}
    assert not settings.models_path.exists()
    ran = jujube("models", "roll-back")
    assert (ran.status, "nothing was active before" in ran.err) == (1, True)


def test_list_and_show(jujube: Command, registry: Registry) -> None:
    ran = jujube("models", "list")
    assert "none is active: the base model answers" in ran.err
    rows = [line.split("\t") for line in ran.out.splitlines()]
    assert [(row[0], row[1], *row[3:]) for row in rows] == [
        ("", "v1", "raft", "embedded", "-", "-", "2"),
        ("", "v2", "raft", "v1", "65.0", "50.5", "2"),
    ]
    registry.activate("v2")
    assert [line[0] for line in jujube("models", "list").out.splitlines()] == ["\t", "*"]
    found = jujube("models", "list", "--json").json
    assert (found["active"], found["before"]) == ("v2", None)
    assert [(one["name"], one["active"], one["card"]["seed"]) for one in found["versions"]] == [
        ("v1", False, 3),
        ("v2", True, 3),
    ]
    shown = jujube("models", "show", "v2", "--verify")
    assert "every file is what the card says" in shown.err
    lines = dict(line.split(maxsplit=1) for line in shown.out.splitlines())
    assert (lines["recipe.rank"], lines["stop_ids"], lines["active"]) == ("8", "1, 2", "yes")
    assert lines["scores.domain.score"] == "0.65"
    assert lines["note"] == "\ufffd[31mred\ufffd[0m <b>[bold]"
    assert jujube("models", "show", "v2", "--json").json["card"]["note"] == EVIL


def test_activate_and_roll_back(jujube: Command, registry: Registry) -> None:
    assert jujube("models", "activate", "v1").out == "v1 answers from now on\n"
    assert jujube("models", "activate", "v2", "--json").json["active"] is True
    assert active(registry) == "v2"
    assert jujube("models", "roll-back", "--json").json == {"active": "v1", "before": None}
    assert active(registry) == "v1"
    assert jujube("models", "roll-back").out == "the base model answers from now on\n"
    assert active(registry) is None


def test_what_cannot_be_activated(jujube: Command, registry: Registry) -> None:
    jujube("models", "activate", "v1")
    ran = jujube("models", "activate", "v9")
    assert (ran.status, ran.out) == (1, "")
    assert "no version 'v9': there are v1, v2" in ran.err
    (registry.show("v2").folder / "model.safetensors").write_bytes(b"x")
    for command in (("activate", "v2"), ("show", "v2", "--verify"), ("export", "v2", "x.zip")):
        ran = jujube("models", *command)
        assert ran.status == 1
        assert "model.safetensors is not the file that the card was written for" in ran.err
    assert jujube("models", "show", "v2").status == 0
    (registry.show("v2").folder / "pytorch_model.bin").write_bytes(b"x")
    assert "pickled files can run code" in jujube("models", "activate", "v2").err
    assert active(registry) == "v1"


def test_prune_says_what_went(jujube: Command, registry: Registry) -> None:
    registry.publish("v3", {}, model)
    registry.activate("v3")
    assert jujube("models", "prune", "--keep", "-1").status == 2
    assert jujube("models", "prune").err == "0 versions removed, 0.0 MB freed\n"
    ran = jujube("models", "prune", "--keep", "1")
    assert (ran.out, ran.err) == ("v1\nv2\n", "2 versions removed, 3.2 MB freed\n")
    assert jujube("models", "prune", "--keep", 0, "--json").json == {"removed": [], "bytes": 0}
    assert [one.name for one in registry.versions()] == ["v3"]


def test_a_version_is_carried_to_another_home(jujube: Command, registry: Registry, tmp_path: Path) -> None:
    file, other = tmp_path / "out" / "v2.zip", tmp_path / "other"
    told = jujube("models", "export", "v2", file, "--json").json
    assert told == {"file": str(file), "bytes": file.stat().st_size}
    ran = jujube("models", "import", file, "--home", other)
    assert (ran.status, ran.out) == (0, "v2 is here; `jujube models activate v2` has it answer\n")
    assert active(Registry(other / "models")) is None
    ran = jujube("models", "import", file, "--home", other)
    assert (ran.status, "there is a version v2 already" in ran.err) == (1, True)
    ran = jujube("models", "import", file, "--home", other, "--name", "mine", "--activate")
    assert ran.out == "mine answers from now on\n"
    assert active(Registry(other / "models")) == "mine"
    (tmp_path / "no.zip").write_bytes(b"PK")
    for given, says in ((tmp_path / "no.zip", "no exported version"), (tmp_path / "gone.zip", "no file")):
        ran = jujube("models", "import", given)
        assert (ran.status, says in ran.err) == (1, True)
    ran = jujube("models", "import", file, "--name", "")
    assert (ran.status, "--name is empty" in ran.err) == (1, True)


def test_a_broken_card_is_told_beside_the_others(jujube: Command, registry: Registry) -> None:
    (registry.show("v1").folder / "card.json").write_text("[")
    ran = jujube("models", "list")
    assert [line.split("\t")[1] for line in ran.out.splitlines()] == ["v1", "v2"]
    assert "v1: " in ran.err
    assert "card.json cannot be read" in ran.err


def test_help_says_what_each_command_does(jujube: Command) -> None:
    text = jujube("models", "--help").out
    for name in ("list", "show", "activate", "roll-back", "prune", "export", "import"):
        assert f"\n  {name} " in text
        assert jujube("models", name, "--help").status == 0


def test_in_a_process_of_its_own(
    spawn: Callable[..., subprocess.Popen[str]], finish: Command, registry: Registry
) -> None:
    ran = finish(spawn("models", "activate", "v1", "--json"))
    assert (ran.status, ran.json["name"]) == (0, "v1")
    assert active(registry) == "v1"


def test_over_http(http: httpx.Client, registry: Registry) -> None:
    found = http.get("/v1/models/versions").json()
    assert ([one["name"] for one in found["versions"]], found["active"]) == (["v1", "v2"], None)
    assert http.post("/v1/models/versions/v1/activate").json()["active"] is True
    assert http.post("/v1/models/versions/v2/activate").status_code == 200
    assert http.get("/v1/models/versions").json()["before"] == "v1"
    one = http.get("/v1/models/versions/v2").json()
    assert (one["active"], one["card"]["parent"]) == (True, "v1")
    assert http.post("/v1/models/roll-back").json() == {"active": "v1", "before": None}
    assert http.post("/v1/models/roll-back").json() == {"active": None, "before": None}
    gone = http.post("/v1/models/roll-back")
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize("name", ["v9", "..", "%2e%2e%2fv1", "a b", "-"])
def test_a_version_that_is_not_there_over_http(http: httpx.Client, registry: Registry, name: str) -> None:
    registry.activate("v1")
    for answer in (
        http.get(f"/v1/models/versions/{name}"),
        http.post(f"/v1/models/versions/{name}/activate"),
    ):
        assert answer.status_code in (404, 405)
        assert answer.json()["error"]["code"] in ("not_found", "method_not_allowed")
    assert active(registry) == "v1"


def test_a_damaged_version_over_http(http: httpx.Client, registry: Registry) -> None:
    (registry.show("v2").folder / "config.json").write_text("[]")
    answer = http.post("/v1/models/versions/v2/activate")
    assert answer.json()["error"]["code"] == "broken_model"
    assert "config.json is not the file" in answer.json()["error"]["message"]
    assert answer.status_code == 500
    assert active(registry) is None


def test_a_page_of_another_site_cannot_move_the_pointer(http: httpx.Client, registry: Registry) -> None:
    answer = http.post("/v1/models/versions/v1/activate", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert active(registry) is None
    assert json.loads(http.get("/v1/models/versions").text)["active"] is None
