"""The desk (值班台): the screens that span packages, their shared look and their template parts.

Translates between people and the actions and queries of other packages. It decides nothing, keeps
no table of its own, and writes only through actions.
"""
