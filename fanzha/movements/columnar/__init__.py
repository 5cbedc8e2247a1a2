"""Statements at speed: blocks of a delimited file become columns of the lake, not rows of Python.

The row-by-row reader is the reference: both give the same rows, rejects and sums (a property test
says so), and every line that needs judgement is handed to it. It reads; it decides no rule anew.
"""
