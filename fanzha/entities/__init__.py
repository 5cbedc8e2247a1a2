"""Entities (要素): accounts, phones, persons, sites, apps, chat ids and wallets, each known once.

Holds the normal form and the checks of every kind of number, and which institution a card number
or a spoken bank name belongs to. Does not read free text (intake does), and does not judge who is
a suspect (cases does).
"""
