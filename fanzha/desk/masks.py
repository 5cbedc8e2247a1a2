"""Masking whole texts: a story by what is recognised in it, a message by its fields: pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fanzha.channels.bank_gateway.profile import load
from fanzha.core.masking import mask_account, mask_id, mask_name, mask_phone
from fanzha.intake.recognition import recognise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

IN_TEXT: dict[str, Callable[[str], str]] = {
    "account": mask_account,
    "phone": mask_phone,
    "id_number": mask_id,
    "chat_id": mask_phone,
    "wallet": mask_account,
}
ELEMENT = re.compile(rb"<(?P<tag>[A-Za-z][\w.-]*)(?P<rest>[^<>/]*)>(?P<text>[^<>]*)</(?P=tag)>")
NAMES = re.compile(r"Name$|Contact|Address|Owner|Agent|PersonRep$")
OF_INSTITUTIONS = re.compile(r"Bank|Org|Depository|Merchant|Branch")
PLAIN = re.compile(
    r"Time|Date|^Tx|ApplicationID|Serial|Balance|Amount|Type|Currency|Code|From|To$|OrgID|BankID"
)
LONG = 400
"""A longer text inside an element is an attached file: its size is shown instead, as of a story,
in which anybody may be named."""
SHOWN = 4
"""Signs left of a long number at either end."""
DIGITS = re.compile(r"(?<!\d)\d{8,}(?!\d)")


def told(text: str, at: datetime, names: Iterable[str]) -> str:
    """The story as told, numbers and known names masked."""
    pieces, here = [], 0
    for span in recognise(text, at).spans:
        if span.kind in IN_TEXT:
            pieces += [text[here : span.start], IN_TEXT[span.kind]("".join(span.text.split()))]
            here = span.end
    masked = "".join([*pieces, text[here:]])
    for name in sorted(filter(None, set(names)), key=len, reverse=True):
        masked = masked.replace(name, mask_name(name))
    return masked


def message(content: bytes) -> str:
    """A raw message with account numbers, names and long numbers masked by asterisks."""
    masked, elements = ELEMENT.subn(_element, content)
    for encoding in ("utf-8", "gb18030"):
        try:
            text = masked.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    else:
        text, elements = masked.decode("utf-8", errors="replace"), 0
    # What is no XML of ours shows no number at all.
    return text if elements else DIGITS.sub(_run, text)


def numbers(text: str) -> str:
    """A text with its long numbers masked by asterisks."""
    return DIGITS.sub(_run, text)


def _element(found: re.Match[bytes]) -> bytes:
    tag, raw = found["tag"].decode("ascii"), found["text"]
    if len(raw) > LONG or tag.endswith("Description"):
        return b"<%s%s>[%d]</%s>" % (found["tag"], found["rest"], len(raw), found["tag"])
    encoding = "utf-8" if _is_utf8(raw) else "gb18030"
    text = raw.decode(encoding, errors="replace")
    shown = text
    if NAMES.search(tag) and not OF_INSTITUTIONS.search(tag):
        shown = mask_name(text)
    elif not PLAIN.search(tag) or tag.endswith("AccountSerial"):
        shown = DIGITS.sub(_run, text)
    if shown == text:
        return found[0]
    return found[0].replace(b">" + raw + b"<", b">" + shown.encode(encoding, "replace") + b"<")


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _run(found: re.Match[str]) -> str:
    hidden = len(found[0]) - 2 * SHOWN
    return found[0][:SHOWN] + "*" * hidden + found[0][-SHOWN:] if hidden else "*" * len(found[0])


def tx_word(tx_code: str, *, chinese: bool) -> str:
    """Name of a transaction code; an unknown one is shown as it is."""
    profile = load()
    found = profile.tx_codes.get(profile.base_code(tx_code))
    if found is None:
        return tx_code
    return found.zh if chinese else found.en
