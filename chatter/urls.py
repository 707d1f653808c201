"""The composition root of pages: which application answers where."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from chatter import views
from chatter.health import livez, metrics, readyz

urlpatterns = [
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("theme/", views.theme, name="theme"),
    path("language/", login_not_required(set_language), name="set_language"),
    # before accounts: /people/search/ is no username
    path("", include("chat.urls")),
    path("", include("accounts.urls")),
    path("admin/", admin.site.urls),
]
