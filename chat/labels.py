"""The words that scripts and pushed articles use: the page brings them, translated, as one JSON object.

A key with `.one` and `.other` (or whichever forms the language has) is chosen by the count. `{names}` are filled in by
the script.
"""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext


def labels() -> dict[str, str]:
    """Every word by its key, in the language of the moment."""
    return {
        **_message_words(),
        **_event_words(),
        **_list_words(),
        **_composer_words(),
        **_call_words(),
        **_page_words(),
        **_picture_words(),
        **_notification_words(),
        **_push_words(),
        **_settings_words(),
        **_folding_words(),
        **_role_words(),
        **_order_words(),
        **_group_words(),
        **_post_words(),
        **_post_list_words(),
        **_selection_words(),
        **_comment_words(),
    }


def _message_words() -> dict[str, str]:
    return {
        "edited": _("edited"),
        "deleted": _("Message deleted"),
        "pinned": _("pinned"),
        "new": pgettext("line before the unread messages", "New"),
        "reaction_count.one": _("{emoji}, {count} reaction"),
        "reaction_count.other": _("{emoji}, {count} reactions"),
        "receipt_sent": _("Sent"),
        "receipt_delivered": _("Delivered"),
        "receipt_read": _("Read"),
        "receipt_seen_by.one": _("Seen by {count}"),
        "receipt_seen_by.other": _("Seen by {count}"),
        "spoiler_show": _("Hidden text: show it"),
        "spoiler_hide": _("Hide this text again"),
        "link_copied": _("Link copied"),
        "copied": _("Copied"),
        "link_not_copied": _("The link could not be copied: {link}"),
        "edit_saved": _("Saved"),
    }


def _folding_words() -> dict[str, str]:
    """What stands for the messages of people whom the reader blocks."""
    return {
        "blocked_message": _("Message from somebody you blocked"),
        "blocked_show": pgettext("a folded message", "show"),
        "blocked_hide": pgettext("a folded message", "hide"),
    }


def _group_words() -> dict[str, str]:
    """What is said to whoever loses a channel, or its group, while they read there."""
    return {
        "channel_gone": _("You can no longer read that channel."),
        "group_gone": _("You are no longer in that group."),
    }


def _event_words() -> dict[str, str]:
    """System messages: `event_<event>`, filled from the article's data-actor, data-people and data-title."""
    return {
        "event_created": _("{actor} started this conversation"),
        "event_added": _("{actor} added {people}"),
        "event_joined": _("{actor} joined"),
        "event_left": _("{actor} left"),
        "event_removed": _("{actor} removed {people}"),
        "event_renamed": _("{actor} named this conversation “{title}”"),
        "event_transferred": _("{actor} handed this conversation over to {people}"),
    }


def _list_words() -> dict[str, str]:
    return {
        "today": _("Today"),
        "yesterday": _("Yesterday"),
        "just_now": _("just now"),
        "new_messages.one": _("{count} new message"),
        "new_messages.other": _("{count} new messages"),
        "jump_latest": _("Jump to the latest"),
        "earlier_messages": _("Earlier messages"),
        "later_messages": _("Later messages"),
        "typing_one": _("{first} is typing…"),
        "typing_two": _("{first} and {second} are typing…"),
        "typing_many": _("Several people are typing…"),
        "typing_somebody": _("Somebody is typing…"),
        "unread_count.one": _("{count} unread message"),
        "unread_count.other": _("{count} unread messages"),
        "mention_count.one": _("{count} mention"),
        "mention_count.other": _("{count} mentions"),
        "you": _("You"),
        "no_place_found": _("No conversation is called that. Press Enter to look for people."),
    }


def _composer_words() -> dict[str, str]:
    return {
        "left": _("{count} left"),
        "over.one": _("{count} character too many"),
        "over.other": _("{count} characters too many"),
        "suggestions_label": _("Suggestions"),
        "suggestions.one": _("{count} suggestion, arrow keys to choose"),
        "suggestions.other": _("{count} suggestions, arrow keys to choose"),
        "nobody_found": _("Nobody found"),
        "remove_person": _("Remove {name}"),
        "emoji": _("Emoji"),
    }


def _call_words() -> dict[str, str]:
    """What stands beside @everyone, @here and the names of roles where they are offered."""
    return {
        "call_everyone": _("Everybody in this conversation"),
        "call_here": _("Everybody who is here now"),
        "call_role": pgettext("kind of a suggestion after @", "Role"),
    }


def _page_words() -> dict[str, str]:
    return {
        "close": _("Close"),
        "thread": _("Thread"),
        "thread_answer": _("Answer in the thread"),
        "answers.one": _answers(1),
        "answers.two": _answers(2),
        "answers.few": _answers(3),
        "answers.many": _answers(11),
        "answers.other": _answers(100),
        "connection_offline": _("You are offline. What you write is sent when you are back."),
        "connection_reconnecting": _("Connection lost. Trying again…"),
        "connection_back": _("Back online"),
        "offline_try_again": _("There is no connection right now. Try again in a moment."),
        "went_wrong": _("That did not work. Try again in a moment."),
        "message_not_sent": _("A message could not be sent: {reason}"),
        "signed_out": _("You were logged out. Log in again to go on."),
        "suspended": _("This account is suspended."),
        "removed_from": _("You are no longer in this conversation."),
        "online": pgettext("presence", "online"),
        "idle": pgettext("presence", "idle"),
        "dnd": pgettext("presence", "do not disturb"),
        "offline": pgettext("presence", "offline"),
    }


def _notification_words() -> dict[str, str]:
    return {
        "notification_read": _("Marked as read"),
        "notifications_read": _("Everything is marked as read"),
    }


def _push_words() -> dict[str, str]:
    return {
        "push_on": _("This browser tells you of news, also when Chatter is closed."),
        "push_off": _("This browser can tell you of news, also when Chatter is closed."),
        "push_refused": _("Notifications of this site are refused in your browser. Allow them in its settings first."),
        "push_impossible": _("This browser cannot take pushes from here."),
        "push_turn_on": _("Turn on push"),
        "push_turn_off": _("Turn off push"),
        "push_failed": _("That did not work: the browser or its push service is not ready. Try again later."),
        "push_offer": _("Shall this browser tell you when somebody writes to you, also when Chatter is closed?"),
        "push_not_now": pgettext("answer to an offer", "Not now"),
    }


def _picture_words() -> dict[str, str]:
    return {
        "picture_unreadable": _("This file could not be read as a picture."),
        "picture_sending": _("The picture is on its way."),
    }


def _answers(count: int) -> str:
    """The form for `count`, as the thread's own page says it."""
    return ngettext("One answer", "%(answers)s answers", count) % {"answers": "{count}"}


def _settings_words() -> dict[str, str]:
    return {
        "saved": _("Saved."),
        "not_saved": _("This could not be saved. Try again in a moment."),
        "zone_here": _("Use the zone of this browser: {zone}"),
    }


def _role_words() -> dict[str, str]:
    return {"role_moved": _("{name} is number {place} of {all} now")}


def _order_words() -> dict[str, str]:
    """What is said of channels and categories while they are moved."""
    return {
        "order_picked": _("{name} is picked up. {where} The arrow keys move it, Enter puts it down, Escape gives up."),
        "order_at": "{where}",
        "order_moved": _("{name} was moved. {where}"),
        "order_left": _("{name} stays where it was. {where}"),
        "order_in": _("Number {place} of {all} in {category}."),
        "order_place": _("Number {place} of {all}."),
    }


def _post_list_words() -> dict[str, str]:
    return {"save_post": pgettext("post", "Save"), "saved_post": pgettext("post", "Saved")}


def _post_words() -> dict[str, str]:
    """Writing posts, and voting in their polls."""
    return {
        "draft_saved": _("Draft saved"),
        "draft_not_saved": _("The draft could not be saved"),
        "title_suggested": _("Take the title of the page: {title}"),
        "option_number": _("Option {number}"),
        "pictures_full": _("A post has at most 10 pictures."),
        "picture_place": _("Picture {number} of {count}"),
        "poll_voters.one": _("{count} person voted"),
        "poll_voters.other": _("{count} people voted"),
        "vote_refused": _("Your vote was not taken. Load the page again."),
    }


def _comment_words() -> dict[str, str]:
    """Votes and comments of forums."""
    return {
        "voted_up": _("Voted up. Score: {score}"),
        "voted_down": _("Voted down. Score: {score}"),
        "vote_taken_back": _("Vote taken back. Score: {score}"),
        "comment_count.one": _("{count} comment"),
        "comment_count.other": _("{count} comments"),
        "new_comments.one": _("{count} new comment"),
        "new_comments.other": _("{count} new comments"),
        "new_answers.one": _("{count} new answer"),
        "new_answers.other": _("{count} new answers"),
    }


def _selection_words() -> dict[str, str]:
    """What is said while messages are chosen for a post."""
    return {
        "selected.one": _("{count} message chosen"),
        "selected.other": _("{count} messages chosen"),
        "select_message": _("Choose this message of {name}: {text}"),
        "select_most": _("A post is made of at most {count} messages."),
    }
