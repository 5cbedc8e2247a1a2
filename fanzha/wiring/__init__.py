"""The wiring (装配): settings, urls, subscriptions, commands, catalogs, the embedded database.

The only package that knows all others; it holds no rule of the domain.
"""
