"""Which jobs run first when many wait: money that still moves comes before what is worked out."""

from __future__ import annotations

SENDING = 20
"""What was approved goes out."""
HEARING = 10
"""What a bank said is read."""
