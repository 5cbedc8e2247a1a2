"""The channels (对外通道): one folder per way out of the house, each translating once at the border.

A channel turns plain values into what goes over a wire and back. It decides nothing about cases
or instructions, opens no table of another package, and keeps the original of what it received.
"""
