"""What a Chinese answer repeats of its question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.redundant import redundant_end, redundant_start


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


@pytest.mark.parametrize(
    ("answer", "question", "left"),
    [
        ("13.2 Van keys, fuel card and tablet", "What do I give back?", "Van keys, fuel card and tablet"),
        ("12.10 顾客在网点内滑倒的，先送医", "顾客滑倒了怎么办？", "顾客在网点内滑倒的，先送医"),
        ("第四条 索赔应提交签收单", "索赔要交哪些材料？", "索赔应提交签收单"),
        ("（一）大型绘本套装", "哪类文献不能通还？", "大型绘本套装"),
        ("§ 7 Leave is granted", "What is granted?", "Leave is granted"),
        ("2.5 kg", "How heavy is it?", "2.5 kg"),
        ("2.5 Mbit", "How fast is it?", "2.5 Mbit"),
        ("3.5 公斤", "多重？", "3.5 公斤"),
        ("3.5 平方公里的林地和草地", "面积多大？", "3.5 平方公里的林地和草地"),
        ("1.1", "Which version?", "1.1"),
        ("第四条", "哪一条规定了索赔？", "第四条"),
        ("4.2 Returns are free", "Which section deals with returns?", "4.2 Returns are free"),
        ("", "?", ""),
    ],
)
def test_what_only_numbers_a_line_goes(answer: str, question: str, left: str) -> None:
    assert answer[redundant_start(answer, question) :] == left
