"""Reader of e-mails as they are saved (.eml): the message, what it quotes, and what is attached to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage, Message, MIMEPart
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
_MUCH_MORE = 4
"""Times the length of the plain text, which may only say that there is more in the other part."""
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
        parts = list(message.iter_attachments()) if message.is_multipart() else []
        if not message.is_multipart() and message.get_content_maintype() != "text":
            parts = [message]  # all that was sent is a file
        inline = [part for part in parts if _is_inline(part)]
        attached = _named([part for part in parts if not _is_inline(part)])
        draft = _draft(message, inline, list(attached))
    yield as_document(draft, source)
    for name, part in attached.items():
        place = f"{source}/{name}"
        try:
            if part.get_content_type() == "message/rfc822" or name.lower().endswith(".eml"):
                if depth == _DEEPEST:
                    raise errors.UnsupportedFile("is a mail within mails; save it and add it alone")
                with reading("e-mail"):
                    inner = part.get_payload(0) if part.is_multipart() else None
                    content = inner.as_bytes() if isinstance(inner, Message) else _payload(part)
                yield from read_mail(content, place, read, depth + 1)
            elif PurePosixPath(name).suffix:
                yield from read(name, _payload(part), place)
        except errors.JujubeError as error:
            # A picture of a signature is in every other mail, and no failure.
            if not isinstance(error, errors.UnsupportedFile) or depth == _DEEPEST:
                reason = str(error) if place in str(error) else f"{place}: {error}"
                yield Failure(place, error.code, reason)


def _is_inline(part: MIMEPart) -> bool:
    """Whether a part is more of the mail's own text: before and behind a picture, as some programs write."""
    return (
        part.get_content_maintype() == "text"
        and not part.get_filename()
        and part.get_content_disposition() != "attachment"
    )


def _named(parts: Sequence[MIMEPart]) -> dict[str, MIMEPart]:
    """Attachments by their own file names, without folders; numbers for those that have none, or the same."""
    named: dict[str, MIMEPart] = {}
    for at, part in enumerate(parts, 1):
        given = re.split(r"[/\\]", one_line(part.get_filename() or ""))[-1].strip(". ") or f"attachment-{at}"
        path = PurePosixPath(given)
        named[f"{path.stem}-{at}{path.suffix}" if given in named else given] = part
    return named


def _payload(part: MIMEPart) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _draft(message: EmailMessage, inline: Sequence[MIMEPart], attached: Sequence[str]) -> Draft:
    subject = one_line(str(message["subject"] or ""))
    body = _body(message, inline)
    labels = _LABELS[language(f"{subject}\n{body}")]
    values = {name: one_line(str(message[name] or "")) for name in ("from", "to", "cc")}
    sent = getattr(message["date"], "datetime", None)
    values["date"] = f"{sent:%Y-%m-%d %H:%M}" if sent else one_line(str(message["date"] or ""))
    values["attached"] = ", ".join(attached)
    colon = "：" if labels is _LABELS["zh"] else ": "
    head = "\n".join(f"{labels[name]}{colon}{value}" for name, value in values.items() if value)
    return Draft("\n\n".join(filter(None, (subject and f"# {subject}", head, body))), subject)


def _body(message: EmailMessage, inline: Sequence[MIMEPart]) -> str:
    plain, page = (_text(message.get_body(preferencelist=(kind,))) for kind in ("plain", "html"))
    body = page if len(page) > _MUCH_MORE * len(plain) else plain
    return "\n\n".join(filter(None, (body, *map(_text, inline))))


def _text(part: MIMEPart | None) -> str:
    data = _payload(part) if part is not None else b""
    if part is None or not data.strip():
        return ""
    text = decode(data, part.get_content_charset() or "")
    if part.get_content_subtype() == "html":
        return read_html(text.encode()).text
    return unquoted(clean(text), mail=True).strip()
