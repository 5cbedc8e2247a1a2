"""The bank gateway (银行前置机接口): messages of banks and payment firms: hold, release, query.

`codec` reads and writes the XML, `orders` makes our messages, `replies` reads theirs, `rules` says
what an answer means, `strange` names what no table knows, `serials` numbers messages, `client`
carries bytes to a front-end and back. Codes, fields, widths and labels are data of a profile
(`data/<year>/*.csv`). It neither decides which instruction goes out nor remembers what was sent:
delivery and retries lie above it.
"""
