"""Jobs that run by the clock."""

from __future__ import annotations

from procrastinate.contrib.django import app

from fanzha.audit import log
from fanzha.cases.sweeps import propose_erasures
from fanzha.channels.bank_gateway import tasks as _gateway_tasks  # noqa: F401 - registers its jobs
from fanzha.core import clock
from fanzha.duties.sweeps import press_due
from fanzha.identity.acting import system_scope
from fanzha.instructions.sweeps import lapse_due
from fanzha.movements.sweeps import merge_files, remove_orphans
from fanzha.outbox.stalled import revive_stalled


@app.periodic(cron="*/1 * * * *")
@app.task(name="sweep.lapse", queueing_lock="sweep.lapse", pass_context=False)
def lapse(timestamp: int) -> None:
    """End holds whose time is over."""
    lapse_due()


@app.periodic(cron="*/1 * * * *")
@app.task(name="sweep.press", queueing_lock="sweep.press", pass_context=False)
def press(timestamp: int) -> None:
    """Press for what is due."""
    press_due(clock.now())


@app.periodic(cron="*/1 * * * *")
@app.task(name="sweep.seal", queueing_lock="sweep.seal", pass_context=False)
def seal(timestamp: int) -> None:
    """Seal finished audit entries into the next block."""
    with system_scope("audit.seal"):
        log.seal_finished()


@app.periodic(cron="*/1 * * * *")
@app.task(name="sweep.stalled", queueing_lock="sweep.stalled", pass_context=False)
def revive(timestamp: int) -> None:
    """Give the jobs of dead workers to living ones."""
    revive_stalled()


@app.periodic(cron="7 * * * *")
@app.task(name="sweep.lake", queueing_lock="sweep.lake", pass_context=False)
def sweep_lake(timestamp: int) -> None:
    """Remove files of the lake that an interrupted import left behind."""
    remove_orphans(clock.now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="sweep.merge", queueing_lock="sweep.merge", pass_context=False)
def merge(timestamp: int) -> None:
    """Merge the files of cases that have gathered many statements."""
    merge_files(clock.now())


@app.periodic(cron="37 3 * * *")
@app.task(name="sweep.retention", queueing_lock="sweep.retention", pass_context=False)
def propose(timestamp: int) -> None:
    """Propose the erasure of cases that were kept long enough."""
    propose_erasures(clock.now())
