"""Where the pages of groups lie; one module for each concept."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("groups.urls.community")),
    path("", include("groups.urls.channels")),
    path("", include("groups.urls.roles")),
    path("", include("groups.urls.door")),
    path("", include("groups.urls.members")),
    path("", include("groups.urls.log")),
    path("", include("groups.urls.statistics")),
    path("", include("groups.urls.why")),
]
