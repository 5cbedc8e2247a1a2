"""`{% load fanzha_keep %}`: parts of a page that are made once for the same facts and language.

`{% keep "side" places note %} … {% endkeep %}`. The body may use the listed facts and constants
alone: never a form's token, the clock, or what is read from the database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.template.base import Node
from django.utils.translation import get_language

from fanzha.desk.kept import same

if TYPE_CHECKING:
    from django.template.base import FilterExpression, NodeList, Parser, Token
    from django.template.context import Context
    from django.utils.safestring import SafeString

register = template.Library()


class Keep(Node):
    """A body and the facts that it is made of."""

    def __init__(self, name: str, facts: list[FilterExpression], nodelist: NodeList) -> None:
        self.name = name
        self.facts = facts
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        """The body as it was made for these facts."""
        facts = [fact.resolve(context) for fact in self.facts]
        return same(self.name, get_language(), *facts, make=lambda: self.nodelist.render(context))


@register.tag
def keep(parser: Parser, token: Token) -> Keep:
    """Read the name and the facts."""
    _, name, *facts = token.split_contents()
    nodelist = parser.parse(("endkeep",))
    parser.delete_first_token()
    return Keep(name, [parser.compile_filter(fact) for fact in facts], nodelist)
