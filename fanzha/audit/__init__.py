"""The audit log (审计): who did what to what, on which ground; append-only, sealed into a hash chain.

It stores and verifies; it does not decide who may act (identity does) and changes nothing else.
"""
