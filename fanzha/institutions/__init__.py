"""Institutions (机构): banks, payment firms, carriers: who they are and which codes they use.

How messages reach them is the channels' matter.
"""
