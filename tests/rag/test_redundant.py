"""What a Chinese answer repeats of its question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.redundant import redundant_end


@pytest.mark.parametrize(
    ("answer", "question", "left"),
    [
        ("三十条幼蛇", "目前死亡蛇最高的生产纪录是一胎可以生产多少条幼蛇？", "三十条"),
        ("16至20对鳍瓣", "短䲟的背吸盘有多少对鳍瓣？", "16至20对"),
        ("《自然》期刊", "这个词是在哪个期刊发表的文章中首次提及？", "《自然》"),
        ("上海、北京、顺德等主要城市", "在哪些主要城市建立销售点？", "上海、北京、顺德等"),
        ("70.99平方公里", "涞滩镇的面积是多少平方公里？", "70.99平方公里"),
        ("37所学校", "已经让多少所学校受益？", "37所"),
        ("42天", "标准交货期是多少天？", "42天"),
        ("10个工作日", "有多少个工作日？", "10个"),
        ("北京大学", "他在哪所大学任教？", "北京大学"),
        ("新古典主义时期", "处于什么时期？", "新古典主义时期"),
        ("临海工厂", "在哪家工厂装配？", "临海工厂"),
        ("ten pumps", "How many pumps?", "ten pumps"),
        ("", "多少天？", ""),
    ],
)
def test_only_what_is_asked_for_goes(answer: str, question: str, left: str) -> None:
    assert answer[: len(answer) - redundant_end(answer, question)] == left


@given(
    st.text(alphabet="三十条幼蛇个公里《》多少哪几", max_size=12),
    st.text(alphabet="多少哪几个条幼蛇公里？", max_size=12),
)
def test_something_is_always_left(answer: str, question: str) -> None:
    assert 0 <= redundant_end(answer, question) < max(1, len(answer))
