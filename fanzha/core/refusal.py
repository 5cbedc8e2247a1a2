"""A Refusal: the rules say no, and a clerk can act on the sentence.

A bug raises something else. A Refusal has a code (its class name), facts, and a message
whose translation stands in the catalogs; `http_status` is 409 unless a class says 403 or 404.
"""

from __future__ import annotations

from typing import ClassVar


class Refusal(Exception):
    """The rules forbid it; `message` takes the facts as `%(name)s`."""

    message: ClassVar[str] = ""
    http_status: ClassVar[int] = 409

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.message % facts if self.message else type(self).__name__)

    @property
    def code(self) -> str:
        """The stable name of this refusal."""
        return type(self).__name__


class NotAllowed(Refusal):
    """The officer may not do this here."""

    http_status = 403


class NotFound(Refusal):
    """There is no such thing, or none that the officer may see."""

    http_status = 404


def gettext_noop(message: str) -> str:
    """Mark a message for translation without translating it (Django's own needs Django)."""
    return message
