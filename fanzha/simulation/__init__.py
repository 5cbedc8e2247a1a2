"""The simulation (仿真): an invented world for demo, drills and benchmarks.

It meets the platform only on the wire that real banks use: nothing of the platform's codec, tables
or rules is imported here, so that a mistake on one side shows on the other.
"""
