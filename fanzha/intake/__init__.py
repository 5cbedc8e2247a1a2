"""Intake (接警): reports as they come in, the victim's account of events, what is recognised in it.

Keeps the words as told and the payments as confirmed by an officer. Recognition marks and suggests
only; it decides nothing. Does not stop money (instructions) and does not open case files (cases).
"""
