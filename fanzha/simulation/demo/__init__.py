"""The demo's people (演示): officers who use the site over HTTP as people do, page by page.

They read pages and press buttons; they know nothing that a page does not show them.
"""
