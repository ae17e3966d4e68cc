"""Raw texts -> texts fit to be learnt from, with what was dropped and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from datasketch import MinHash, MinHashLSH
from ftfy.badness import badness

from index.language import CJK, entity_key, search_terms
from index.text import clean, width

_SHOWN = 3
"""Examples that are kept of each reason."""
_SHOWN_LENGTH = 100
_SHINGLE = 3
"""Search terms side by side by which two texts are compared."""
_PERMUTATIONS = 64
_BROKEN = 0.01
"""Share of characters that may be signs of a wrong charset."""
_MISREAD = 0.4
"""Chinese characters restored by reading it back, a character: 2/3 of misread text, 0 of true Chinese."""
_WIDE = re.compile(f"[{CJK}\u3040-\u30ff\u3000-\u303f]+")
_SPACES = re.compile("[ \u00a0\u3000]{2,}")
_EMPTY_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Dropped:
    """What was left out for one reason."""

    reason: str
    count: int
    examples: tuple[str, ...]
    """The first of them, shortened."""


@dataclass(slots=True)
class Tally:
    """Counts what is left out."""

    _counts: dict[str, int] = field(default_factory=dict)
    _examples: dict[str, list[str]] = field(default_factory=dict)

    def drop(self, reason: str, what: str) -> None:
        self._counts[reason] = self._counts.get(reason, 0) + 1
        shown = self._examples.setdefault(reason, [])
        if len(shown) < _SHOWN:
            line = " ".join(what.split())
            shown.append(line if len(line) <= _SHOWN_LENGTH else line[: _SHOWN_LENGTH - 1] + "…")

    def dropped(self) -> tuple[Dropped, ...]:
        """By reason, the most frequent first."""
        order = sorted(self._counts, key=lambda reason: -self._counts[reason])
        return tuple(Dropped(r, self._counts[r], tuple(self._examples[r])) for r in order)


@dataclass(frozen=True, slots=True)
class CleanOptions:
    shortest: int = 8
    """Columns of text at least; a Chinese character takes two."""
    longest: int = 5_000_000
    """Characters at most."""
    letters: float = 0.2
    """Share of letters of any script among what is not white space, at least."""
    alike: float = 0.9
    """Share of common shingles (Jaccard, estimated) from which two are one; above 1: only equal ones."""


def tidy(text: str) -> str:
    r"""NFC, no control characters, no trailing or repeated white space; nothing else is changed.

    >>> tidy("年假\x00１５天 \r\n\r\n\r\n\r\nper  year ")
    '年假１５天\n\nper year'
    """
    lines = (_SPACES.sub(" ", line.rstrip()) for line in clean(text).split("\n"))
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


def fault(text: str, options: CleanOptions | None = None) -> str:
    """Why a tidy text is not fit to be learnt from; empty when it is.

    >>> fault("保修期为两年。"), fault("== 12 / 7 ==")
    ('', 'hardly any letters')
    """
    options = options or CleanOptions()
    if not text:
        return "empty"
    if width(text) < options.shortest:
        return "too short"
    if len(text) > options.longest:
        return "too long"
    signs = text.count("\ufffd") + 2 * badness(text) + 3 * text.count("锟斤拷")
    if signs > _BROKEN * len(text) or _misread(text):
        return "characters of a wrong charset"
    solid = "".join(text.split())
    if sum(map(str.isalpha, solid)) < options.letters * len(solid):
        return "hardly any letters"
    return ""


def _misread(text: str) -> bool:
    """Whether its Chinese is UTF-8 that was read as GB18030: 浣犲ソ for 你好."""
    wide = "".join(_WIDE.findall(text))
    restored = wide.encode("gb18030", "ignore").decode("utf-8", "ignore")
    return len(wide) >= 4 and _chinese(restored) > _MISREAD * len(wide)


def _chinese(text: str) -> int:
    return sum(map(len, _WIDE.findall(text)))


def same_key(text: str) -> str:
    """What texts have in common that differ in width, case, script, white space or closing marks alone.

    >>> same_key("Ｗho is Li?") == same_key("who  is li ?"), same_key("幾天？") == same_key("几天")
    (True, True)
    """
    return re.sub(r"[\s。．.?？!！]+", "", entity_key(text))


def cleaned(
    texts: Iterable[tuple[str, str]], tally: Tally, options: CleanOptions | None = None
) -> list[tuple[str, str]]:
    """(name, text) of what is fit, tidied, each text once; what is not goes into `tally`."""
    options = options or CleanOptions()
    kept: list[tuple[str, str]] = []
    seen: set[str] = set()
    alike = Alike(options.alike)
    for name, raw in texts:
        text = tidy(raw)
        reason = fault(text, options)
        if not reason:
            key = same_key(text)
            if key in seen:
                reason = "a text that is there already"
            elif alike.seen(text):
                reason = "nearly a text that is there already"
            seen.add(key)
        if reason:
            tally.drop(reason, f"{name}: {text}" if name else text)
        else:
            kept.append((name, text))
    return kept


class Alike:
    """Finds texts that are nearly equal to one before, by MinHash (Broder 1997)."""

    def __init__(self, share: float) -> None:
        """Args: share: of common shingles, 0 to 1; above 1 nothing is alike."""
        self._share = share
        self._index = MinHashLSH(threshold=min(share, 1.0), num_perm=_PERMUTATIONS)
        self._hashes: list[MinHash] = []

    def seen(self, text: str) -> bool:
        """Whether a text before was nearly this; it is remembered where none was."""
        shingles = _shingles(search_terms(text))
        if self._share > 1 or not shingles:
            return False
        hashed = MinHash(num_perm=_PERMUTATIONS, seed=1)
        hashed.update_batch([shingle.encode("utf-8", "replace") for shingle in shingles])
        near = self._index.query(hashed)
        if any(self._hashes[int(i)].jaccard(hashed) >= self._share for i in near):
            return True
        self._index.insert(str(len(self._hashes)), hashed)
        self._hashes.append(hashed)
        return False


def _shingles(terms: Sequence[str]) -> list[str]:
    """Runs of terms; too few of them say nothing: B-200 and B-350 are one word apart."""
    if len(terms) < 4 * _SHINGLE:
        return []
    return [" ".join(terms[i : i + _SHINGLE]) for i in range(len(terms) - _SHINGLE + 1)]
