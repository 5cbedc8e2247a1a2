"""Read a table of the house's own data files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from pathlib import Path

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_table(path: Path) -> Any:
    """Give the contents of a YAML file that ships with the product."""
    return yaml.load(path.read_text("utf-8"), Loader=_LOADER)  # noqa: S506 - safe, in C if there
