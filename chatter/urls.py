"""The composition root of pages: which application answers where."""

from django.contrib import admin
from django.urls import include, path

from chatter import pwa, views
from chatter.health import livez, metrics, readyz

urlpatterns = [
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("manifest.webmanifest", pwa.manifest, name="manifest"),
    path("sw.js", pwa.service_worker, name="service_worker"),
    path("offline/", pwa.offline, name="offline"),
    path("theme/", views.theme, name="theme"),
    path("language/", views.language, name="set_language"),
    # before accounts: /people/search/ is no username
    path("", include("chat.urls")),
    path("", include("groups.urls")),
    path("", include("forums.urls")),
    path("", include("accounts.urls")),
    path("admin/", admin.site.urls),
]
