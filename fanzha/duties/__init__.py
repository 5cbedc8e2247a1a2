"""Duties and their clocks (时限与指令): what has to be done by when, and who is pressed for it.

One table of clocks with a register of rules, one sweep that presses, and the signed-for order to a
unit (指令). It knows no instruction and no case but by kind and number, decides nothing that a
clock's end means elsewhere, and never ends a hold: that is the business of who started the clock.
"""
