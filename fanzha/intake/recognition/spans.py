"""The sheet that finders write on: folded text, what is taken already, and the spans found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fanzha.intake.recognition.fold import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = (
    "amount",
    "time",
    "account",
    "phone",
    "id_number",
    "url",
    "app",
    "chat_id",
    "wallet",
    "bank",
)
TAKEN = "\0"
CLAUSE_ENDS = "。！？!?；;\n\r"
PART_ENDS = CLAUSE_ENDS + "，,、"


@dataclass(frozen=True, slots=True)
class Span:
    """A thing recognised: `text` is `raw[start:end]`, offsets in code points.

    `value` is integer fen for an amount (minor units where `extra` names another currency),
    ISO 8601 for a time, and the normal form for every other kind.
    """

    start: int
    end: int
    kind: str
    text: str
    value: str | int
    extra: Mapping[str, object] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """Give the public form: start, end, kind, text, value, then what else is known."""
        return {
            "start": self.start,
            "end": self.end,
            "kind": self.kind,
            "text": self.text,
            "value": self.value,
            **self.extra,
        }


class Sheet:
    """One text under recognition. Finders run from the surest to the vaguest.

    `folded` has one code point for each of `raw`; in `open` everything taken is blanked, so that
    a later finder cannot read half a card number as money.
    """

    def __init__(self, raw: str) -> None:
        self.raw = raw
        self.folded = fold(raw)
        self.open = self.folded
        self.spans: list[Span] = []
        self._taken = bytearray(len(raw))

    def add(self, start: int, end: int, kind: str, value: str | int, **extra: object) -> bool:
        """Take `start:end` as a span unless part of it is taken; say whether it was taken."""
        if start >= end or any(self._taken[start:end]):
            return False
        self._taken[start:end] = b"\1" * (end - start)
        self.spans.append(Span(start, end, kind, self.raw[start:end], value, extra))
        return True

    def hide(self, start: int, end: int) -> None:
        """Blank what is no span but must not be read as one, such as a mail address."""
        self._taken[start:end] = b"\1" * (end - start)

    def settle(self) -> None:
        """Blank what was taken; called once after each finder."""
        self.open = "".join(
            TAKEN if taken else sign for sign, taken in zip(self.folded, self._taken, strict=True)
        )

    def before(self, start: int, width: int, ends: str = CLAUSE_ENDS) -> str:
        """Up to `width` folded signs before `start`, not beyond the last of `ends`."""
        text = self.folded[max(0, start - width) : start]
        cut = max((text.rfind(sign) for sign in ends), default=-1)
        return text[cut + 1 :]

    def after(self, end: int, width: int, ends: str = CLAUSE_ENDS) -> str:
        """Up to `width` folded signs from `end` on, not beyond the first of `ends`."""
        text = self.folded[end : end + width]
        places = [place for sign in ends if (place := text.find(sign)) >= 0]
        return text[: min(places)] if places else text

    def ordered(self) -> tuple[Span, ...]:
        """Every span, by its place in the text."""
        return tuple(sorted(self.spans, key=lambda span: span.start))
