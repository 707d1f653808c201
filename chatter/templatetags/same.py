"""`{% same %}…{% endsame %}`: a part of a page that is the same for everybody who reads in one language."""

from typing import Any, NoReturn, cast

from django import template
from django.template import Context, Template, TemplateSyntaxError
from django.template.base import Node, NodeList, Parser, Token
from django.template.loader_tags import BlockNode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()


class Nobody(Context):
    """Nothing of a page, a person or a request: whoever asks for it stands in the wrong place."""

    def __getitem__(self, key: Any) -> NoReturn:
        raise RuntimeError(f"{{% same %}} holds no {key!r}: it is shown to everybody")

    def get(self, key: Any, otherwise: Any = None) -> Any:
        return self[key]

    def __contains__(self, key: Any) -> bool:
        return bool(self[key])


class SameNode(Node):
    """Rendered once for each language, and kept with the template."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist
        self.known: dict[str | None, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        language = get_language()
        if language not in self.known:
            nobody = Nobody()
            with nobody.bind_template(cast("Template", context.template)):
                self.known[language] = mark_safe(self.nodelist.render(nobody))  # noqa: S308 -- made by a template
        return self.known[language]


@register.tag
def same(parser: Parser, token: Token) -> Node:
    """Words, addresses and files only: what stands between is not rendered again."""
    nodelist = parser.parse(("endsame",))
    parser.delete_first_token()
    if nodelist.get_nodes_by_type(BlockNode):
        raise TemplateSyntaxError("{% same %} holds no blocks: other templates fill them")
    return SameNode(nodelist)
