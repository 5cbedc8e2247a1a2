"""A process that imports statements into a case and merges their files until it is killed.

It says the number of each statement after its commit.
"""

from __future__ import annotations

import random
import sys

from fanzha.wiring.database import setup_django

ROWS = 60


def content(number: int) -> bytes:
    """The file of a number: always the same bytes, of several accounts."""
    from tests.movements.build import at, line, table

    chance = random.Random(number)
    lines = [
        line(card_no=f"629901000000000000{chance.randrange(8)}", serial_no=f"n{number}-{row}",
             txn_time=at(chance.randrange(10**6)), amount_fen=f"{chance.randrange(10**4)}.00")
        for row in range(ROWS)
    ]  # fmt: skip
    return table(*lines).encode()


def fill(case_id: int, start: int) -> None:
    """Import statement after statement; merge after each."""
    from fanzha.identity.acting import acting_for
    from fanzha.movements import actions, lake, queries, sweeps
    from tests.cast import DUTY, NOON, officer

    lake.FILE_ROWS, lake.GROUP_ROWS, queries.MERGE = 16, 4, 3
    chen = officer("chen")
    for number in range(start, start + 1000):
        with acting_for(chen):
            actions.import_statement(
                chen, content(number), file_name="a.csv", case_id=case_id, at=NOON, ground=DUTY
            )
        print(number, flush=True)  # noqa: T201 - what the test reads
        sweeps.merge_files(NOON)


if __name__ == "__main__":
    setup_django()
    fill(int(sys.argv[1]), int(sys.argv[2]))
