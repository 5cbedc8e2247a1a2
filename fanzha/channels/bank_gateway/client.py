"""The HTTP binding of a front-end (bank interface, section 10): the front-end serves, we call.

Whatever goes wrong is one TransportFailure with a sentence. After it the same bytes, with the same
TransSerialNumber, are sent again; deciding when is not this module's job.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

import httpx

from fanzha.channels.bank_gateway.failures import TransportFailure
from fanzha.core.clock import from_wire
from fanzha.core.refusal import gettext_noop
from fanzha.core.signing import HEADER

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from fanzha.core.signing import Seal

MESSAGES_MAX = 100
"""So many messages go in one call."""
ANSWER_MAX_BYTES = 64 * 1024 * 1024
PATIENCE = 6
"""An answer that trickles is given up after so many time-outs."""

_OK, _NO_CONTENT = 200, 204


@dataclass(frozen=True)
class Ack:
    """The synchronous answer to one message; it never means that the business succeeded."""

    serial: str
    code: str
    description: str


@dataclass(frozen=True)
class Item:
    """One message for us. `flawed` when its Base64 is bad: `content` is then the text as it came.

    Such an item is handed on, since a failure would be read again for ever and block the line.
    """

    cursor: int
    content: bytes
    flawed: bool = False


@dataclass(frozen=True)
class Page:
    """Messages after a cursor, oldest first; `more` when others wait behind them."""

    items: tuple[Item, ...]
    more: bool

    @property
    def last(self) -> int | None:
        """The cursor to acknowledge when all items are safe."""
        return self.items[-1].cursor if self.items else None


@dataclass(frozen=True)
class Health:
    """The institutions behind a front-end and its clock."""

    institutions: tuple[str, ...]
    time: datetime


class FrontEnd:
    """One front-end. The connection is kept and reused; `close` or `with` ends it."""

    def __init__(
        self,
        url: str,
        token: str,
        timeout: float = 5,
        *,
        seal: Seal | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self._timeout, self.seal = timeout, seal
        self.heads = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        self._client = httpx.Client(
            headers=self.heads,
            timeout=timeout,
            transport=transport,
            trust_env=False,  # a proxy of the environment must never see these messages
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_client"):
            self.close()

    def close(self) -> None:
        """Give the connection back."""
        self._client.close()

    def post(self, messages: Sequence[bytes]) -> list[Ack]:
        """Send 1 to 100 messages; one Ack each, in order. Raises TransportFailure."""
        assert 1 <= len(messages) <= MESSAGES_MAX, "a call carries 1 to 100 messages"
        payload = {"messages": [base64.b64encode(each).decode("ascii") for each in messages]}
        answer = self._call("POST", "/messages", expected=_OK, body=payload)
        acks = answer.get("acks") if isinstance(answer, dict) else None
        if not isinstance(acks, list):
            raise self._shapeless("/messages")
        if len(acks) != len(messages):
            raise TransportFailure(
                gettext_noop("%(url)s acknowledged %(got)d messages instead of %(sent)d."),
                url=self.url,
                got=len(acks),
                sent=len(messages),
            )
        return [self._ack(each) for each in acks]

    def fetch(self, after: int, limit: int = MESSAGES_MAX) -> Page:
        """Read the messages after the cursor `after`. Raises TransportFailure."""
        path = f"/messages?after={after}&limit={limit}"
        answer = self._call("GET", path, expected=_OK)
        found = answer.get("messages") if isinstance(answer, dict) else None
        if not isinstance(found, list):
            raise self._shapeless(path)
        items: list[Item] = []
        for each in found:
            item = self._item(each, path)
            if item.cursor <= (items[-1].cursor if items else after):
                raise TransportFailure(
                    gettext_noop("%(url)s sent message %(cursor)d out of order."),
                    url=self.url,
                    cursor=item.cursor,
                )
            items.append(item)
        return Page(tuple(items), more=answer.get("more") is True and bool(items))

    def acknowledge(self, upto: int) -> None:
        """Everything up to the cursor `upto` is safe with us. Raises TransportFailure."""
        self._call("POST", "/messages/ack", expected=_NO_CONTENT, body={"upto": upto})

    def health(self) -> Health:
        """Ask whom the front-end serves. Raises TransportFailure."""
        answer = self._call("GET", "/health", expected=_OK)
        known = answer.get("institutions") if isinstance(answer, dict) else None
        if not isinstance(known, list) or not all(isinstance(each, str) for each in known):
            raise self._shapeless("/health")
        try:
            return Health(tuple(known), from_wire(str(answer.get("time", ""))))
        except ValueError:
            raise self._shapeless("/health") from None

    def _call(self, method: str, path: str, *, expected: int, body: Any = None) -> Any:
        sent = b"" if body is None else json.dumps(body).encode()
        heads = {"Content-Type": "application/json"} if sent else {}
        if sent and self.seal:
            heads[HEADER] = self.seal.own.sign(sent)
        try:
            with self._client.stream(
                method, self.url + path, content=sent or None, headers=heads
            ) as response:
                content = self._read(response)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise TransportFailure(
                gettext_noop("%(url)s cannot be reached: %(reason)s."),
                url=self.url,
                reason=_reason(error, self._timeout),
            ) from error
        if response.status_code != expected:
            raise TransportFailure(
                gettext_noop("%(url)s answered %(status)d instead of %(expected)d."),
                url=self.url,
                status=response.status_code,
                expected=expected,
            )
        if expected == _NO_CONTENT:
            return None
        if self.seal and not self.seal.holds(content, response.headers.get(HEADER, "")):
            raise TransportFailure(
                gettext_noop("%(url)s did not sign its answer with the key that we know."),
                url=self.url,
            )
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            raise TransportFailure(
                gettext_noop("%(url)s answered something that is no JSON."), url=self.url
            ) from None

    def _read(self, response: httpx.Response) -> bytes:
        # How long an answer takes is no moment of the story: the clock of the house is not asked.
        ends = monotonic() + self._timeout * PATIENCE
        chunks, size = [], 0
        for chunk in response.iter_bytes():
            size += len(chunk)
            if size > ANSWER_MAX_BYTES:
                raise TransportFailure(
                    gettext_noop("%(url)s answered more than %(limit)d bytes."),
                    url=self.url,
                    limit=ANSWER_MAX_BYTES,
                )
            if monotonic() > ends:
                raise httpx.ReadTimeout("the answer trickles")
            chunks.append(chunk)
        return b"".join(chunks)

    def _ack(self, each: Any) -> Ack:
        if not isinstance(each, dict) or not isinstance(each.get("Code"), str | int):
            raise self._shapeless("/messages")
        serial, description = each.get("TransSerialNumber"), each.get("Description")
        return Ack(str(serial or ""), str(each["Code"]), str(description or ""))

    def _item(self, each: Any, path: str) -> Item:
        cursor = each.get("cursor") if isinstance(each, dict) else None
        if not isinstance(cursor, int) or isinstance(cursor, bool):
            raise self._shapeless(path)
        content = each.get("content")
        try:
            return Item(cursor, base64.b64decode(content, validate=True))
        except (binascii.Error, TypeError, ValueError):
            text = content if isinstance(content, str) else json.dumps(content)
            return Item(cursor, text.encode("utf-8", "backslashreplace"), flawed=True)

    def _shapeless(self, path: str) -> TransportFailure:
        return TransportFailure(
            gettext_noop("%(url)s answered %(path)s in a form that is not agreed."),
            url=self.url,
            path=path,
        )


def _reason(error: Exception, timeout: float) -> str:
    if isinstance(error, httpx.TimeoutException):
        return f"no answer within {timeout:g} s"
    return str(error) or type(error).__name__
