"""The fund flow of one case (资金流向): inputs gathered, traced, split by fate, drawn.

It gathers what other packages know and draws it; how money is followed is the engine's matter.
"""
