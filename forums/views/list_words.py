"""What lists of posts say of themselves: orders, spans, and why one is empty."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from forums.reading.lists import Asked, Sort, Span

SORT_WORDS = {
    Sort.HOT: pgettext_lazy("order of posts", "Hot"),
    Sort.NEW: pgettext_lazy("order of posts", "New"),
    Sort.TOP: pgettext_lazy("order of posts", "Top"),
    Sort.CONTROVERSIAL: pgettext_lazy("order of posts", "Controversial"),
}
SPAN_WORDS = {
    Span.DAY: pgettext_lazy("span of posts", "Day"),
    Span.WEEK: pgettext_lazy("span of posts", "Week"),
    Span.MONTH: pgettext_lazy("span of posts", "Month"),
    Span.YEAR: pgettext_lazy("span of posts", "Year"),
    Span.ALL: pgettext_lazy("span of posts", "All time"),
}
VIEW_WORDS = {"card": pgettext_lazy("list", "Cards"), "compact": pgettext_lazy("list", "Compact")}

Words = tuple[str | Promise, str | Promise]
_EMPTY: dict[str, Words] = {
    "forum": (_("No posts yet"), _("Be the first: ask something, show something, say what you found.")),
    "home": (_("Your home is quiet"), _("Join forums, and what is posted in them comes here.")),
    "all": (_("No posts yet"), _("What is posted in public forums comes here.")),
    "saved": (_("Nothing saved"), _("“Save” under a post puts it here, for you alone.")),
    "person": (_("No posts"), _("Nothing of theirs that you may see.")),
}
_END: Words = (_("That was all"), _("There are no older posts."))
_UNDISPUTED: Words = (_("Nothing controversial"), _("Posts with many votes up and as many down come here."))
_SPAN: Words = (_("Nothing in this time"), _("Choose a longer span to see more."))
_FLAIR: Words = (_("Nothing with this flair"), _("No post here carries it yet."))


def empty_words(kind: str, asked: Asked) -> dict[str, str | Promise]:
    """Why there is nothing, and what to do."""
    if asked.after is not None:
        title, text = _END
    elif asked.span != Span.ALL and asked.sort in {Sort.TOP, Sort.CONTROVERSIAL}:
        title, text = _SPAN
    elif asked.sort == Sort.CONTROVERSIAL:
        title, text = _UNDISPUTED
    elif asked.flair is not None:
        title, text = _FLAIR
    else:
        title, text = _EMPTY[kind]
    return {"title": title, "text": text}
