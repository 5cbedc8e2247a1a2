"""One account of a case on the screen: figures, chart and rows, each figure with its rows.

It reads what statements say and counts it; it keeps nothing and judges nothing.
"""
