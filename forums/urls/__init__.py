"""Where the pages of forums lie; one module for each concept."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("forums.urls.community")),
    path("", include("forums.urls.moderation")),
    path("", include("forums.urls.people")),
    path("", include("forums.urls.web")),
    path("", include("forums.urls.comments")),
    path("", include("forums.urls.lists")),
    # last: a title may be almost any word
    path("", include("forums.urls.posts")),
]
