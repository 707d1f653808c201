"""Where votes and comments lie."""

from django.urls import URLPattern, URLResolver, path

from forums.views import votes

urlpatterns: list[URLPattern | URLResolver] = [
    path("f/vote/", votes.vote, name="vote"),
]
