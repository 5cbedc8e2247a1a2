"""Statements (流水) on the screens: what a file holds before it is imported, and after.

It reads files and shapes what pages show and files that leave the house; it imports nothing itself
and knows no layout: that is movements.
"""
