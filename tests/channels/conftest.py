"""The line to a simulated bank."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fanzha.channels.bank_gateway import tasks
from fanzha.channels.bank_gateway.client import Ack, FrontEnd
from tests import build
from tests.channels.line import Line
from tests.simulation.build import NORTH, open_town

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def line(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    posted: list[int] = []
    post = FrontEnd.post

    def counted(self: FrontEnd, messages: list[bytes]) -> list[Ack]:
        posted.append(len(messages))
        return post(self, messages)

    monkeypatch.setattr(FrontEnd, "post", counted)
    tasks._kept.clear()
    town = open_town(tmp_path)
    opened = Line(town, posted)
    opened.open()
    build.bank(NORTH, "北城银行", f"http://127.0.0.1:{opened.port}")
    yield opened
    opened.close()
    town.world.store.close()
