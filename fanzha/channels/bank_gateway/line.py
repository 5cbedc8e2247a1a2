"""The line to a front-end as it is registered: its token, and its key where both sides sign."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings

from fanzha.channels.bank_gateway.client import FrontEnd
from fanzha.core.signing import Key, Seal

if TYPE_CHECKING:
    from fanzha.channels.bank_gateway import models


@cache
def own_key() -> Key:
    """The key by which this platform signs; other sides are given its `public`."""
    return Key(settings.SIGNING_SECRET)


def line_to(registered: models.FrontEnd) -> FrontEnd:
    """A client that shows the token, and signs and checks signatures where a key is registered."""
    seal = Seal(own_key(), registered.their_key) if registered.their_key else None
    return FrontEnd(registered.url, registered.token, seal=seal)
