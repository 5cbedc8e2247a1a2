"""XML of the bank interface to plain values and back: pure, and harmless on hostile bytes.

A body is a nested `dict`: text elements are `str` ("" = no value), elements with children are
`dict`, repeated elements are `list`. Unknown elements and their order are kept; attributes,
namespaces and white space around values are not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from defusedxml.ElementTree import ParseError, fromstring

from fanzha.channels.bank_gateway.failures import MalformedMessage
from fanzha.channels.bank_gateway.profile import Profile, load
from fanzha.core.refusal import gettext_noop

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from xml.etree.ElementTree import Element

MAX_BYTES = 16 * 1024 * 1024
"""A reply of 1,000 rows takes 1 MB; six papers of 1 MB take 8 MB in Base64."""
MAX_TAGS = 1_000_000
MAX_DEPTH = 16

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_CHINESE = {"gb18030", "gbk", "gb2312", "gb_2312-80", "cp936", "x-gbk"}
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LETTER = (
    "A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd"
)
_NAME = re.compile(f"[{_LETTER}][{_LETTER}0-9.\u00b7-]*")


@dataclass(frozen=True)
class Message:
    """One message. `message_from` heads a message to a bank, `to` (and `mode`) one from a bank."""

    tx_code: str
    serial: str = ""
    message_from: str = ""
    to: str = ""
    mode: str = ""
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def application_id(self) -> str:
        """The number of the request, the same in the request and in all its answers."""
        return text_of(self.body, "ApplicationID")


def text_of(record: Mapping[str, Any], name: str) -> str:
    """Return the text of an element; "" when it is absent, empty, or no text."""
    value = record.get(name, "")
    return value if isinstance(value, str) else ""


def decode(raw: bytes, *, profile: Profile | None = None) -> Message:
    """Read one message; any root that holds Head and Body will do. Raises MalformedMessage."""
    if len(raw) > MAX_BYTES:
        raise MalformedMessage(
            gettext_noop("The message has %(size)d bytes; at most %(limit)d are read."),
            size=len(raw),
            limit=MAX_BYTES,
        )
    if raw.count(b"<") > MAX_TAGS:
        raise MalformedMessage(
            gettext_noop("The message has more than %(limit)d tags."), limit=MAX_TAGS
        )
    root = _parse(_to_text(raw))
    head, body = _child(root, "Head"), _child(root, "Body")
    if head is None or body is None:
        raise MalformedMessage(gettext_noop("The message has no Head or no Body."))
    repeated = (profile or load()).repeated
    top, content = _value(head, frozenset(), 0), _value(body, repeated, 0)
    top = top if isinstance(top, dict) else {}
    if not text_of(top, "TxCode"):
        raise MalformedMessage(gettext_noop("The head of the message has no TxCode."))
    return Message(
        tx_code=text_of(top, "TxCode"),
        serial=text_of(top, "TransSerialNumber"),
        message_from=text_of(top, "MessageFrom"),
        to=text_of(top, "To"),
        mode=text_of(top, "Mode"),
        body=content if isinstance(content, dict) else {},
    )


def encode(message: Message, *, profile: Profile | None = None) -> bytes:
    """Write one message in UTF-8, elements in profile order, unknown ones after the known.

    Raises MalformedMessage for a name or a character that XML cannot carry.
    """
    chosen = profile or load()
    head: dict[str, Any] = {"TxCode": message.tx_code}
    if message.to:
        head = {"Mode": message.mode, "To": message.to, **head}
    else:
        head["MessageFrom"] = message.message_from
    head["TransSerialNumber"] = message.serial
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n<Response>',
        *_written("Head", head, "", chosen),
        *_written("Body", message.body, message.tx_code, chosen),
        "</Response>",
    ]
    return "".join(parts).encode("utf-8")


def clean(text: str) -> str:
    """`text` without the control characters that XML cannot carry, trimmed."""
    return _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _to_text(raw: bytes) -> str:
    """Believe the declaration if the bytes obey it; else try UTF-8, then GB18030."""
    declared = _DECLARED.match(raw[:400])
    chinese_first = declared and declared[1].decode("ascii").lower() in _CHINESE
    order = ("gb18030", "utf-8-sig") if chinese_first else ("utf-8-sig", "gb18030")
    for encoding in order:
        try:
            return _DECLARATION.sub("", raw.decode(encoding), count=1)
        except UnicodeDecodeError:
            continue
    raise MalformedMessage(gettext_noop("The message is neither UTF-8 nor GB18030 text."))


def _parse(text: str) -> Element:
    try:
        return fromstring(text, forbid_dtd=True)
    except ParseError as error:
        line, column = error.position
        raise MalformedMessage(
            gettext_noop("The message is no XML: line %(line)d, column %(column)d."),
            line=line,
            column=column,
        ) from None
    except ValueError:  # defusedxml refuses document types and entities with a ValueError
        raise MalformedMessage(
            gettext_noop("The message declares a document type or entities; that is refused.")
        ) from None


def _tag(element: Element) -> str:
    name = element.tag if isinstance(element.tag, str) else ""
    return name.rpartition("}")[2]


def _child(root: Element, name: str) -> Element | None:
    return next((child for child in root if _tag(child) == name), None)


def _value(element: Element, repeated: frozenset[str], depth: int) -> str | dict[str, Any]:
    if depth > MAX_DEPTH:
        raise MalformedMessage(
            gettext_noop("The message is nested deeper than %(limit)d levels."), limit=MAX_DEPTH
        )
    if len(element) == 0:
        return (element.text or "").strip()
    found: dict[str, Any] = {}
    for child in element:
        name, value = _tag(child), _value(child, repeated, depth + 1)
        if name not in found:
            found[name] = [value] if name in repeated else value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def _written(name: str, value: Any, key: str, profile: Profile) -> Iterator[str]:
    """Yield the pieces of one element; `key` names the field list that orders its children."""
    if _NAME.fullmatch(name) is None:
        raise MalformedMessage(gettext_noop("%(name)s is no name of an element."), name=name)
    if isinstance(value, list):
        for each in value:
            yield from _written(name, each, key, profile)
        return
    yield f"<{name}>"
    if isinstance(value, dict):
        known = [each.name for each in profile.fields_of(key) if each.name in value]
        for child in dict.fromkeys([*known, *value]):
            yield from _written(child, value[child], profile.inner(key, child), profile)
    else:
        text = str(value)
        if _ILLEGAL.search(text):
            raise MalformedMessage(
                gettext_noop("The element %(name)s holds a character that XML cannot carry."),
                name=name,
            )
        yield escape(text, quote=False)
    yield f"</{name}>"
