"""What the log of a forum says: a sentence for each deed that is written down, names for what was changed."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.log import Kind, Vocabulary, Words

KINDS: dict[str, Kind] = {
    "posts": Kind(
        pgettext_lazy("forum", "Posts and comments"),
        "shield",
        {
            "forum.post.removed": _("%(actor)s removed the post %(name)s"),
            "forum.post.approved": _("%(actor)s approved the post %(name)s"),
            "forum.post.restored": _("%(actor)s restored the post %(name)s"),
            "forum.post.locked": _("%(actor)s locked the post %(name)s"),
            "forum.post.unlocked": _("%(actor)s unlocked the post %(name)s"),
            "forum.post.pinned": _("%(actor)s pinned the post %(name)s"),
            "forum.post.unpinned": _("%(actor)s unpinned the post %(name)s"),
            "forum.post.flaired": _("%(actor)s changed the flair of the post %(name)s"),
            "forum.post.marked": _("%(actor)s changed the marks of the post %(name)s"),
            "forum.post.discussed": _("%(actor)s opened a room to talk about the post %(name)s"),
            "forum.comment.removed": _("%(actor)s removed a comment on %(name)s"),
            "forum.comment.approved": _("%(actor)s approved a comment on %(name)s"),
            "forum.comment.restored": _("%(actor)s restored a comment on %(name)s"),
        },
    ),
    "people": Kind(
        pgettext_lazy("forum", "People"),
        "users",
        {
            "forum.member.banned": _("%(actor)s banned %(target)s"),
            "forum.ban.lifted": _("%(actor)s lifted the ban of %(target)s"),
            "forum.person.quieted": _("%(actor)s let %(target)s only read in a live discussion"),
            "forum.person.heard": _("%(actor)s let %(target)s talk again in a live discussion"),
            "forum.ban.ended": _("The ban of %(target)s ended"),
            "forum.person.swept": _("What %(target)s had written was removed, as %(actor)s had asked"),
            "forum.member.put_out": _("%(actor)s removed %(target)s from the members"),
            "forum.member.flair.given": _("%(actor)s changed the flair of %(target)s"),
            "forum.people.invited": _("%(actor)s invited people"),
            "forum.invitation.revoked": _("%(actor)s took the invitation of %(target)s back"),
            "forum.request.accepted": _("%(actor)s let %(target)s in"),
            "forum.request.declined": _("%(actor)s did not let %(target)s in"),
        },
    ),
    "moderators": Kind(
        _("Moderators"),
        "shield",
        {
            "forum.moderator.appointed": _("%(actor)s made %(target)s a moderator"),
            "forum.moderator.changed": _("%(actor)s changed what %(target)s may do as a moderator"),
            "forum.moderator.removed": _("%(actor)s took the rights of a moderator from %(target)s"),
            "forum.moderator.resigned": _("%(actor)s moderates no longer"),
        },
    ),
    "forum": Kind(
        _("The forum"),
        "settings",
        {
            "forum.created": _("%(actor)s created the forum"),
            "forum.edited": _("%(actor)s changed the forum"),
            "forum.moved": _("%(actor)s gave the forum another address"),
            "forum.transferred": _("%(actor)s handed the forum to %(target)s"),
            "forum.deletion.requested": _("%(actor)s asked to delete the forum"),
            "forum.deletion.withdrawn": _("%(actor)s kept the forum after all"),
            "forum.deleted": _("The forum %(name)s was deleted"),
            "forum.icon.changed": _("%(actor)s changed the icon"),
            "forum.banner.changed": _("%(actor)s changed the banner"),
            "forum.rule.added": _("%(actor)s added the rule %(name)s"),
            "forum.rule.changed": _("%(actor)s changed the rule %(name)s"),
            "forum.rule.deleted": _("%(actor)s deleted the rule %(name)s"),
            "forum.rule.moved": _("%(actor)s moved the rule %(name)s"),
            "forum.flair.created": _("%(actor)s made the flair %(name)s"),
            "forum.flair.changed": _("%(actor)s changed the flair %(name)s"),
            "forum.flair.deleted": _("%(actor)s deleted the flair %(name)s"),
            "forum.flair.moved": _("%(actor)s moved the flair %(name)s"),
        },
    ),
    # Among those who moderate.
    "reports": Kind(
        _("Reports and notes"),
        "flag",
        {
            "report.taken_up": _("%(actor)s took up a report"),
            "report.resolved": _("%(actor)s acted on a report"),
            "report.dismissed": _("%(actor)s dismissed a report"),
            "forum.note.added": _("%(actor)s wrote a note on %(target)s"),
            "forum.note.deleted": _("%(actor)s deleted a note on %(target)s"),
        },
    ),
}
# What a public log tells.
PUBLIC: dict[str, Kind] = {key: kind for key, kind in KINDS.items() if key != "reports"}

FIELDS: dict[str, Words] = {
    "name": _("Name"),
    "slug": _("Address"),
    "description": _("Description"),
    "is_public": _("Public"),
    "posting": _("Who may post"),
    "holding": _("What waits for approval"),
    "kinds_off": _("Kinds of posts that are off"),
    "scores_hidden_minutes": _("Scores hidden for (minutes)"),
    "is_nsfw": _("Not safe for work"),
    "is_spoiler": _("Spoiler"),
    "needs_flair": _("Posts need a flair"),
    "takes_requests": _("Takes requests to join"),
    "is_log_public": _("Public log"),
    "is_for_moderators": _("For moderators only"),
    "has_icon": _("Has an icon"),
    "has_banner": _("Has a banner"),
    "hue": _("Colour"),
    "flair": _("Flair"),
    "rule": _("Rule"),
    "permissions": _("Rights"),
    "until": _("Until"),
    "since": _("Written since"),
    "removed": _("Removed"),
    "count": _("How many"),
    "sweep": _("What they wrote is removed too"),
    "due": _("Deleted at"),
}
VOCABULARY = Vocabulary(KINDS, FIELDS)
SENTENCES = VOCABULARY.sentences
