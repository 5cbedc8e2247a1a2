"""The outbox (告知): facts told to other packages in the same transaction, delivered by jobs.

It knows neither what a fact means nor who listens; wiring/subscriptions.py says so on one page.
"""
