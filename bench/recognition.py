"""How often the suggested fraud type is right, on text that was worded independently of the rules.

    python bench/recognition.py FILE.jsonl ... [--half test|tune|all]

Each line of a file is an object with `left` and `right` (lists of utterances) or `text`, and
`fraud_type`, a label of the data set. Labels are mapped to our codes only where the mapping is
honest; other fraud labels are counted apart, and the rest is ordinary talk, where every suggestion
is a false alarm. Texts are split in two halves by the SHA-256 of their words: the rules may be
tuned on one half, only the other is reported.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fanzha.core.clock import ZONE
from fanzha.intake.recognition import recognise

CODES = {"客服诈骗": "AC", "投资诈骗": "AE", "彩票诈骗": "AL"}
"""Labels with one honest code. Lottery calls have no code of their own: AL, sub-type prize."""

AT = datetime(2026, 3, 18, 12, 0, tzinfo=ZONE)


def texts(path: Path) -> list[tuple[str, str]]:
    """(text, label) of every line."""
    found = []
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        words = row.get("text") or "\n".join([*row.get("left", []), *row.get("right", [])])
        found.append((words, str(row["fraud_type"])))
    return found


def half_of(words: str) -> str:
    """`test` or `tune`, by the words alone."""
    return "test" if hashlib.sha256(words.encode()).digest()[0] % 2 else "tune"


def measure(rows: list[tuple[str, str]]) -> dict[str, Counter[str]]:
    """Label -> how often each code was suggested; `-` where none was."""
    said: dict[str, Counter[str]] = defaultdict(Counter)
    for words, label in rows:
        said[label][recognise(words, AT).fraud_type.code or "-"] += 1
    return said


def report(said: dict[str, Counter[str]]) -> None:
    right = total = 0
    for label, counts in sorted(said.items()):
        n, code = sum(counts.values()), CODES.get(label)
        top = "  ".join(f"{name} {count}" for name, count in counts.most_common(5))
        if code:
            right, total = right + counts[code], total + n
            print(f"{label} = {code}: n {n}, right {counts[code] / n:.1%}   said: {top}")
        elif "诈骗" in label or label == "身份盗窃":
            print(
                f"{label} (no code of its own): n {n}, any {1 - counts['-'] / n:.1%}   said: {top}"
            )
        else:
            print(
                f"{label} (ordinary): n {n}, false alarms {1 - counts['-'] / n:.1%}   said: {top}"
            )
    ordinary = [c for label, c in said.items() if "诈骗" not in label and label != "身份盗窃"]
    calm = sum(sum(c.values()) for c in ordinary)
    if total:
        print(f"accuracy {right / total:.1%} of {total}")
    if calm:
        print(f"false alarms {1 - sum(c['-'] for c in ordinary) / calm:.1%} of {calm}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--half", choices=("test", "tune", "all"), default="test")
    given = parser.parse_args()
    rows = [row for path in given.files for row in texts(path)]
    report(measure([row for row in rows if given.half in ("all", half_of(row[0]))]))


if __name__ == "__main__":
    main()
