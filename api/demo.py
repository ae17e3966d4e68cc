"""The demonstration: sample documents, a real server, real HTTP."""

from __future__ import annotations

import json as json_
import subprocess
import sys
import time
import unicodedata
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from api import answer_shown, console, schemas_answers, schemas_documents
from api.server import bind
from api.service import Service
from index.errors import NotFound, ServiceError

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
SHOWN = ("en-01", "en-03", "en-08", "en-18", "zh-01", "zh-05", "zh-10", "zh-18")
"""What a plain `jujube demo` asks; `--all` asks the rest, the ones it gets wrong included."""

_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""To this machine, whatever proxy the environment names."""


def run(service: Service, questions: Path | None, *, every: bool, json: bool) -> None:
    """Index, serve, ask, print, stop.

    Raises:
        NotFound: the sample documents are not there.
        ServiceError: the server did not come up.
    """
    documents, questions = EXAMPLES / "documents", questions or EXAMPLES / "questions.jsonl"
    if not documents.is_dir() or not questions.is_file():
        raise NotFound(f"no sample documents in {EXAMPLES}: run this from a clone of the repository")
    console.say(f"1. indexing the sample documents in {documents}")
    with console.counting("indexing") as tick:
        report = schemas_documents.add_out(service.add_paths([documents], tick))
    if not json:
        console.show_report(report)
    console.say("2. starting a server and asking it over HTTP")
    lines = [json_.loads(line) for line in questions.read_text("utf-8").splitlines() if line.strip()]
    asked = [line for line in lines if every or line["id"] in SHOWN] or lines
    with serving(service.settings.home, service.settings.collection) as url:
        answers = [(line, post(f"{url}/v1/ask", {"question": line["question"]})) for line in asked]
        for line, answer in answers:
            _show(line, answer, json)
    right = sum(is_right(line, answer) for line, answer in answers)
    console.say(f"\n{right} of {len(answers)} right. The server is stopped; `jujube serve` starts your own.")


def is_right(line: dict[str, Any], answer: dict[str, Any]) -> bool:
    """One of the accepted answers word for word; for a question that nothing answers, silence."""
    if not line["answers"]:
        return bool(answer["abstained"])
    given = _plain(answer["answer"])
    return not answer["abstained"] and any(_plain(a) == given for a in line["answers"])


def post(url: str, body: dict[str, Any]) -> Any:
    """POST JSON, get JSON.

    Raises:
        ServiceError: another answer than 200.
    """
    data = json_.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with _direct.open(request, timeout=120) as response:
            return json_.load(response)
    except (urllib.error.URLError, TimeoutError) as error:
        said = error.read().decode() if isinstance(error, urllib.error.HTTPError) else str(error)
        raise ServiceError(f"the server did not answer {body}: {said}") from error


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text)
    return text.casefold().strip(" .。,，;；:：\"'").removeprefix("the ").replace(" ", "").replace(",", "")


def _show(line: dict[str, Any], answer: dict[str, Any], json: bool) -> None:
    if json:
        console.print_json({"id": line["id"], "right": is_right(line, answer), **answer})
        return
    mark = "right" if is_right(line, answer) else f"expected: {' / '.join(line['answers']) or 'silence'}"
    console.out.print(f"\n[{line['id']}] {line['question']}  ({mark})", style="bold", markup=False)
    answer_shown.show_answer(schemas_answers.AskResponse.model_validate(answer))


@contextmanager
def serving(home: Path, collection: str) -> Iterator[str]:
    """A server process of its own on a free port; stopped at the end. Yields its address.

    Raises:
        ServiceError: it did not come up.
    """
    with bind("127.0.0.1", 0) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", "from api.cli import main; main()", "serve", "--port", str(port)]
    command += ["--host", "127.0.0.1", "--home", str(home), "--collection", collection]
    process = subprocess.Popen(command)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(url, process)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            with _direct.open(f"{url}/readyz", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise ServiceError(f"the server did not become ready within {seconds:.0f} s: see its messages above")
