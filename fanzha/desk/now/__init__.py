"""The duty desk's present (值班台): what is mine to do, where money is on its way, who answers.

Every read here is bounded: however many cases there are, a few indexed queries and some dozen rows.
It decides nothing about cases; what may be done is the actions' matter.
"""
