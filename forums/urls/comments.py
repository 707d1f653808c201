"""Where votes and comments lie."""

from django.urls import URLPattern, URLResolver, path

from forums.views import comments, votes

COMMENTS = "f/<str:slug>/<int:number>/c"

urlpatterns: list[URLPattern | URLResolver] = [
    path("f/vote/", votes.vote, name="vote"),
    path(f"{COMMENTS}/", comments.comments, name="comments"),
    path(f"{COMMENTS}/new/", comments.comment_new, name="comment_new"),
    path(f"{COMMENTS}/<int:comment>/", comments.comment, name="comment"),
    path(f"{COMMENTS}/<int:comment>/reply/", comments.comment_reply, name="comment_reply"),
    path(f"{COMMENTS}/<int:comment>/edit/", comments.comment_edit, name="comment_edit"),
    path(f"{COMMENTS}/<int:comment>/delete/", comments.comment_delete, name="comment_delete"),
    path(f"{COMMENTS}/<int:comment>/history/", comments.comment_history, name="comment_history"),
]
