"""Movements (流水): statements of institutions become canonical rows in the lake, with provenance.

It imports, checks and serves rows; it does not say whose money moved (tracing does).
"""
