"""Details of people: kept below other names than they are asked for by, and never told by a name."""

from __future__ import annotations

import pytest

from index.language import fold
from index.readers.tables import table_lines
from rag.directory import as_called, is_a_name, is_half_way, names_wanted
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
        (ENGLISH, "What is Callum Easby's e-mail address?", "c.easby@tarn.example"),
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


HALF = [
    ("Which employee number has the person who leads the collecting?", "Callum Easby"),
    ("What is the e-mail address of the person who approved SB-07?", "A. Rookhope"),
    ("On which extension can I reach the keeper?", "Callum Easby"),
    ("What is the extension of the Retail Manager?", "Graham Pell"),
    ("What is Callum Easby's mobile number?", "the Seed Bank"),
    ("I need the email address of whoever orders the filters.", "Tomasz Wilk"),
    ("I dented the van, they say. What is the fleet coordinator's extension?", "the fleet coordinator"),
    ("牵头试点的那位同事邮箱是多少？", "顾晓岚"),
    ("安全员的手机号是多少？", "匡志远"),
]
WHOLE = [
    ("Which employee number has the person who leads the collecting?", "T025"),
    ("What is the e-mail address of the helpdesk?", "helpdesk(at)tarn.example"),
    ("On which extension can I reach the keeper?", "ext. 241"),
    ("What is the extension for Reception?", "zero"),
    ("安全员的手机号是多少？", "13800000000"),
    ("前台的分机号是多少？", "零"),
    # Something else is asked, and the detail only told of.
    ("What happens if I forget my staff number?", "HR tells it"),
    ("What is our staff number?", "forty-two"),
    ("Who do I e-mail about a leak?", "Callum Easby"),
    ("What e-mail do customers get after an order?", "an order confirmation"),
    ("What is the e-mail for?", "sending invoices"),
    ("What mobile phone do drivers get?", "a Samsung XCover"),
    ("Which cell is used for welding robots?", "the east cell"),
    ("Which extension of the contract is possible?", "one year"),
    ("What is the extension of maternity leave?", "eight weeks"),
    ("Which extension is allowed for photos?", "jpg"),
    ("手机丢了应该找谁？", "匡志远"),
    ("邮箱密码多久换一次？", "每半年"),
    ("谁给新员工开通邮箱？", "信息部"),
    ("哪个区域不能用手机", "配料间"),
    ("哪个部门补办工号？", "人事部"),
    ("公司用什么邮箱？", "腾讯企业邮箱"),
    ("工号是什么？", "员工的唯一编号"),
    ("公司配的手机是什么？", "华为Mate"),
    ("Who is the keeper?", ""),
]


@pytest.mark.parametrize(("question", "answer"), HALF)
def test_a_name_is_no_number_and_no_address(question: str, answer: str) -> None:
    assert is_half_way(question, answer)


@pytest.mark.parametrize(("question", "answer"), WHOLE)
def test_what_may_be_right_is_left_alone(question: str, answer: str) -> None:
    assert not is_half_way(question, answer)


def test_columns_without_the_detail_leave_the_question_alone() -> None:
    question = "What is the e-mail address of A. Rookhope?"
    assert as_called(question, ["Name", "Room"]) == question
    assert as_called(question, ["E-mail", "Work e-mail"]) == question  # which of the two
    assert as_called("邮件组的邮箱是什么？", ["部门", "邮箱"]) == "邮件组的邮箱是什么？"
    call = "What is the extension of the call centre?"
    assert as_called(call, ["Desk", "Extension"]) == call
    assert as_called(call, ["Desk", "Ext."]) == "What is the Ext. of the call centre?"
    assert as_called("How tall is the tower?", ["E-mail"]) == "How tall is the tower?"


@pytest.mark.parametrize(
    ("question", "answer", "ask"),
    [
        (
            "Who, by name, has to sign that off?",
            "the Retail Manager",
            "Who is the Retail Manager?",
        ),
        (
            "What is the name of the nurse who repeats the briefing?",
            "the head nurse at Penfold Green",
            "Who is the head nurse at Penfold Green?",
        ),
        ("What is the name of the ship that sails Route 3?", "MV Ellen Tarn", None),
        ("货损赔款按规定要找谁签字？我要姓名。", "客服部经理", "客服部经理是谁？"),
        ("连续请假最终由谁审批？请说出姓名。", "总经理", "总经理是谁？"),
        ("该交给哪位同事处理？说名字就行", "韩梅", None),
        ("Who has to sign that off?", "the Retail Manager", None),
        ("Who, by name, has to sign that off?", "Graham Pell", None),
        ("Who by name leads the team?", "Team Leader Graham Pell", None),
        ("负责退货的部门叫什么？", "客户服务部", None),
        ("新仓库叫什么名字？", "华东配送中心", None),
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
