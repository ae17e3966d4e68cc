"""E-mails as they are saved: headers, bodies in any charset, what is quoted, what is attached."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from index.errors import DamagedFile
from index.readers.read import read_bytes
from index.readers.records import Failure
from index.types import Document


def mail(subject: str, body: str, **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "Anna Meier <anna@harbour.example>"
    message["Date"] = "Mon, 03 Mar 2025 14:05:00 +0100"
    for name, value in headers.items():
        message[name] = value
    message.set_content(body)
    return message


def read(message: EmailMessage | bytes) -> list[Document | Failure]:
    return read_bytes("note.eml", message if isinstance(message, bytes) else bytes(message))


def text_of(message: EmailMessage | bytes) -> str:
    document = read(message)[0]
    assert isinstance(document, Document)
    return document.text


def test_headers_stand_above_the_body_and_the_subject_is_the_title() -> None:
    document = read(mail("Crane hours", "The crane is out of use on Friday.\n", To="yard@harbour.example"))[0]
    assert isinstance(document, Document)
    assert document.title == "Crane hours"
    assert document.text == (
        "# Crane hours\n\nFrom: Anna Meier <anna@harbour.example>\nTo: yard@harbour.example\n"
        "Date: 2025-03-03 14:05\n\nThe crane is out of use on Friday."
    )


def test_a_chinese_mail_has_chinese_labels() -> None:
    text = text_of(
        mail("吊车停用通知", "吊车本周五停用，请各班组提前安排。\n", Cc="办公室 <office@harbour.example>")
    )
    assert "发件人：Anna Meier" in text
    assert "抄送：办公室" in text
    assert "日期：2025-03-03 14:05" in text
    assert text.endswith("吊车本周五停用，请各班组提前安排。")


def test_what_is_quoted_flows_without_its_marks() -> None:
    body = (
        "The fee is 40 euros from May on.\n\nOn Monday Ben wrote:\n"
        "> what do guests pay for a berth in the northern basin, and is the power from\n"
        "> the shore part of that price?\n>> Ask Anna about that.\n"
    )
    text = text_of(mail("Berths", body))
    assert (
        "what do guests pay for a berth in the northern basin, and is the power from the shore part of"
        in text
    )
    assert ">" not in text.split("2025-03-03 14:05")[1]
    assert text.endswith("Ask Anna about that.")


def test_a_page_where_there_is_no_plain_text() -> None:
    message = mail("Prices", "")
    message.clear_content()
    message.set_content(
        "<p>Hello,</p><table><tr><th>Berth</th><th>Fee</th></tr><tr><td>A1</td><td>40</td></tr></table>",
        subtype="html",
    )
    assert text_of(message).endswith("Hello,\n\nBerth: A1; Fee: 40")


@pytest.mark.parametrize("declared", ["gbk", "x-no-such-charset"])
def test_older_charsets_and_unknown_ones(declared: str) -> None:
    head = f"Subject: note\r\nContent-Type: text/plain; charset={declared}\r\n\r\n"
    body = "吊车本周五停用，请各班组提前安排，如有疑问请联系办公室。"
    assert text_of(head.encode() + body.encode("gbk")).endswith(body)


def test_what_is_attached_is_a_document_of_its_own() -> None:
    message = mail("Offer", "See the list.\n")
    message.add_attachment(
        b"berth,fee\nA1,40\nB2,55\n", maintype="text", subtype="csv", filename="../fees.csv"
    )
    message.add_attachment(b"\x89PNG\r\n", maintype="image", subtype="png", filename="logo.png")
    message.add_attachment(mail("Gate", "The gate opens at six.\n"))
    first, fees, gate = read(message)
    assert isinstance(first, Document)
    assert "Attachments: fees.csv, logo.png, attachment-3" in first.text
    assert isinstance(fees, Document)
    assert fees.source == "note.eml/fees.csv"
    assert "fee: 55" in fees.text
    assert isinstance(gate, Document)
    assert gate.title == "Gate"
    assert gate.text.endswith("opens at six.")


def test_a_damaged_attachment_is_named_and_the_mail_stays() -> None:
    message = mail("Offer", "See the list.\n")
    message.add_attachment(b"PK no workbook", maintype="application", subtype="zip", filename="fees.xlsx")
    first, failure = read(message)
    assert isinstance(first, Document)
    assert isinstance(failure, Failure)
    assert failure.source == "note.eml/fees.xlsx"
    assert "fees.xlsx" in failure.reason


def test_mails_within_mails_end() -> None:
    message = mail("0", "The innermost.\n")
    for number in range(1, 20):
        outer = mail(str(number), "Look below.\n")
        outer.add_attachment(message)
        message = outer
    assert [found.title for found in read(message) if isinstance(found, Document)] == [
        str(number) for number in range(19, 13, -1)
    ]


def test_what_has_no_headers_is_no_mail() -> None:
    with pytest.raises(DamagedFile, match=r"note\.eml: is not a whole e-mail"):
        read(b"Just some words that somebody wrote down.\n")


def test_attachments_of_one_name_are_two_documents() -> None:
    message = mail("Lists", "Two lists.\n")
    for fee in (40, 55):
        message.add_attachment(
            f"berth,fee\nA1,{fee}\n".encode(), maintype="text", subtype="csv", filename="a.csv"
        )
    sources = [found.source for found in read(message)]
    assert sources == ["note.eml", "note.eml/a.csv", "note.eml/a-2.csv"]


def test_text_behind_an_attachment_belongs_to_the_mail() -> None:
    message = mail("Offer", "See below.\n")
    message.add_attachment(b"x,y\n1,2\n", maintype="text", subtype="csv", filename="a.csv")
    last = EmailMessage()
    last.set_content("The price holds until 30 June.\n")
    message.attach(last)
    assert text_of(message).endswith("See below.\n\nThe price holds until 30 June.")


def test_a_page_wins_over_a_plain_text_that_only_points_to_it() -> None:
    message = mail("News", "View in a browser.\n")
    message.add_alternative("<p>" + "The fee is 40 euros. " * 20 + "</p>", subtype="html")
    assert text_of(message).endswith("The fee is 40 euros.")


def test_a_mail_that_is_nothing_but_a_file() -> None:
    head = b"Subject: list\r\nContent-Type: application/csv\r\n"
    head += b"Content-Disposition: attachment; filename=a.csv\r\n"
    found = read(head + b"\r\nberth,fee\r\nA1,40\r\n")
    assert [one.source for one in found] == ["note.eml", "note.eml/a.csv"]
