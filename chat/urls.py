"""Where the pages of talk lie."""

from django.urls import URLPattern, URLResolver, include, path

from chat.views import calls, conversation, home, membership, message, own, people

Patterns = list[URLPattern | URLResolver]

message_patterns: Patterns = [
    path("", message.message, name="message"),
    path("edit/", message.message_edit, name="message_edit"),
    path("delete/", message.message_delete, name="message_delete"),
    path("react/", message.message_react, name="message_react"),
    path("pin/", message.message_pin, name="message_pin"),
    path("history/", message.message_history, name="message_history"),
    path("thread/", message.message_thread, name="message_thread"),
]

conversation_patterns: Patterns = [
    path("", conversation.conversation, name="conversation"),
    path("send/", conversation.conversation_send, name="conversation_send"),
    path("calls/", calls.conversation_calls, name="conversation_calls"),
    path("place/", conversation.conversation_place, name="conversation_place"),
    path("m/<int:number>/", include(message_patterns)),
    path("pins/", own.conversation_pins, name="conversation_pins"),
    path("members/", membership.conversation_members, name="conversation_members"),
    path("settings/", membership.conversation_settings, name="conversation_settings"),
    path("add/", membership.conversation_add, name="conversation_add"),
    path("leave/", membership.conversation_leave, name="conversation_leave"),
    path("remove/", membership.conversation_remove, name="conversation_remove"),
    path("transfer/", membership.conversation_transfer, name="conversation_transfer"),
    path("read/", own.conversation_read, name="conversation_read"),
    path("unread/", own.conversation_unread, name="conversation_unread"),
    path("notify/", own.conversation_notify, name="conversation_notify"),
    path("mute/", own.conversation_mute, name="conversation_mute"),
    path("archive/", own.conversation_archive, name="conversation_archive"),
    path("draft/", own.conversation_draft, name="conversation_draft"),
]

urlpatterns: Patterns = [
    path("", home.home, name="home"),
    path("lobby/", home.lobby, name="lobby"),
    path("c/<uuid:conversation_id>/", include(conversation_patterns)),
    path("new/", people.new_direct, name="new_direct"),
    path("new/group/", people.new_group, name="new_group"),
    path("people/search/", people.people_search, name="people_search"),
]
