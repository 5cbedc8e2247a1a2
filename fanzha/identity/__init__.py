"""Identity (身份与权限): officers, units (市-县-所-社区-网格), roles, permissions, the @action door.

It says who may do what and within which unit; it does not know cases, money or messages.
"""
