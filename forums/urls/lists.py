"""Where lists of posts lie, and search."""

from django.urls import URLPattern, URLResolver, path, re_path

from forums.views import lists, person, search

USERNAME = r"(?P<username>[A-Za-z0-9_-]{1,50})"

urlpatterns: list[URLPattern | URLResolver] = [
    path("forums/home/", lists.forum_home, name="forum_home"),
    path("forums/all/", lists.forum_all, name="forum_all"),
    path("forums/saved/", lists.forum_saved, name="forum_saved"),
    path("forums/save/", lists.post_save, name="post_save"),
    path("forums/view/", lists.forum_view, name="forum_view"),
    path("forums/search/", search.forums_search, name="forums_search"),
    path("f/<str:slug>/search/", search.forum_search, name="forum_search"),
    path("f/<str:slug>/", lists.forum, name="forum"),
    re_path(rf"^people/{USERNAME}/posts/$", person.person_posts, name="person_posts"),
]
