"""Where pages of forums lie: the directory, a new forum, coming and going, settings."""

from django.urls import URLPattern, URLResolver, path

from forums.views import directory, entry

urlpatterns: list[URLPattern | URLResolver] = [
    path("forums/", directory.forum_directory, name="forum_directory"),
    path("forums/adult/", entry.forum_adult, name="forum_adult"),
]
