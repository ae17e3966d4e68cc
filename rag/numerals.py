"""Number words as figures: 一万二千 and twelve thousand are 12000, 零下二十 is -20. Chinese and English."""

from __future__ import annotations

import re

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_FORMAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千")
"""As contracts write them."""
_ONES = "zero one two three four five six seven eight nine".split()  # noqa: SIM905
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()  # noqa: SIM905
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
_WORDS = {word: at for at, word in enumerate(_ONES + _TEENS)} | {
    word: 10 * at for at, word in enumerate(_TENS, 2)
}

_D = "".join(_DIGITS)
_THOUSAND = "千(?![克米瓦卡帕伏])"
"""In 五十千克 the 千 is the unit's; in 三千克 it may as well be: the amount is the same."""
_POWER = f"(?:[十百万亿]|{_THOUSAND})"
_FIGURES = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_TOKEN = re.compile(f"{_FIGURES}|[{_D}十百千万亿]")
_CHINESE = re.compile(
    rf"(?<![\d.,{_D}十百千万亿])(?:{_FIGURES}(?={_POWER})|[{_D}十百]|{_THOUSAND})"
    rf"(?:{_POWER}|(?!(?<=[百千万亿])一(?![十百千]))[{_D}]|(?<=[十百千万亿])\d{{1,4}}(?![\d,.年月])){{0,20}}"
    rf"(?:点[{_D}]{{1,9}}(?![{_D}十])[万亿]?)?"
)
"""Figures may be mixed in: 1万2千. In 十万一台 the 一 is of what follows. No amount gets infinite."""
_DATE = re.compile(rf"[\d{_D}]{{4}}年(?:[\d{_D}十]{{1,3}}月(?:[\d{_D}十]{{1,3}}[日号])?)?")
_BELOW_ZERO = re.compile(rf"(?:零下|负)(?=[\d{_D}十百千])")
_HALF_UNIT = "年(?![度报])|天|吨|公斤|公里|米"
_HALVES = (
    (re.compile(r"(?<![\d.])(\d+)个半(?=月|小时|星期)"), r"\1.5个"),
    (re.compile(rf"(?<![\d.])(\d{{1,3}})({_HALF_UNIT})半"), r"\1.5\2"),
    (re.compile(rf"(?<![\d上下前后大小多])半(?=个(?:月|小时|星期)|{_HALF_UNIT})"), "0.5"),
)

_SMALL = rf"(?:(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_ONES[1:])}))?|{'|'.join(_TEENS + _ONES)})\b"
_HUNDREDS = rf"(?:(?:{_SMALL}|(?<!half )a) hundred\b(?:(?: and)? {_SMALL})?|{_SMALL})"
_ENGLISH = re.compile(
    rf"\b(?:(?:{_HUNDREDS}|(?<!half )a) thousand\b(?:(?:,| and)? {_HUNDREDS})?"
    rf"|(?:{_SMALL}|(?<!half )a) dozen\b|{_HUNDREDS})"
    r"(?!-(?:first|second|third|(?:four|fif|six|seven|eigh|nin)th)\b)"
)


def figures(text: str) -> str:
    """A folded text with its number words as figures.

    >>> figures("一万二千元"), figures("二〇〇八年"), figures("一年半"), figures("零下二十度")
    ('12000元', '2008年', '1.5年', '-20度')
    >>> figures("twenty-five days"), figures("two hundred and six"), figures("minus a dozen")
    ('25 days', '206', '-12')
    """
    text = _CHINESE.sub(_chinese, _BELOW_ZERO.sub("-", text.translate(_FORMAL)))
    for pattern, half in _HALVES:
        text = pattern.sub(half, text)
    return re.sub(r"\bminus (?=\d)", "-", _ENGLISH.sub(_english, text))


def figures_in_dates(text: str) -> str:
    """A text with the numbers of its Chinese dates as figures, no others: 一千二百 is no year.

    >>> figures_in_dates("一九九六年三月，一千二百")
    '1996年3月，一千二百'
    """
    return _DATE.sub(lambda date: _CHINESE.sub(_chinese, date[0]), text)


def _chinese(match: re.Match[str]) -> str:
    whole, _, part = match[0].partition("点")
    amount = _whole(_TOKEN.findall(whole))
    for at, mark in enumerate(part, 1):
        amount = amount * _POWERS[mark] if mark in _POWERS else amount + _DIGITS[mark] * 10.0**-at
    return f"{amount:.9f}".rstrip("0").rstrip(".")


def _whole(tokens: list[str]) -> float:
    """二〇〇八 digit by digit, 一亿二千万 by powers; a last digit is of the power below: 一万二 is 12000."""
    if len(tokens) > 2 and all(token in _DIGITS for token in tokens):
        return float("".join(str(_DIGITS[token]) for token in tokens))
    total = section = current = 0.0
    for token in tokens:
        power = _POWERS.get(token)
        if power is None:
            current = _DIGITS[token] if token in _DIGITS else float(token.replace(",", ""))
            continue
        if power < 10_000:
            section += (current or 1) * power
        elif power == 10_000:
            total += (section + current) * power
        else:
            total = (total + section + current) * power
        section, current = section * (power < 10_000), 0.0
    if len(tokens) > 1 and len(tokens[-1]) == 1 and tokens[-1] not in _POWERS:
        current *= max(1, _POWERS.get(tokens[-2], 1) // 10)
    return total + section + current


def _english(match: re.Match[str]) -> str:
    total, current = 0, 0
    for word in re.findall("[a-z]+", match[0]):
        if word == "thousand":
            total, current = (current or 1) * 1000, 0
        elif word in ("hundred", "dozen"):
            current = (current or 1) * (100 if word == "hundred" else 12)
        else:
            current += _WORDS.get(word, 0)
    return str(total + current)
