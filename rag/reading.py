"""What it is to have read prompts: they can be continued in many ways."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Reading(Protocol):
    """Prompts that have been read once and can be continued in many ways. For one thread."""

    @property
    def first(self) -> NDArray[np.float32]:
        """(prompts, vocabulary) natural log-probabilities of the token after each prompt."""

    @property
    def then(self) -> NDArray[np.float32]:
        """(prompts, tokens, vocabulary) log-probabilities after each token of the phrase that was read behind
        each prompt; its tokens are the first nodes, prompt by prompt."""

    def extend(self, tokens: Sequence[int], parents: Sequence[int]) -> NDArray[np.float32]:
        """Read nodes of trees of continuations; (n, vocabulary) log-probabilities after each.

        Nodes are numbered from 0 in the order they were given, over all calls. `parents` names
        the node each follows, which may stand before it in the same call; -1 is the first
        prompt, -2 the second, and so on.
        """

    def forget(self, nodes: int) -> None:
        """Keep the first `nodes` nodes only; the next one given gets the number `nodes`."""
