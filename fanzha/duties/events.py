"""Facts that clocks announce."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pressed:
    """A warning of a clock came: the `number`-th, counted from 1."""

    clock_id: int
    number: int
    rule: str
    about: str


@dataclass(frozen=True)
class Expired:
    """A clock reached its end."""

    clock_id: int
    rule: str
    about: str
