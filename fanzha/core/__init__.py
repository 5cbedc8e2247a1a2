"""Pure words (基础): money in fen, clock, calendar spans, ids, Refusal, text.

Knows nothing of Django, tables or HTTP, and nothing above it in the house.
"""
