"""What processes used of the processors, so that a figure can be judged on a machine in use."""

from __future__ import annotations

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PARENT, USED = 1, slice(11, 15)
"""Places in `/proc/PID/stat` after the name: parent; user and system time, own and of the dead."""


def used(root: int) -> float:
    """Seconds of processor time of a process and of all below it, so far. Linux only."""
    stats = _stats()
    family = {root}
    while more := {pid for pid, stat in stats.items() if int(stat[PARENT]) in family} - family:
        family |= more
    return sum(sum(map(int, stats[pid][USED])) for pid in family if pid in stats) / TICKS


def _stats() -> dict[int, list[str]]:
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                text = (folder / "stat").read_text()
            except OSError:
                continue
            found[int(folder.name)] = text.rpartition(")")[2].split()
    return found
