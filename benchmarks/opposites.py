"""What a sentence says turned into its opposite, to learn that a "not" turns yes into no.

Sentences are changed by their words of denying or allowing alone (counterfactual data, Kaushik et al. 2020);
where it is not plain that the meaning turns around, nothing is made.
"""

from __future__ import annotations

import re

from index.language import has_cjk

_AUXILIARY = "is|are|was|were|may|must|shall|should|will|would|can|could"
_DONE_ZH = "能|会|接受|支持|提供|包括|包含|享受|负责|适用"
_TURNED = [  # the first that fits is taken
    (rf"\b({_AUXILIARY}|do|does|did|has|have|had|need) not\b", r"\1"),
    (r"\bcannot\b", "can"),
    (r"\b(is|are|was|were|do|does|did|has|have|had|should|would|could|need)n[’']t\b", r"\1"),
    (r"\bcan[’']t\b", "can"),
    (r"\bwon[’']t\b", "will"),
    (r"\bnever\b", "always"),
    (r"\bno longer\b", "still"),
    (r"^No\b", "Every"),
    (r"\b(has|have|is|are|was|were|with) no\b", r"\1 a"),
    (r"\b(?:forbidden|prohibited|banned)\b", "allowed"),
    (r"\b(?:refused|rejected)\b", "approved"),
    (r"\bapproved\b", "rejected"),
    (r"\b(?:excluded from)\b", "included in"),
    (r"\bwithout\b", "with"),
    (r"\bfree of charge\b", "against a fee"),
    (r"\b(allowed|permitted|included|required|covered|accepted|refundable|possible)\b", r"not \1"),
    (rf"\b({_AUXILIARY})\b(?! not\b)", r"\1 not"),
]
_TURNED_ZH = [
    ("(?:严禁|禁止|谢绝|请勿|不得|不准|不许|不允许)", "可以"),
    ("(?:无需|无须|不必|不需要?|不用|不须)", "必须"),
    ("(?:暂不|暂未|尚未|从未|未)(?!来|免)", "已"),
    ("没有", "有"),
    ("不再", "仍然"),
    ("(?:拒绝|否决)", "批准"),
    ("不", ""),
    ("(?:免费|免收)", "收取"),
    ("(?:可以|允许|均可|方可)", "不得"),
    ("(?:必须|务必|应当|须|需要|需)(?!求)", "无需"),
    ("(?:同意|批准|通过)(?!后|前)", "否决"),
    (f"(?<!才)({_DONE_ZH})", r"不\1"),
    ("已经?(?![知有])", "未"),
    ("由", "不由"),
    ("(?:为|是)(?!否)", "不是"),
    ("有(?!关|限|效|权)", "没有"),
]
_NOT = re.compile(
    r"\b(?:not|no|never|cannot|neither|nor|none|without|unless|except|only|but|\w+n[’']t)\b|"
    "不|没|未|无|勿|禁|除|仅|只|但|否",
    re.IGNORECASE,
)
_LONGEST = 120
"""Characters of a sentence that is turned around: of a long one it is not plain what is denied."""


def opposite(sentence: str, says: str) -> str | None:
    """The sentence with its meaning turned around, to a question to which it says yes or no; None: not made.

    Args:
        says: "yes" or "no".

    What says no without a word that denies does so by a number or another name: "not every three years" would
    not say "every year".

    >>> opposite("Dogs are not allowed on the slipway.", "no"), opposite("员工可以带一名家属。", "yes")
    ('Dogs are allowed on the slipway.', '员工不得带一名家属。')
    >>> opposite("We neither send nor fetch parcels, except small ones.", "no")
    """
    if says == "no" and not _NOT.search(sentence):
        return None
    if len(_NOT.findall(sentence)) > 1 or len(sentence) > _LONGEST // (2 if has_cjk(sentence) else 1):
        return None
    denied = _NOT.search(sentence) is not None
    for pattern, other in _TURNED_ZH if has_cjk(sentence) else _TURNED:
        found = list(re.finditer(pattern, sentence, re.IGNORECASE))
        if len(found) == 1 or (found and not denied):
            turned = re.sub(pattern, other, sentence, count=1, flags=re.IGNORECASE)
            still = _NOT.search(turned) is not None
            return turned if not (denied and still) else None
    return None
