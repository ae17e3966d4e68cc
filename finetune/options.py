"""How a model is trained, and what training tells while it runs: plain values that JSON can hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from index.errors import InputError

METHODS = ("lora", "frozen", "full")


@dataclass(frozen=True, slots=True)
class TrainOptions:
    method: Literal["lora", "frozen", "full"] = "lora"
    """"lora": adapters on every linear layer; "frozen": only the last layers; "full": everything."""
    learning_rate: float = 2e-4
    epochs: float = 1.0
    batch: int = 16
    """Examples a step."""
    micro_batch: int = 0
    """Rows of packed examples a forward pass, whose gradients add up to those of `batch`; 0: 2,048
    tokens on a processor, eight rows on a graphics card."""
    row: int = 0
    """Tokens of a row, the window at most; 0: the longest example's, 512 at least; of texts 1,024."""
    share: bool = True
    """Whether examples with the same passage read it once."""
    warmup: float = 0.05
    """Share of the steps in which the learning rate rises; it falls as a cosine after them."""
    weight_decay: float = 0.01
    """Not of biases and norms."""
    clip: float = 1.0
    """Largest norm of the gradient."""
    rank: int = 16
    """LoRA's rank; alpha is twice it."""
    last_layers: int = 4
    """Layers that "frozen" trains."""
    dropout: float | None = None
    """In place of the dropout that the base has; none: as the base has it, but in attention on a
    processor."""
    validate_every: int = 0
    """Steps between two validations; 0: after each epoch."""
    patience: int = 3
    """Validations without a better loss after which training stops; 0: it never stops early."""
    seconds: float = 0.0
    """Training takes at most, without compiling; 0: as long as its steps take. The learning rate then falls
    with the time."""
    checkpoint_every: int = 0
    """Steps between two checkpoints; 0: every two minutes."""
    compile: bool = False
    """torch.compile, on a graphics card: half a minute before the first step, then about twice as fast."""
    seed: int = 0

    def check(self) -> None:
        """Raises InputError: a value that nothing can be trained with; names it."""
        if self.method not in METHODS:
            raise InputError(f"no method {self.method!r}; choose one of {', '.join(METHODS)}")
        for name in ("learning_rate", "epochs", "batch", "clip", "rank", "last_layers"):
            if not getattr(self, name) > 0:
                raise InputError(f"{name} is {getattr(self, name)}; it must be more than 0")
        for name in ("micro_batch", "row", "weight_decay", "validate_every", "patience", "seconds",
                     "checkpoint_every"):  # fmt: skip
            if not getattr(self, name) >= 0:
                raise InputError(f"{name} is {getattr(self, name)}; it cannot be less than 0")
        for name in ("warmup", "dropout"):
            if not 0 <= (getattr(self, name) or 0) < 1:
                raise InputError(f"{name} is {getattr(self, name)}; it is a share, from 0 to less than 1")


@dataclass(frozen=True, slots=True)
class Step:
    """One update of the weights. Counts are from the beginning, also where a killed run went on."""

    number: int
    """Counted from 1."""
    of: int
    loss: float
    """Mean over the completions' tokens, natural logarithm."""
    learning_rate: float
    tokens: int
    """Of the examples so far, each counted alone, without padding."""
    computed: int
    """Tokens that the model read for it: shared passages once, padding too."""
    seconds: float

    @property
    def tokens_per_second(self) -> float:
        return self.tokens / max(self.seconds, 1e-9)

    @property
    def seconds_left(self) -> float:
        return self.seconds / self.number * (self.of - self.number)


@dataclass(frozen=True, slots=True)
class Validation:
    """How well the model says what it is not trained on."""

    step: int
    """After which."""
    loss: float
    """As `Step.loss`."""
    best: bool
    """Whether no earlier one was as low."""
