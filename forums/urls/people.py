"""Where pages of forums lie: what people follow."""

from django.urls import URLPattern, URLResolver, path, re_path

from forums.views import people

urlpatterns: list[URLPattern | URLResolver] = [
    path("contacts/following/", people.following, name="following"),
    re_path(r"^people/(?P<username>[A-Za-z0-9_-]{1,50})/follow/$", people.person_follow, name="person_follow"),
    path("f/<str:slug>/follow/", people.forum_follow, name="forum_follow"),
    path("f/<str:slug>/<int:number>/follow/", people.post_follow, name="post_follow"),
]
