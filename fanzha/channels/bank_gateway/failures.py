"""What can go wrong at the border: named, with a sentence for the channel's screen."""

from __future__ import annotations

from typing import ClassVar

from fanzha.core.refusal import Refusal, gettext_noop


class MalformedMessage(Exception):
    """Bytes that are no message of the interface; `message` takes the facts as `%(name)s`."""

    def __init__(self, message: str, **facts: object) -> None:
        self.message, self.facts = message, facts
        super().__init__(message % facts if facts else message)


class TransportFailure(Exception):
    """The call to a front-end failed; the same bytes may be sent again."""

    def __init__(self, message: str, **facts: object) -> None:
        self.message, self.facts = message, facts
        super().__init__(message % facts if facts else message)


class RequiredFieldMissing(Refusal):
    """A message to a bank lacks a field that the profile requires."""

    message: ClassVar[str] = gettext_noop(
        "Message %(tx_code)s cannot be written: the field %(field)s is empty."
    )


class FieldTooWide(Refusal):
    """A value is longer than the interface carries."""

    message: ClassVar[str] = gettext_noop(
        "Message %(tx_code)s cannot be written: the field %(field)s has %(length)d characters, "
        "at most %(width)d fit."
    )


class UnknownFieldValue(Refusal):
    """A coded field holds a value that the profile does not know."""

    message: ClassVar[str] = gettext_noop(
        "Message %(tx_code)s cannot be written: the field %(field)s has no value %(value)s."
    )


class PaperMissing(Refusal):
    """A message that needs a legal paper has none attached."""

    message: ClassVar[str] = gettext_noop(
        "Message %(tx_code)s cannot be written: the paper %(paper)s is not attached."
    )


class PaperTooLarge(Refusal):
    """An attachment is larger than the interface carries."""

    message: ClassVar[str] = gettext_noop(
        "Message %(tx_code)s cannot be written: the attachment %(name)s has %(size)d bytes, "
        "at most %(limit)d fit."
    )
