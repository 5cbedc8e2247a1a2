"""Certifying (认证): does an endpoint speak the profile? It asks, reads, and names what fails.

It sends invented orders and keeps nothing; it is for endpoints under test, never for a live line.
"""
