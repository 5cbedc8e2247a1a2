"""What leaves the fund flow to be kept (资金流向导出): tables, picture, report, graphs.

Every copy says the same figures as the page, with the hash of its input, the hash of what was found
and the moment up to which statements were received. It decides nothing and is masked unless a
reason was given; the words of tables and papers are Chinese, as the case file is.
"""
