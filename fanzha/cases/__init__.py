"""The case file (案件): acceptance and filing, who handles it, who belongs to it, what happened.

It holds no instruction and no movement; those packages point at the case.
"""
