"""Where posts lie, and where they are written. Last of all: the title in a post's address may be almost any word."""

from django.urls import URLPattern, URLResolver, path

from forums.views import discussions, drafts, polls, posts, posts_new, talk

POST = "f/<str:slug>/<int:number>"

urlpatterns: list[URLPattern | URLResolver] = [
    path("forums/submit/", posts_new.post_new_anywhere, name="post_new_anywhere"),
    path("forums/from/<uuid:conversation_id>/", talk.post_from_talk, name="post_from_talk"),
    path("forums/drafts/", drafts.drafts, name="forum_drafts"),
    path("forums/drafts/save/", drafts.draft_save, name="draft_save"),
    path("forums/drafts/<uuid:draft_id>/delete/", drafts.draft_delete, name="draft_delete"),
    path("forums/link/", posts_new.link_title, name="link_title"),
    path("forums/pictures/", posts_new.upload_new, name="upload_new"),
    path("forums/pictures/<uuid:upload_id>/remove/", posts_new.upload_remove, name="upload_remove"),
    path("post-image/<slug:key>/<int:edge>/", posts.post_image, name="post_image"),
    path("f/<str:slug>/submit/", posts_new.post_new, name="post_new"),
    path("f/<str:slug>/preview/", posts_new.text_preview, name="text_preview"),
    path(f"{POST}/edit/", posts.post_edit, name="post_edit"),
    path(f"{POST}/delete/", posts.post_delete, name="post_delete"),
    path(f"{POST}/history/", posts.post_history, name="post_history"),
    path(f"{POST}/cross/", posts.post_cross, name="post_cross"),
    path(f"{POST}/discussion/", discussions.post_discussion, name="post_discussion"),
    path(f"{POST}/discussion/people/", discussions.discussion_people, name="discussion_people"),
    path(f"{POST}/poll/", polls.post_poll, name="post_poll"),
    path(f"{POST}/", posts.post, name="post_short"),
    path(f"{POST}/<str:title>/", posts.post, name="post"),
]
