"""Several processes on one collection, and processes that die: what was promised is there, nothing is half
done.
"""

from __future__ import annotations

import json
import resource
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

Spawn = Callable[..., "subprocess.Popen[str]"]
Finish = Callable[["subprocess.Popen[str]"], Any]
Command = Callable[..., Any]
Until = Callable[[Callable[[], object]], None]


def folder(path: Path, name: str, count: int) -> Path:
    path.mkdir()
    for number in range(count):
        text = f"# {name} {number}\n\nThe part {name}-{number} costs {number} yuan. 零件{name}{number}。\n"
        (path / f"{name}-{number}.md").write_text(text * 3, "utf-8")
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def client(port: int, until: Until) -> Iterator[httpx.Client]:
    """A client of a server process, once that is ready."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as http:

        def ready() -> bool:
            try:
                return http.get("/readyz").status_code == 200
            except httpx.TransportError:
                return False

        until(ready)
        yield http


def test_two_writers_at_once(spawn: Spawn, finish: Finish, jujube: Command, tmp_path: Path) -> None:
    first = spawn("add", folder(tmp_path / "one", "alpha", 20))
    second = spawn("add", folder(tmp_path / "two", "beta", 20))
    for process in (first, second):
        ran = finish(process)
        assert (ran.status, ran.out[:8]) == (0, "20 added"), ran.err
    assert jujube("stats", "--json").json["documents"] == 40
    assert jujube("verify").out == "sound\n"


def test_output_is_all_that_is_seen(spawn: Spawn, finish: Finish, documents: Path) -> None:
    """No progress bar, warning or log line of a library."""
    ran = finish(spawn("add", documents, "--json"))
    assert json.loads(ran.out)["added"] == 2
    assert all(line.startswith("indexing: ") for line in ran.err.splitlines())
    ran = finish(spawn("ask", "How many days of leave?", "--json"))
    assert json.loads(ran.out)["hits"]
    assert ran.err == ""


def test_a_reader_that_goes_away(spawn: Spawn, documents: Path) -> None:
    spawn("add", documents).wait(120)
    process = spawn("list")
    assert process.stdout is not None
    process.stdout.close()
    process.wait(60)
    assert process.stderr is not None
    assert "Traceback" not in process.stderr.read()
    process.stdout = None


def test_a_server_sees_what_others_write(
    spawn: Spawn, finish: Finish, jujube: Command, documents: Path, until: Until
) -> None:
    port = free_port()
    server = spawn("serve", "--port", port)
    with client(port, until) as http:
        assert http.post("/v1/search", json={"query": "leave"}).json()["hits"] == []
        assert jujube("add", documents).status == 0
        for mode in ("graph", "vector", "text"):
            found = http.post("/v1/search", json={"query": "days of leave", "mode": mode}).json()
            assert (found["hits"][0]["title"], found["revision"]) == ("Leave", 1)
        jujube("remove", documents / "leave.md")
        found = http.post("/v1/search", json={"query": "days of leave"}).json()
        assert [hit["title"] for hit in found["hits"]] == ["年假"]
        taken = finish(spawn("serve", "--port", port))
        assert (taken.status, taken.out) == (1, "")
        assert taken.err == (
            f"error: cannot listen on 127.0.0.1:{port}: Address already in use. Name another with --port\n"
        )
    server.send_signal(signal.SIGINT)
    ran = finish(server)
    assert ran.status == 0
    assert ran.err.splitlines()[-1] == "stopped"
    assert "Traceback" not in ran.err


def test_a_server_that_cannot_load_its_models_stops(spawn: Spawn, finish: Finish) -> None:
    ran = finish(spawn("serve", "--port", free_port(), "--generator", "/no/such/model"))
    assert ran.status == 1
    assert ran.err.splitlines()[-1].startswith("error: ")
    assert "/no/such/model" in ran.err
    assert "Traceback" not in ran.err


def test_a_server_killed_while_it_writes(spawn: Spawn, jujube: Command, tmp_path: Path, until: Until) -> None:
    port = free_port()
    server = spawn("serve", "--port", port)
    kept: list[str] = []
    with client(port, until) as http:
        for number in range(3):
            body = {"documents": [{"text": f"Kept {number}.", "source": f"kept-{number}"}]}
            kept += [f"kept-{number}"] * (http.post("/v1/documents", json=body).status_code == 200)
        text = "Part {0} costs {0}. "
        documents = [{"text": text.format(n) * 40, "source": f"many-{n}"} for n in range(200)]
        with pytest.raises(httpx.TransportError):
            http.post("/v1/documents", json={"documents": documents}, timeout=1.0)
        server.kill()
        server.wait()
    assert jujube("verify").out == "sound\n"
    sources = [line.split("\t")[0] for line in jujube("list").out.splitlines()]
    assert set(kept) <= set(sources)
    assert jujube("add", folder(tmp_path / "after", "after", 2)).status == 0


def test_add_killed_in_the_middle(spawn: Spawn, jujube: Command, tmp_path: Path, until: Until) -> None:
    parts = folder(tmp_path / "parts", "alpha", 400)
    process = spawn("add", parts)
    until(lambda: jujube("stats", "--json").json["documents"] > 0)
    process.kill()
    process.wait()
    assert jujube("verify").out == "sound\n"
    before = jujube("stats", "--json").json["documents"]
    assert 0 < before < 400
    report = jujube("add", parts, "--json").json
    assert (report["added"], report["unchanged"]) == (400 - before, before)
    assert jujube("verify").out == "sound\n"


def test_a_full_disk(spawn: Spawn, finish: Finish, jujube: Command, documents: Path, tmp_path: Path) -> None:
    """No file may grow over 300 kB: what the commit needs more is refused by the system."""
    assert jujube("add", documents).status == 0
    before = jujube("list").out

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    many = folder(tmp_path / "many", "alpha", 100)
    ran = finish(spawn("add", many, preexec_fn=limit))
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.splitlines()[-1].startswith("error: no room left on the disk of ")
    assert "Traceback" not in ran.err
    assert jujube("list").out == before
    assert jujube("verify").out == "sound\n"
    assert jujube("add", many).status == 0
