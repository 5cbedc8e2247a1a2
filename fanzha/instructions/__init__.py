"""Instructions (查控指令): query, stop-payment and freeze with their whole life.

Draft, approval, sending, the bank's answers and the clocks. It decides nothing by itself about
freezing: a person drafts, another approves. How bytes travel is the channels' matter.
"""
