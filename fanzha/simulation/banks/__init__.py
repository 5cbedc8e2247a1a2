"""Simulated banks (模拟银行): several institutions behind one front-end, a process of their own.

They keep a durable ledger, answer stops, freezes, releases, extensions and transaction queries,
and are the ground on which launderers move victims' money. They know the truth of every fen, since
they decide which coin moves; the platform learns only what messages tell it.
"""
