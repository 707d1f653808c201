"""Where pages of forums lie: the queue, what moderators decide, bans, the log, statistics."""

from django.urls import URLPattern, URLResolver, path

from forums.views import bans, log, moderation, queue, record, statistics

urlpatterns: list[URLPattern | URLResolver] = [
    path("f/<str:slug>/settings/queue/", queue.forum_queue, name="forum_queue"),
    path("f/<str:slug>/settings/bans/", bans.forum_bans, name="forum_bans"),
    path("f/<str:slug>/settings/bans/new/", bans.forum_ban_new, name="forum_ban_new"),
    path("f/<str:slug>/settings/bans/<uuid:user_id>/lift/", bans.forum_ban_lift, name="forum_ban_lift"),
    path("f/<str:slug>/settings/people/<str:username>/", record.forum_person, name="forum_person"),
    path("f/<str:slug>/settings/people/<str:username>/ban/", bans.forum_person_ban, name="forum_person_ban"),
    path("f/<str:slug>/settings/notes/<uuid:note_id>/delete/", record.forum_note_delete, name="forum_note_delete"),
    path("f/<str:slug>/settings/log/", log.forum_log, name="forum_log"),
    path("f/<str:slug>/settings/statistics/", statistics.forum_statistics, name="forum_statistics"),
    path("f/<str:slug>/<int:number>/moderate/", moderation.post_moderate, name="post_moderate"),
    path("f/<str:slug>/<int:number>/remove/", moderation.post_remove, name="post_remove"),
    path("f/<str:slug>/<int:number>/c/<int:comment>/moderate/", moderation.comment_moderate, name="comment_moderate"),
    path("f/<str:slug>/<int:number>/c/<int:comment>/remove/", moderation.comment_remove, name="comment_remove"),
]
