"""Every action of the house with every role in every state of what it works on.

What must happen is read from the matrix of roles and the tables of moves; the trials only say how
a thing is put into a state and how the verb is called.
"""
