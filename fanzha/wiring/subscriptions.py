"""Every "when X, then Y" of the platform, on one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

SUBSCRIPTIONS: Mapping[type, Sequence[str]] = {}
