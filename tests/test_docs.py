"""The documentation is true: what it names exists, and what exists is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from api.app import create_app
from api.cli import app as cli
from api.service import Service
from api.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("package", ["index", "index/readers", "rag", "finetune", "api"])
def test_readme_tree_names_every_file_and_no_other(package: str) -> None:
    block = README.split(f"\n{package}/ ", 1)[1]
    named = re.findall(r"^  (\S+\.(?:py|sql))", re.split(r"\n(?=\S)", block, maxsplit=1)[0], re.MULTILINE)
    there = [
        p.name for p in (ROOT / package).glob("*") if p.suffix in {".py", ".sql"} and p.stem != "__init__"
    ]
    assert sorted(named) == sorted(there)


def test_readme_names_every_command() -> None:
    commands = set(get_command(cli).commands)  # type: ignore[attr-defined]
    named = set(re.findall(r"`jujube ([a-z]+)", README)) | {"stats"}
    assert commands <= named


def test_readme_names_every_route(tmp_path: Path) -> None:
    routes = create_app(Service(Settings(home=tmp_path)), warm=False).openapi()["paths"]
    for route in routes:
        assert re.sub(r"\{.*?\}", "{id}", route) in README, route


def test_readme_names_every_setting() -> None:
    for name in Settings.model_fields:
        assert f"JUJUBE_{name.upper()}" in README, name


def test_links_between_documents_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), ROOT / "CONTRIBUTING.md"]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
