"""How things look (界面用语): the words, icons and geometry of the screens' small parts.

Pure: plain values in, plain values out; no Django, no tables, no clock. The template tags turn
what is decided here into HTML.
"""
