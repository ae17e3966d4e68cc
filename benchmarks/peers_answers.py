"""The part of peers.py that compares answers: same passages, same MiniLM, same model, three passages read."""

from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from common import machine, percentiles, say, squad
from peer_process import environment, run
from safetensors.torch import load_file, save_file

from api.loading import ADAPTER
from rag import causal, embedded
from rag.card import read_card
from rag.metrics import exact_match, token_f1

PLAIN = """Answer the following question using only the context below. Answer with a few words from it.

Question: {question}

Context: {context}
"""
"""As the peer's documentation asks an instruction model."""
READER = "Passage 1: {context}\nQuestion: {question}\nAnswer:"
"""What our reader was trained on (rag/prompt.py); the peer joins its passages with line ends."""
CHAT = """{% for message in messages %}<|im_start|>{{ message['role'] }}
{{ message['content'] }}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""


def compare_answers(arguments: argparse.Namespace) -> None:
    """Both systems answer the questions of a set in SQuAD JSON; prints the table."""
    peer_python = environment(arguments.venv)
    documents, asked = squad(arguments.file)
    asked = [line for line in asked if line["answers"]]
    random.Random(0).shuffle(asked)
    asked = asked[: arguments.sample]
    wanted = {line["document"] for line in asked}
    others = [document.id for document in documents if document.id not in wanted]
    random.Random(1).shuffle(others)
    kept = wanted | set(others[: max(0, arguments.passages - len(wanted))])
    task = {
        "passages": [{"id": d.id, "title": d.title, "text": d.text} for d in documents if d.id in kept],
        "questions": [line["question"] for line in asked],
        "limit": 3,
        "warm": 2,
        "options": {},
    }
    reports: dict[str, dict[str, Any]] = {}
    with models() as (reader, plain):
        sides = {
            "Jujube": ("peer_jujube.py", reader, ""),
            "txtai RAG, our reader": ("peer_txtai.py", reader, READER),
            "txtai RAG, the model as it comes": ("peer_txtai.py", plain, PLAIN),
        }
        for name, (script, model, template) in sides.items():
            python = Path(sys.executable) if script == "peer_jujube.py" else peer_python
            reports[name] = run(python, script, {**task, "model": str(model), "template": template})
            say(f"{name}: {len(asked)} questions answered")
    print(machine())
    versions = reports["txtai RAG, our reader"]["versions"]
    print(f"{len(kept)} passages, {len(asked)} questions, versions {versions}\n")
    print("| | exact match | F1 | a question, median / 95th percentile | peak memory, MiB |")
    print("|---|---|---|---|---|")
    for name, report in reports.items():
        pairs = list(zip(report["answers"], asked, strict=True))
        exact = 100 * statistics.fmean(exact_match(text, line["answers"]) for text, line in pairs)
        f1 = 100 * statistics.fmean(token_f1(text, line["answers"]) for text, line in pairs)
        took, peak = percentiles(report["seconds"]), report["peak_mib"]
        print(f"| {name} | {exact:.1f} | {f1:.1f} | {took} | {peak:.0f} |")
    if arguments.json:
        arguments.json.write_text(
            json.dumps({"asked": asked, "reports": reports}, ensure_ascii=False), "utf-8"
        )


@contextmanager
def models() -> Iterator[tuple[Path, Path]]:
    """Folders of our reader and of the model it was made from, as transformers' pipelines load them."""
    with tempfile.TemporaryDirectory() as folder:
        reader, plain = Path(folder) / "reader", Path(folder) / "plain"
        shutil.copytree(embedded.folder(Path(folder), ADAPTER), reader)
        ends = json.loads((reader / "generation_config.json").read_text("utf-8"))
        ends["eos_token_id"] = read_card(reader)["stop_ids"]  # else the peer would not see its end
        (reader / "generation_config.json").write_text(json.dumps(ends), "utf-8")
        _in_float32(reader)
        model, tokenizer = causal.read_gguf(embedded._gguf())
        model.save_pretrained(plain)
        tokenizer.save(str(plain / "tokenizer.json"))
        for place, chat in ((reader, None), (plain, CHAT)):
            config = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|im_end|>"}
            (place / "tokenizer_config.json").write_text(
                json.dumps({**config, **({"chat_template": chat} if chat else {})}), "utf-8"
            )
        yield reader, plain


def _in_float32(folder: Path) -> None:
    """The peer computes in what a model is saved in, and an older processor only emulates bfloat16."""
    weights = {name: weight.float() for name, weight in load_file(folder / "model.safetensors").items()}
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, "dtype": "float32"}), "utf-8")
