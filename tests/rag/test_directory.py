"""Details of people: kept below other names than they are asked for by, and never told by a name."""

from __future__ import annotations

import pytest

from index.language import fold
from index.readers.tables import table_lines
from rag.directory import as_called, detail_asked, is_a_name, is_half_way, names_wanted
from rag.looked_up import look_up
from rag.named_table import NamedTable
from rag.sheets import sheets

ENGLISH = "# Directory\n\n" + "\n".join(
    table_lines(
        [
            ["T021", "Dr Agnes Rookhope", "Seed Bank", "241", "07700 900141", "a.rookhope@tarn.example"],
            ["T025", "Callum Easby", "Seed Bank", "245", "07700 900145", "c.easby@tarn.example"],
            ["T030", "Ivo March", "Garden", "250", "07700 900150", "i.march@tarn.example"],
        ],
        ["employee_no", "name", "department", "Ext.", "Mobile", "e_mail"],
    )
)
CHINESE = "# 通讯录\n\n" + "\n".join(
    table_lines(
        [
            ["HH14", "阮启航", "生产部", "8010", "66010", "ruan@hh.example"],
            ["HH81", "邬晓堂", "设备部", "8061", "66061", "wu@hh.example"],
            ["HH90", "匡志远", "采购部", "8090", "66090", "kuang@hh.example"],
        ],
        ["工号", "姓名", "部门", "分机", "手机短号", "电子邮件"],
    )
)


@pytest.mark.parametrize(
    ("text", "question", "cell"),
    [
        (ENGLISH, "What is the e-mail address of A. Rookhope?", "a.rookhope@tarn.example"),
        (ENGLISH, "Which extension do I dial for Callum Easby?", "245"),
        (ENGLISH, "On which extension can I reach Callum Easby?", "245"),
        (ENGLISH, "What's the mobile phone number of Ivo March?", "07700 900150"),
        (ENGLISH, "Which employee number has Callum Easby?", "T025"),
        (CHINESE, "邬晓堂的邮箱是什么？", "wu@hh.example"),
        (CHINESE, "邬晓堂分机号是多少？", "8061"),
        (CHINESE, "匡志远的员工编号是多少", "HH90"),
        (CHINESE, "阮启航手机短号多少？", "66010"),
        (ENGLISH, "mobile number Ivo March", "07700 900150"),
        (CHINESE, "邬晓堂 分机号", "8061"),
        (CHINESE, "匡志远的邮箱？", "kuang@hh.example"),
        (ENGLISH, "Callum Easby", None),
        (CHINESE, "邬晓堂是好人。", None),
        (ENGLISH, "What is the e-mail address of Nobody Else?", None),
        (ENGLISH, "What is the employee number of the new colleague?", None),
        (CHINESE, "赵六的分机号是多少？", None),
    ],
)
def test_a_detail_is_found_below_another_name(text: str, question: str, cell: str | None) -> None:
    tables = [NamedTable("d", "directory", sheet, fold(text)) for sheet in sheets(text)]
    found = look_up(question, tables)
    assert (found.text if found else None) == cell


@pytest.mark.parametrize(
    ("question", "answer", "half"),
    [
        ("Which employee number has the person who leads the collecting?", "Callum Easby", True),
        ("Which employee number has the person who leads the collecting?", "T025", False),
        ("What is the e-mail address for complaints?", "complaints@tarn.example", False),
        ("What is the e-mail address for complaints?", "the front desk", True),
        ("On which extension can I reach the keeper?", "ext. 241", False),
        ("牵头试点的那位同事邮箱是多少？", "顾晓岚", True),
        ("安全员的手机号是多少？", "13800000000", False),
        # Something else is asked, and the detail only told of.
        ("What happens if I forget my staff number?", "HR tells it", False),
        ("Who do I e-mail about a leak?", "Callum Easby", False),
        ("Which extension of the contract is possible?", "one year", False),
        ("手机丢了应该找谁？", "匡志远", False),
        ("邮箱密码多久换一次？", "每半年", False),
        ("Who is the keeper?", "", False),
    ],
)
def test_a_name_is_no_number_and_no_address(question: str, answer: str, half: bool) -> None:
    assert is_half_way(question, answer) is half


def test_columns_without_the_detail_leave_the_question_alone() -> None:
    question = "What is the e-mail address of A. Rookhope?"
    assert as_called(question, ["Name", "Room"]) == question
    assert as_called(question, ["E-mail", "Work e-mail"]) == question  # which of the two
    assert as_called("How tall is the tower?", ["E-mail"]) == "How tall is the tower?"
    assert detail_asked("") is None


@pytest.mark.parametrize(
    ("question", "answer", "ask"),
    [
        (
            "Who, by name, has to sign that off?",
            "the Retail Manager",
            "Who is the Retail Manager?",
        ),
        ("货损赔款按规定要找谁签字？我要姓名。", "客服部经理", "客服部经理是谁？"),
        ("该交给哪位同事处理？说名字就行", "韩梅", None),
        ("Who has to sign that off?", "the Retail Manager", None),
        ("Who, by name, has to sign that off?", "Graham Pell", None),
        ("Who, by name, has to sign that off?", "", None),
    ],
)
def test_an_office_is_asked_for_its_holder_where_a_name_is_wanted(
    question: str, answer: str, ask: str | None
) -> None:
    assert names_wanted(question, answer) == ask


def test_names_and_offices() -> None:
    assert all(map(is_a_name, ("Graham Pell", "A. Rookhope", "韩梅", "欧阳文静")))
    assert not any(map(is_a_name, ("the Retail Manager", "Pump 7", "客服部经理", "2024", "no one", "")))
