"""Prompts read once by a causal model in torch, then continued along many branches at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from rag.trees import Trees


class CausalReading:
    """Prompts in one key-value cache, continued along trees (see `rag.generator.Reading`).

    All tokens lie behind each other in one cache; an attention mask shows each only its own prompt
    and ancestors. So one forward pass reads several prompts, one more scores many continuations of
    all of them, and nothing is padded or copied.
    """

    def __init__(self, model: Any, prompts: Sequence[Sequence[int]], then: Sequence[int] = ()) -> None:
        self._model = model
        lengths = [len(ids) for ids in prompts]
        self._trees = Trees(lengths)
        places, sees = self._trees.grow(self._trees.chains(len(then)))
        tokens = [token for ids in [*prompts, *[then] * len(prompts)] for token in ids]
        places = [*(at for length in lengths for at in range(length)), *places]
        # One prompt with what follows is a plain text: each token sees all before it.
        several = {} if len(prompts) == 1 else {"attention_mask": self._mask(_all_see(lengths, sees))}
        wanted = [*(np.cumsum(lengths) - 1), *range(self._trees.prompts, len(tokens))]
        ends = torch.tensor(wanted, device=model.device)
        output = self._forward(tokens, places, use_cache=True, logits_to_keep=ends, **several)
        self._cache = output.past_key_values
        rows = _log_probabilities(output.logits[0])
        self.first: NDArray[np.float32] = rows[: len(prompts)]
        self.then: NDArray[np.float32] = rows[len(prompts) :].reshape(len(prompts), len(then), rows.shape[1])

    def extend(self, tokens: Sequence[int], parents: Sequence[int]) -> NDArray[np.float32]:
        places, sees = self._trees.grow(parents)
        cached = {"past_key_values": self._cache, "use_cache": True}
        output = self._forward(tokens, places, attention_mask=self._mask(sees), **cached)
        return _log_probabilities(output.logits[0])

    def forget(self, nodes: int) -> None:
        if nodes < len(self._trees):
            self._cache.crop(nodes - len(self._trees))  # as many tokens less
            self._trees.cut(nodes)

    def _forward(self, tokens: Sequence[int], places: Any, **more: Any) -> Any:
        device = self._model.device
        row = torch.tensor([list(tokens)], device=device)
        positions = torch.tensor(np.asarray(places)[None], device=device)
        with torch.inference_mode():
            return self._model(row, position_ids=positions, **more)

    def _mask(self, sees: NDArray[np.bool_]) -> torch.Tensor:
        """(1, 1, queries, keys), 0 where a token may look and the lowest number elsewhere."""
        mask = torch.zeros(sees.shape, dtype=self._model.dtype)
        mask.masked_fill_(~torch.from_numpy(sees), torch.finfo(mask.dtype).min)
        return mask[None, None].to(self._model.device)


def _all_see(lengths: Sequence[int], nodes: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(tokens, tokens): each sees its own prompt up to itself; below the prompts, what nodes see."""
    owner = np.repeat(np.arange(len(lengths)), lengths)
    sees = np.zeros((len(owner) + len(nodes), len(owner) + len(nodes)), dtype=bool)
    sees[: len(owner), : len(owner)] = np.tril(owner[:, None] == owner[None, :])
    sees[len(owner) :] = nodes
    return sees


def _log_probabilities(logits: torch.Tensor) -> NDArray[np.float32]:
    result: NDArray[np.float32] = torch.log_softmax(logits.float(), -1).cpu().numpy()
    return result
