"""Examples packed into rows of tokens without waste: several a row, and a shared passage once.

A row is a forest. The tokens of a tree's trunk are a passage that several examples share; each example is a
branch that sees the trunk and itself, at the positions it would have alone. So an example's loss is what it
is alone, and none sees another:

    row        [ passage A | question 1, answer | question 2, answer | text B     | padding ]
    trees         0 0 0 0     0 0 0 0 0 0 0        0 0 0 0 0 0 0       1 1 1 1 1     -
    branches      0 0 0 0     1 1 1 1 1 1 1        2 2 2 2 2 2 2       0 0 0 0 0     -
    positions     0 1 2 3     4 5 6 7 8 9 10       4 5 6 7 8 9 10      0 1 2 3 4     -
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import torch

from finetune.examples import Example
from index.errors import InputError

_STEP = 64
"""Rows have a multiple of so many tokens."""
_SHORT, _LONG = 512, 1024
"""Tokens of a row where all examples are shorter, and where only texts are longer."""


@dataclass(slots=True)
class Row:
    """Tokens side by side; all lists but the last three have one value a token."""

    ids: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    trees: list[int] = field(default_factory=list)
    branches: list[int] = field(default_factory=list)
    """0: the trunk."""
    at: list[int] = field(default_factory=list)
    """Of each target, the token after which it comes."""
    targets: list[int] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)
    """Of each target, its example's place in what was packed."""

    @property
    def plain(self) -> bool:
        """Whether each token sees all before it."""
        return not any(self.trees) and not any(self.branches)


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows as int64 tensors. R rows, L tokens each, N targets."""

    ids: torch.Tensor
    """(R, L)"""
    positions: torch.Tensor | None
    """(R, L); none: 0 to L - 1 in each row."""
    forest: torch.Tensor | None
    """(2, R, L): trees and branches; none: each token sees all before it."""
    at: torch.Tensor
    """(N,) the place among the R x L tokens that a target is predicted at."""
    targets: torch.Tensor
    """(N,)"""
    owners: torch.Tensor
    """(N,), which stay where they were made"""

    @property
    def sees(self) -> torch.Tensor | None:
        """(R, 1, L, L) bool: query, key; none: each token sees all before it."""
        return None if self.forest is None else visible(*self.forest)

    def to(self, device: torch.device) -> Batch:
        """The same there; a graphics card copies it while it computes what it was given before."""
        if device.type == "cpu":
            return self

        def sent(part: torch.Tensor) -> torch.Tensor:
            return part.pin_memory().to(device, non_blocking=True)

        return Batch(
            sent(self.ids),
            None if self.positions is None else sent(self.positions),
            None if self.forest is None else sent(self.forest),
            sent(self.at),
            sent(self.targets),
            self.owners,
        )


def learnable(examples: Sequence[Example], row: int, window: int) -> tuple[list[Example], int]:
    """The examples as training takes them, and the tokens of a row that holds the longest.

    Texts (examples without a prompt) that are longer than a row become several, each beginning with the
    last token of the one before. Texts of one token, which nothing can be learnt from, are left out.

    Args:
        row: tokens of a row; 0: chosen.
        window: of the model, in tokens.

    Raises:
        InputError: nothing to learn from, or examples longer than a row.
    """
    length = min(row or window, window)
    if empty := sum(1 for one in examples if one.prompt and not one.completion):
        raise InputError(
            f"{empty} of {len(examples)} examples have no answer to learn (was it cut?): their loss would be "
            "zero without saying so; leave them out"
        )
    sizes = [len(one.prompt) + len(one.completion) for one in examples if one.prompt]
    if long := [size for size in sizes if size > length]:
        raise InputError(
            f"{len(long)} of {len(examples)} examples do not fit {length} tokens, the longest has {max(long)}"
            ": leave them out, shorten their passages, or make the rows longer (at most the model's window)"
        )
    if not row:
        text = max((len(one.completion) for one in examples if not one.prompt), default=0)
        longest = max([*sizes, _SHORT, min(text, _LONG)])
        length = min(window, -(-longest // _STEP) * _STEP)
    found = [
        piece for one in examples for piece in _pieces(one, length) if piece.prompt or piece.completion[1:]
    ]
    if not found:
        raise InputError("no example has an answer to learn: the loss would be zero without saying so")
    return found, length


def _pieces(example: Example, length: int) -> Iterator[Example]:
    """A text in windows of `length` tokens to read; any other example as it is."""
    text = example.completion
    if example.prompt or len(text) <= length + 1:
        yield example
        return
    for start in range(0, len(text) - 1, length):
        yield replace(example, completion=text[start : start + length + 1])


def in_order(examples: Sequence[Example], most: int, seed: int, share: bool = True) -> list[int]:
    """A random order of the examples; those with one passage stand together, at most `most` of them."""
    draw = random.Random(seed)
    together: dict[object, list[int]] = {}
    for place, example in enumerate(examples):
        key = example.prompt[: example.shared] if share and example.shared else place
        together.setdefault(key, []).append(place)
    groups = []
    for places in together.values():
        draw.shuffle(places)
        parts = -(-len(places) // most)
        groups += [places[part::parts] for part in range(parts)]
    draw.shuffle(groups)
    return [place for group in groups for place in group]


def pack(examples: Sequence[Example], length: int, share: bool = True) -> list[Row]:
    """Rows of at most `length` tokens that hold all examples; the fullest first.

    Raises:
        ValueError: an example is longer than a row.
    """
    trees: dict[object, list[int]] = {}
    for place, example in enumerate(examples):
        key = example.prompt[: example.shared] if share and example.shared else place
        trees.setdefault(key, []).append(place)
    parts = [part for places in trees.values() for part in _cut(examples, places, length)]
    rows: list[Row] = []
    for size, places in sorted(parts, key=lambda part: -part[0]):
        row = next((row for row in rows if len(row.ids) + size <= length), None)
        if row is None:
            row = Row()
            rows.append(row)
        _plant(row, examples, places)
    return rows


def _cut(examples: Sequence[Example], places: Sequence[int], length: int) -> Iterator[tuple[int, list[int]]]:
    """Examples of one tree as trees of at most `length` tokens: (tokens, places) each."""
    trunk = _trunk(examples, places)
    size, part = trunk, list[int]()
    for place in places:
        more = _tokens(examples[place]) - trunk
        if trunk + more > length:
            raise ValueError(f"an example of {trunk + more} tokens; a row holds {length}")
        if size + more > length:
            yield size, part
            size, part = trunk, []
        size += more
        part.append(place)
    yield size, part


def _tokens(example: Example) -> int:
    """What the model reads of an example: all but the last token, after which nothing comes."""
    return len(example.prompt) + len(example.completion) - 1


def _trunk(examples: Sequence[Example], places: Sequence[int]) -> int:
    """Tokens that the examples at `places` share; of one alone none, which makes it a plain sequence."""
    return examples[places[0]].shared if len(places) > 1 else 0


def _plant(row: Row, examples: Sequence[Example], places: Sequence[int]) -> None:
    """Add a tree of the examples at `places` to the row."""
    trunk, tree, root = _trunk(examples, places), row.trees[-1] + 1 if row.trees else 0, len(row.ids)
    _grow(row, examples[places[0]].prompt[:trunk], 0, tree, 0)
    for branch, place in enumerate(places, 0 if len(places) == 1 else 1):
        example = examples[place]
        begin = len(row.ids)
        _grow(row, [*example.prompt[trunk:], *example.completion[:-1]], trunk, tree, branch)
        learnt = example.completion if example.prompt else example.completion[1:]
        after = range(begin + len(example.prompt) - trunk - 1, begin + _tokens(example) - trunk)
        first = [root + trunk - 1] if len(example.prompt) == trunk > 0 else []  # said right after the trunk
        row.at += [*first, *(at for at in after if at >= begin)]
        row.targets += learnt
        row.owners += [place] * len(learnt)


def _grow(row: Row, ids: Sequence[int], position: int, tree: int, branch: int) -> None:
    row.ids += ids
    row.positions += range(position, position + len(ids))
    row.trees += [tree] * len(ids)
    row.branches += [branch] * len(ids)


def to_tensors(rows: Sequence[Row], length: int = 0, count: int = 0, masked: bool = False) -> Batch:
    """Rows side by side, padded at their ends.

    Args:
        length: of each row; 0: that of the longest, so that one row alone has no padding.
        count: rows, the last ones empty where there are fewer; 0: as many as there are.
        masked: say what sees what where it goes without saying, too: a compiled model has one shape less.
    """
    length, count = length or max(len(row.ids) for row in rows), count or len(rows)
    ids, positions, trees, branches = torch.zeros(4, count, length, dtype=torch.long)
    for n, row in enumerate(rows):
        end = len(row.ids)
        ids[n, :end] = torch.tensor(row.ids)
        positions[n, :end] = torch.tensor(row.positions)
        trees[n, :end] = torch.tensor(row.trees) + 1
        branches[n, :end] = torch.tensor(row.branches)
    plain = not masked and all(row.plain for row in rows)

    def flat(values: Iterable[list[int]]) -> torch.Tensor:
        return torch.tensor([one for row in values for one in row], dtype=torch.long)

    return Batch(
        ids,
        None if plain else positions,
        None if plain else torch.stack((trees, branches)),
        flat([n * length + at for at in row.at] for n, row in enumerate(rows)),
        flat(row.targets for row in rows),
        flat(row.owners for row in rows),
    )


def visible(trees: torch.Tensor, branches: torch.Tensor) -> torch.Tensor:
    """(R, L) each -> (R, 1, L, L) bool: a token sees, of its tree, the trunk and its branch, up to itself."""
    length = trees.shape[1]
    tree = trees[:, :, None] == trees[:, None, :]
    branch = (branches[:, None, :] == 0) | (branches[:, :, None] == branches[:, None, :])
    before = torch.ones(length, length, dtype=torch.bool, device=trees.device).tril()
    return (tree & branch & before)[:, None]
