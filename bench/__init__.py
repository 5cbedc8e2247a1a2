"""Benchmarks (基准): how fast the platform is on one machine, against goals that are stated.

Each module measures one thing and gives goals with figures; nothing here belongs to the product,
and no data is read from outside: what is measured is invented anew on every run.
"""
