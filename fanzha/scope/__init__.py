"""Scope (可见范围): which rows of the database the present officer or job may see.

A unit path (ltree) and the memberships of restricted cases, enforced by row-level security in
PostgreSQL and watched in Python. It does not know officers or units: identity says who gets which.
"""
