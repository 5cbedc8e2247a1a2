"""Addresses of pages that stand on a screen many times: looking one up takes longer than a row."""

from __future__ import annotations

from functools import lru_cache

from django.urls import reverse


@lru_cache(maxsize=8192)
def address(name: str, *arguments: str) -> str:
    """The address of a page by its name and arguments; the same as Django's `reverse`."""
    return reverse(name, args=arguments)
