"""Machine code for what runs over millions of rows. Only modules with such loops import this."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import numba

if TYPE_CHECKING:
    from collections.abc import Callable

_OPTIONS: Final[dict[str, Any]] = {
    "cache": True,
    "nogil": True,
    "error_model": "numpy",
    "_nrt": False,
}
Function = TypeVar("Function", bound="Callable[..., Any]")


def compiled(function: Function) -> Function:
    """Compile at the first call and keep the result on disk.

    The function only reads and writes the arrays that it is given: without counting references to
    them (`_nrt`) small calls cost a tenth, and one that would make an array does not compile.
    """
    return cast("Function", numba.njit(**_OPTIONS)(function))
