"""The rules of a forum: added, changed, ordered, deleted by who looks after it. Removals name one; what was removed for a deleted
rule stays removed without."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.audit import audit
from accounts.lines import checked_line, checked_text
from accounts.models import User
from chatter.core.errors import NotFound, Refused
from forums.actions.ordered import close_gaps, moved, nudged, touch
from forums.models import Forum, Rule
from forums.permissions import Right, check_right, locked_forum_for

RULES_MAX = 15
TITLE_MAX = 100
TEXT_MAX = 500


def add_rules(forum: Forum, titles: Sequence[str]) -> None:
    """The rules a forum starts with; empty ones are left out. In the transaction that makes it."""
    wanted = [checked_line(title, TITLE_MAX) for title in titles if title.strip()]
    if len(wanted) > RULES_MAX:
        raise Refused("invalid", _("A forum can have at most %(count)d rules.") % {"count": RULES_MAX})
    Rule.objects.bulk_create(Rule(forum=forum, title=title, position=at) for at, title in enumerate(wanted))


def add_rule(*, actor: User, forum_id: UUID, title: str, text: str = "") -> Rule:
    """A rule behind the others. Raises NotFound or Refused."""
    line, words = checked_line(title, TITLE_MAX), checked_text(text, TEXT_MAX)
    with transaction.atomic():
        forum = _locked(actor, forum_id)
        count = Rule.objects.filter(forum=forum).count()
        if count >= RULES_MAX:
            raise Refused("forbidden", _("A forum can have at most %(count)d rules.") % {"count": RULES_MAX})
        rule = Rule.objects.create(forum=forum, title=line, text=words, position=count)
        touch(forum)
        audit(actor=actor, action="forum.rule.added", place=forum.pk, target=rule, title=line)
    return rule


def change_rule(*, actor: User, forum_id: UUID, rule_id: UUID, title: str, text: str = "") -> Rule:
    """Say it otherwise. Raises NotFound or Refused."""
    line, words = checked_line(title, TITLE_MAX), checked_text(text, TEXT_MAX)
    with transaction.atomic():
        forum = _locked(actor, forum_id)
        rule = rule_of(forum, rule_id)
        before = rule.title, rule.text
        if before == (line, words):
            return rule
        rule.title, rule.text = line, words
        rule.save(update_fields=["title", "text"])
        touch(forum)
        audit(actor=actor, action="forum.rule.changed", place=forum.pk, target=rule, before=before[0], title=line)
    return rule


def delete_rule(*, actor: User, forum_id: UUID, rule_id: UUID) -> None:
    """It holds no longer. Raises NotFound or Refused."""
    with transaction.atomic():
        forum = _locked(actor, forum_id)
        rule = rule_of(forum, rule_id)
        rule.delete()
        close_gaps(Rule.objects.filter(forum=forum))
        touch(forum)
        audit(actor=actor, action="forum.rule.deleted", place=forum.pk, target=("rule", rule_id), title=rule.title)


def order_rule(*, actor: User, forum_id: UUID, rule_id: UUID, before: UUID | None = None, by: int = 0) -> None:
    """Let it stand before another one (None: at the end), or with `by` one step up (-1) or down (1). Raises NotFound or Refused."""
    with transaction.atomic():
        forum = _locked(actor, forum_id)
        rules, rule = Rule.objects.filter(forum=forum), rule_of(forum, rule_id)
        if nudged(rules, rule_id, by) if by else moved(rules, rule_id, before):
            touch(forum)
            audit(actor=actor, action="forum.rule.moved", place=forum.pk, target=rule, title=rule.title)


def rule_of(forum: Forum, rule_id: UUID) -> Rule:
    """Raises NotFound for rules of other forums and unknown ids alike."""
    rule = Rule.objects.filter(forum=forum, pk=rule_id).first()
    if rule is None:
        raise NotFound
    return rule


def _locked(actor: User, forum_id: UUID) -> Forum:
    standing = locked_forum_for(actor, forum_id)
    check_right(standing, Right.FORUM)
    return standing.forum
