"""Facts and jobs: nothing is told that did not happen, nothing is lost when a worker is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from fanzha.core.urgency import SENDING
from fanzha.outbox import announce as outbox
from fanzha.outbox.announce import announce
from fanzha.outbox.stalled import revive_stalled
from fanzha.wiring.worker import WATCH_NAME, end_with_the_database, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

heard: list[int] = []


@dataclass(frozen=True)
class Happened:
    """A fact for these tests."""

    number: int


@dataclass(frozen=True)
class Followed:
    """What a reaction tells on."""

    number: int


@dataclass(frozen=True)
class Pressing:
    """A fact that does not wait behind others."""

    urgency: ClassVar[int] = SENDING
    number: int


def hear(fact: Happened | Followed | Pressing) -> None:
    heard.append(fact.number)


def tell_on_and_fail(fact: Happened) -> None:
    with transaction.atomic():
        announce(Followed(fact.number))
        raise ZeroDivisionError


def hang(fact: Happened) -> None:
    Path(os.environ["FANZHA_TEST_MARK"]).touch()
    time.sleep(60)


@pytest.fixture
def listening(committed: None) -> Iterator[None]:
    before = dict(outbox._listeners)
    heard.clear()
    here = "tests.outbox.test_worker:"
    outbox.listen(dict.fromkeys((Happened, Followed, Pressing), (f"{here}hear",)))
    yield
    outbox._listeners.clear()
    outbox._listeners.update(before)


def test_a_fact_reaches_its_listener(listening: None) -> None:
    with transaction.atomic():
        announce(Happened(7))
    run(wait=False)
    assert heard == [7]


def test_what_is_urgent_is_heard_before_what_was_told_first(listening: None) -> None:
    with transaction.atomic():
        announce(Happened(1), Happened(2), Pressing(3))
    run(wait=False, concurrency=1)
    assert heard == [3, 1, 2]


def test_a_fact_of_a_transaction_that_rolls_back_is_never_told(listening: None) -> None:
    with pytest.raises(ZeroDivisionError):
        tell_on_and_fail(Happened(7))
    run(wait=False)
    assert heard == []


def test_a_fact_needs_a_transaction(listening: None) -> None:
    with pytest.raises(AssertionError, match="inside the transaction"):
        announce(Happened(7))


def test_what_a_failing_job_told_is_never_heard_and_the_job_is_kept_for_another_try(
    listening: None,
) -> None:
    outbox.listen(
        {
            Happened: ("tests.outbox.test_worker:tell_on_and_fail",),
            Followed: ("tests.outbox.test_worker:hear",),
        }
    )
    with transaction.atomic():
        announce(Happened(7))
    run(wait=False)
    assert heard == []
    job = ProcrastinateJob.objects.get()
    assert (job.status, job.attempts) == ("todo", 1)


def test_a_job_of_a_killed_worker_is_given_to_the_next(
    listening: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "mark"
    monkeypatch.setenv("FANZHA_TEST_MARK", str(mark))
    job = app.configure_task("outbox.deliver", lock="account:1", queue="facts")
    here = "tests.outbox.test_worker"
    job.defer(event=f"{here}:Happened", facts={"number": 1}, reaction=f"{here}:hang")
    job.defer(event=f"{here}:Happened", facts={"number": 2}, reaction=f"{here}:hear")
    worker = subprocess.Popen([sys.executable, "-m", "fanzha", "worker"])
    try:
        _wait_for(mark.exists, 20)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    assert ProcrastinateJob.objects.get(id=1).status == "doing"
    assert revive_stalled(after_seconds=3600) == 0
    time.sleep(0.2)
    # At the turn of a minute the worker died with a sweep in hand too.
    assert revive_stalled(after_seconds=0.1) >= 1
    assert ProcrastinateJob.objects.get(id=1).status == "todo"
    connection.close()


def _wait_for(condition: Callable[[], bool], seconds: float) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.05)


@pytest.mark.usefixtures("committed")
def test_a_worker_ends_when_its_database_goes_away() -> None:
    ended: list[int] = []
    watch = threading.Thread(target=end_with_the_database, args=(ended.append,), daemon=True)
    watch.start()
    for _ in range(100):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = %s",
                [WATCH_NAME],
            )
            if cursor.fetchall():
                break
        time.sleep(0.05)
    watch.join(timeout=10)
    assert ended == [1]
