from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.simulation.build import Town, open_town

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    opened = open_town(tmp_path)
    yield opened
    opened.world.store.close()
