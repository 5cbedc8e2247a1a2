"""Writes the results that are missing."""

from __future__ import annotations

import sys

from tests.tracing.golden import write

if sys.argv[1:] != ["write"]:
    sys.exit("say: python -m tests.tracing.golden write")
for path in write():
    sys.stdout.write(f"{path.name}\n")
