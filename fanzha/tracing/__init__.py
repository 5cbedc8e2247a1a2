"""Where the victims' money went (资金追踪): the exact engine, its files, stored results.

It reads movements and attributes them under a named rule. It asks no bank, stops no payment and
decides nobody's guilt; what was asked and what was held reach it as plain values.
"""
