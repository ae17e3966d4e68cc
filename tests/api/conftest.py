"""A service of real parts made small, a real server on loopback, the command line in and out of process."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
import torch
import uvicorn
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GPT2Config, GPT2LMHeadModel
from transformers.utils import logging
from typer.testing import CliRunner

from api import jobs
from api.app import create_app
from api.cli import app
from api.server import bind
from api.service import Service
from api.settings import Settings
from index.embed import load_embedder

ENGLISH = "# Leave\n\nStaff have 25 days of leave. Ask Maria Lopez in Lisbon.\n"
CHINESE = "# 年假\n\n员工每年有二十五天年假。请联系杭州的李明。\n"


@pytest.fixture(autouse=True)
def _no_settings_of_mine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("JUJUBE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture(scope="session", autouse=True)
def _quiet() -> None:
    """As the command line has it, which asks for it before transformers is there."""
    logging.disable_progress_bar()


@pytest.fixture(scope="session", autouse=True)
def _ended_jobs() -> Iterator[None]:
    """Take note of jobs that outlived the service that began them."""
    yield
    for process in jobs._LEFT:
        process.poll()


@pytest.fixture(scope="session", autouse=True)
def _one_embedder() -> Iterator[None]:
    """Each embedder is loaded once for all services of this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("api.loading.load_embedder", cache(load_embedder))
        yield


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A two-layer GPT-2 with random weights and a byte-level BPE tokenizer: any text, any answer."""
    folder: Path = tmp_path_factory.mktemp("tiny-gpt2")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=420, special_tokens=["<|endoftext|>"], initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator([ENGLISH, CHINESE] * 3, trainer)
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(1)
    config = GPT2Config(
        vocab_size=420,
        n_embd=32,
        n_layer=2,
        n_head=2,
        n_positions=1024,
        bos_token_id=0,
        eos_token_id=0,
    )
    GPT2LMHeadModel(config).save_pretrained(folder)
    return folder


@pytest.fixture
def settings(tmp_path: Path, tiny_model: Path) -> Settings:
    return Settings(home=tmp_path / "home", generator=str(tiny_model), extractor="patterns")


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    made = Service(settings)
    yield made
    made.close()


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """A folder with one document in each language."""
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "leave.md").write_text(ENGLISH, "utf-8")
    (folder / "年假.md").write_text(CHINESE, "utf-8")
    return folder


Serving = Callable[..., AbstractContextManager[httpx.Client]]


@contextmanager
def serve(service: Service, *, warm: bool = False, **options: Any) -> Iterator[httpx.Client]:
    """A uvicorn server in a thread, on a free port of the loopback."""
    listener = bind("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(create_app(service, warm=warm, **options), log_level="critical"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        limits = httpx.Limits(max_connections=200)
        with httpx.Client(base_url=url, timeout=60, trust_env=False, limits=limits) as client:
            wait_until(lambda: server.started)
            yield client
    finally:
        server.should_exit = True
        thread.join(30)
        listener.close()


@pytest.fixture
def serving() -> Serving:
    return serve


@pytest.fixture
def http(service: Service) -> Iterator[httpx.Client]:
    """A client of a running server over an empty collection."""
    with serve(service) as client:
        yield client


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command did."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Command = Callable[..., Ran]


@pytest.fixture
def jujube(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command line in this process: `jujube("list", "--json")`."""
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)

    def run(*arguments: object) -> Ran:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ran(result.exit_code, result.stdout, result.stderr)

    return run


def environment(settings: Settings) -> dict[str, str]:
    names = ("home", "collection", "generator", "embedder", "extractor")
    return {f"JUJUBE_{name.upper()}": str(getattr(settings, name)) for name in names}


Spawn = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def spawn(settings: Settings) -> Iterator[Spawn]:
    """The command line in a process of its own; killed after the test if it still runs."""
    running: list[subprocess.Popen[str]] = []

    def start(*arguments: object, **options: Any) -> subprocess.Popen[str]:
        code = "from api.cli import main; main()"
        process = subprocess.Popen(
            [sys.executable, "-c", code, *map(str, arguments)],
            env={**os.environ, **environment(settings), **options.pop("env", {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            **options,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def finish() -> Callable[[subprocess.Popen[str]], Ran]:
    def wait(process: subprocess.Popen[str]) -> Ran:
        out, err = process.communicate(timeout=120)
        return Ran(process.returncode, out, err)

    return wait


def wait_until(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def until() -> Callable[..., None]:
    return wait_until


@pytest.fixture
def send() -> Callable[..., httpx.Response]:
    """`send(http, ("a.md", b"..."))`: files as a browser sends them."""

    def post(client: httpx.Client, *files: tuple[str, bytes]) -> httpx.Response:
        return client.post("/v1/documents", files=[("files", file) for file in files])

    return post


class _Tags(HTMLParser):
    """Tags with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.fixture(scope="session")
def self_contained() -> Callable[[Path], str]:
    """Returns a report's text once it is sure that the page loads no other file and runs nothing."""

    def check(file: Path) -> str:
        text = file.read_text("utf-8")
        tags = _Tags(text).tags
        names = [tag for tag, _ in tags]
        assert names.count("svg") == 3
        assert not {"script", "img", "link", "iframe", "object", "image"} & set(names)
        for tag, attributes in tags:
            assert not any(name.startswith("on") for name in attributes), tag
            for name in ("src", "href", "xlink:href", "action", "data"):
                assert (attributes.get(name) or "#").startswith("#"), (tag, attributes)
        assert not re.search(r"url\((?!#)|@import", text)
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
        assert "default-src &#39;none&#39;" in text or "default-src 'none'" in text
        return text

    return check
