from __future__ import annotations

import re
from pathlib import Path

import fanzha

OPENS = re.compile(r"read_parquet|write_table|parquet as|pyarrow\.parquet|settings\.LAKE|\bLAKE\b")


def test_no_other_code_opens_files_of_the_lake() -> None:
    package = Path(fanzha.__file__).parent
    openers = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if OPENS.search(path.read_text(encoding="utf-8"))
    }
    # The store of the tracing engine reads files that its caller names, none of the lake's.
    assert openers == {"movements/lake.py", "wiring/settings.py", "tracing/stores/duck.py"}
