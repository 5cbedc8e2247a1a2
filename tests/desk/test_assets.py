"""The browser's libraries come from the lock file, whole or not at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from fanzha.wiring import assets
from fanzha.wiring.home import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path


def test_the_lock_file_names_no_host() -> None:
    text = (CHECKOUT / "package-lock.json").read_text()
    assert "://" not in text
    packages = json.loads(text)["packages"]
    assert all("integrity" in entry for name, entry in packages.items() if name)


def test_a_package_that_lacks_a_file_leaves_the_former_files_in_place(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    vendor = tmp_path / "vendor"
    vendor.mkdir()
    (vendor / "former.js").write_text("kept")
    monkeypatch.setattr(assets, "_npm_ci", lambda: None)
    monkeypatch.setattr(assets, "FILES", {"x.js": "no-such-package/x.js"})
    with pytest.raises(assets.AssetsError, match="no-such-package"):
        assets.ensure_assets(vendor)
    assert (vendor / "former.js").read_text() == "kept"


def test_nothing_is_fetched_twice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fetched: list[int] = []
    monkeypatch.setattr(assets, "_npm_ci", lambda: fetched.append(1))
    monkeypatch.setattr(assets, "CHECKOUT", tmp_path)
    monkeypatch.setattr(assets, "FILES", {"a/x.js": "x/x.js"})
    (tmp_path / "package-lock.json").write_text("{}")
    (tmp_path / "node_modules" / "x").mkdir(parents=True)
    (tmp_path / "node_modules" / "x" / "x.js").write_text("1")
    assert assets.ensure_assets(tmp_path / "vendor")
    assert not assets.ensure_assets(tmp_path / "vendor")
    (tmp_path / "package-lock.json").write_text("{ }")
    assert assets.ensure_assets(tmp_path / "vendor")
    assert len(fetched) == 2
