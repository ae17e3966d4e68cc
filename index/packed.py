"""Products of torch with matrices that are laid out once for the processor (docs/decisions/0020)."""

from __future__ import annotations

import torch

_OPERATORS = ("_reorder_linear_weight", "_linear_pointwise")
"""Of torch's own, and so another version may lack them."""


def available() -> bool:
    """Whether this torch has oneDNN, and the operators of it that are used here."""
    here: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    return here and all(hasattr(torch.ops.mkldnn, name) for name in _OPERATORS)


class Linear:
    """x @ matrix + bias, the matrix laid out for oneDNN; `then` is one of its functions of the result."""

    def __init__(
        self, rows: torch.Tensor, bias: torch.Tensor | None = None, then: str = "none", how: str = ""
    ) -> None:
        """Args:
        rows: (out, in).
        how: the variant of `then`, where it has several.
        """
        self._packed = torch.ops.mkldnn._reorder_linear_weight(rows, None)
        self._bias = bias
        self._then, self._how = then, how

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = torch.ops.mkldnn._linear_pointwise(
            x, self._packed, self._bias, self._then, [], self._how
        )
        return out

    def with_(self, x: torch.Tensor, other: torch.Tensor, operation: str) -> torch.Tensor:
        """The product and `other`, which has its shape, put together by "add" or "mul"."""
        out: torch.Tensor = torch.ops.mkldnn._linear_pointwise.binary(
            x, other, self._packed, self._bias, operation
        )
        return out
