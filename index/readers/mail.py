"""Reader of e-mails as they are saved (.eml): the message, what it quotes, and what is attached to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from pathlib import PurePosixPath

from index import errors
from index.language import language
from index.readers.flow import unquoted
from index.readers.formats import Draft, reading
from index.readers.html import read_html
from index.readers.records import Failure, Found, as_document
from index.text import clean, decode, one_line

Read = Callable[[str, bytes, str], Iterable[Found]]
"""Reads what is attached: (name, bytes, source)."""

_LABELS = {
    "en": {"from": "From", "to": "To", "cc": "Cc", "date": "Date", "attached": "Attachments"},
    "zh": {"from": "发件人", "to": "收件人", "cc": "抄送", "date": "日期", "attached": "附件"},
}
_DEEPEST = 5
"""Mails within mails that are opened."""


def read_mail(data: bytes, source: str, read: Read, depth: int = 0) -> Iterator[Found]:
    """The message under its subject, then each attachment as a document of its own, `mail.eml/offer.pdf`.

    What is attached and cannot be read comes as a `Failure`; pictures and the like are only named.

    Raises:
        DamagedFile: there are no headers of a mail.
    """
    with reading("e-mail"):
        message = message_from_bytes(data, policy=policy.default)
        if not any(message[name] for name in ("from", "to", "date", "subject")):
            raise ValueError("no From, To, Date or Subject")
        attached = [(_name(part, at), part) for at, part in enumerate(message.iter_attachments(), 1)]
        draft = _draft(message, [name for name, _ in attached])
    yield as_document(draft, source)
    for name, part in attached:
        place = f"{source}/{name}"
        try:
            if part.get_content_type() == "message/rfc822":
                if depth < _DEEPEST:
                    yield from read_mail(bytes(part.get_content()), place, read, depth + 1)
            elif PurePosixPath(name).suffix:
                yield from read(name, _payload(part), place)
        except errors.UnsupportedFile:
            continue  # a picture of a signature is in every other mail
        except errors.JujubeError as error:
            yield Failure(place, error.code, str(error))


def _name(part: EmailMessage, at: int) -> str:
    """The attachment's own file name, without folders; a number for one that has none."""
    given = re.split(r"[/\\]", one_line(part.get_filename() or ""))[-1].strip(". ")
    return given or f"attachment-{at}"


def _payload(part: MIMEPart) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _draft(message: EmailMessage, attached: list[str]) -> Draft:
    subject = one_line(str(message["subject"] or ""))
    body = _body(message)
    labels = _LABELS[language(f"{subject}\n{body}")]
    values = {name: one_line(str(message[name] or "")) for name in ("from", "to", "cc")}
    sent = getattr(message["date"], "datetime", None)
    values["date"] = f"{sent:%Y-%m-%d %H:%M}" if sent else one_line(str(message["date"] or ""))
    values["attached"] = ", ".join(attached)
    colon = "：" if labels is _LABELS["zh"] else ": "
    head = "\n".join(f"{labels[name]}{colon}{value}" for name, value in values.items() if value)
    return Draft("\n\n".join(filter(None, (subject and f"# {subject}", head, body))), subject)


def _body(message: EmailMessage) -> str:
    for kind in ("plain", "html"):
        part = message.get_body(preferencelist=(kind,))
        if part is not None and (data := _payload(part)).strip():
            text = decode(data, part.get_content_charset() or "")
            return unquoted(clean(text)).strip() if kind == "plain" else read_html(text.encode()).text
    return ""
