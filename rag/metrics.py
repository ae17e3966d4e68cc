"""Scores of answers and of rankings. Pure functions.

Exact match and F1 follow the SQuAD 1.1 evaluation (Rajpurkar et al. 2016), for Chinese the CMRC 2018 one
(Cui et al. 2019): characters instead of words.
"""

from __future__ import annotations

import math
import re
import string
from collections import Counter
from collections.abc import Callable, Sequence

from index.language import CJK, has_cjk

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = re.compile(f"[{re.escape(string.punctuation)}，。、；：？！“”‘’「」『』（）《》〈〉【】—…·～]")
_PIECE = re.compile(f"[{CJK}]|[^\\s{CJK}]+")


def normalise(text: str) -> str:
    """Lower case, without punctuation, articles and surplus space.

    >>> normalise("The Linhai plant, (east).")
    'linhai plant east'
    """
    return " ".join(_ARTICLES.sub(" ", _PUNCTUATION.sub("", text.lower())).split())


def exact_match(given: str, answers: Sequence[str]) -> float:
    """1.0 when `given` is one of `answers` after normalising.

    >>> exact_match("the Linhai plant", ["Linhai plant"]), exact_match("1996年", ["1996"])
    (1.0, 0.0)
    """
    return float(any(_joined(given) == _joined(answer) for answer in answers))


def token_f1(given: str, answers: Sequence[str]) -> float:
    """The best F1 of words (Chinese: characters) that `given` shares with one of `answers`.

    >>> token_f1("Chen Guang", ["Dr. Chen Guang"])
    0.8
    >>> round(token_f1("308分", ["308"]), 3)
    0.667
    """
    return max((_f1(pieces(given), pieces(answer)) for answer in answers), default=0.0)


def recall_at_k(ranked: Sequence[object], relevant: Sequence[object], k: int) -> float:
    """Share of `relevant` among the first k of `ranked`.

    >>> recall_at_k(["a", "b", "c"], ["a", "c"], 2)
    0.5
    """
    return len(set(ranked[:k]) & set(relevant)) / len(set(relevant)) if relevant else 0.0


def ndcg(ranked: Sequence[str], gain: Callable[[str], float], gains: Sequence[float], k: int) -> float:
    """Normalised discounted cumulative gain (Järvelin and Kekäläinen 2002).

    Args:
        gain: an item's relevance, 0 for irrelevant.
        gains: the relevances of all that is relevant.

    >>> round(ndcg(["x", "a"], lambda item: float(item == "a"), [1.0], 10), 3)
    0.631
    """
    ideal = sum(g / math.log2(i + 2) for i, g in enumerate(sorted(gains, reverse=True)[:k]))
    found = sum(gain(item) / math.log2(i + 2) for i, item in enumerate(ranked[:k]))
    return found / ideal if ideal else 0.0


def pieces(text: str) -> list[str]:
    """Words of normalised text; each Chinese character is one.

    >>> pieces("约 308分, The B-200")
    ['约', '308', '分', 'b200']
    """
    return _PIECE.findall(normalise(text))


def _joined(text: str) -> str:
    plain = normalise(text)
    return plain.replace(" ", "") if has_cjk(plain) else plain


def _f1(given: list[str], answer: list[str]) -> float:
    shared = (Counter(given) & Counter(answer)).total()
    return 2 * shared / (len(given) + len(answer)) if shared else float(given == answer)
