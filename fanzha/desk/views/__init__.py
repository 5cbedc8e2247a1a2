"""Views (页面): each translates between a person and the actions and queries of the packages.

They decide nothing and touch no table; what may be seen is narrowed by scope, what may be done is
checked by the actions, and a button that would be refused is not shown.
"""
