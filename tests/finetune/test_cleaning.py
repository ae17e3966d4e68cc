from __future__ import annotations

import pytest

from finetune.cleaning import Alike, CleanOptions, Tally, cleaned, fault, same_key, tidy

LONG_EN = (
    "The warranty covers all parts of the pump for two years from the day of delivery, provided that the "
    "pump was installed by a fitter whom the company has trained."
)
LONG_ZH = "保修期自交货之日起两年，条件是水泵由公司培训过的安装工安装。"


def test_white_space_and_control_characters_go_and_full_width_forms_stay() -> None:
    assert (
        tidy("年假\x00１５天，每天８小时 \r\n\r\n\r\n\r\n第２页\u200b") == "年假１５天，每天８小时\n\n第２页"
    )
    assert tidy("cafe\u0301  costs \x07２０％") == "café costs ２０％"


MISREAD = "保修期自交货之日起两年，滤网每月清洗一次。".encode().decode("gb18030", "ignore")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (LONG_EN, ""),
        (LONG_ZH, ""),
        ("保修期：两年", ""),
        ("邹游的职业是什么？", ""),
        ("什麼時期的平均溫度比現在的高？", ""),
        ("B-200：58 kg", ""),
        ("", "empty"),
        ("ok", "too short"),
        ("x" * 60, "too long"),
        ("保修期为两年\ufffd\ufffd\ufffd。", "characters of a wrong charset"),
        ("The cafÃ© is Â£5 and itâ€™s closed", "characters of a wrong charset"),
        ("锟斤拷锟斤拷的保修期", "characters of a wrong charset"),
        (MISREAD, "characters of a wrong charset"),
        ("|----|----| 12 34 ====", "hardly any letters"),
    ],
)  # fmt: skip
def test_what_is_broken_has_a_reason(text: str, reason: str) -> None:
    options = CleanOptions(longest=50) if reason == "too long" else CleanOptions()
    assert fault(text, options) == reason


def test_each_text_is_kept_once_and_what_went_is_told() -> None:
    tally = Tally()
    texts = [
        ("a", LONG_EN),
        ("b", LONG_EN.upper().replace(" ", "  ")),
        ("c", LONG_ZH),
        ("d", LONG_ZH.replace("，", ", ")),
        ("e", "短"),
        *((f"n{i}", "12") for i in range(5)),
    ]
    kept = cleaned(texts, tally)
    assert kept == [("a", LONG_EN), ("c", LONG_ZH)]
    dropped = {one.reason: one for one in tally.dropped()}
    assert {reason: one.count for reason, one in dropped.items()} == {
        "too short": 6,
        "a text that is there already": 2,
    }
    assert dropped["too short"].examples == ("e: 短", "n0: 12", "n1: 12")


EN = [f"Pump {n} was tested in hall {n * 7} and ran for {n * 3} hours without a fault." for n in range(40)]
ZH = [f"第{n}号水泵在{n * 7}号车间试验，连续运行{n * 3}小时没有故障。" for n in range(40)]


@pytest.mark.parametrize("said", [EN, ZH], ids=["en", "zh"])
def test_nearly_equal_texts_are_one_and_others_are_two(said: list[str]) -> None:
    alike = Alike(0.8)
    assert not alike.seen(" ".join(said))
    assert alike.seen(" ".join(said[:20] + said[21:])), "a sentence less"
    assert not alike.seen(" ".join(said[:20])), "half of it"
    assert not alike.seen(" ".join(sentence.replace("3", "8") for sentence in said[10:]))


def test_short_texts_that_differ_in_one_name_are_never_alike() -> None:
    alike = Alike(0.5)
    assert not alike.seen("What is the weight of the B-200?")
    assert not alike.seen("What is the weight of the B-350?")
    assert same_key("What is the weight of the B-200?") != same_key("What is the weight of the B-350?")


def test_a_long_example_is_shortened() -> None:
    tally = Tally()
    tally.drop("too long", "word " * 200)
    (one,) = tally.dropped()
    assert len(one.examples[0]) == 100
    assert one.examples[0].endswith("…")
