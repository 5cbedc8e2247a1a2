"""Machine code for the engine's loops, by the compiler that all packages share."""

from fanzha.core.compiled import compiled

__all__ = ["compiled"]
