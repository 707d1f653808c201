"""Pictures, and the card of a person."""

from django.urls import path, re_path

from accounts.views import people, pictures, reports

urlpatterns = [
    path("settings/profile/picture/", pictures.picture_change, name="picture_change"),
    path("settings/profile/picture/remove/", pictures.picture_remove, name="picture_remove"),
    re_path(r"^avatars/(?P<picture>[0-9a-f]{32})-(?P<size>64|128|512)\.webp$", pictures.avatar, name="avatar"),
    re_path(r"^people/(?P<username>[A-Za-z0-9_-]{1,50})/report/$", reports.report_person, name="report_person"),
    path("report/<str:kind>/<uuid:key>/", reports.report, name="report"),
    re_path(r"^people/(?P<username>[A-Za-z0-9_-]{1,50})/card/$", people.card, name="person_card"),
]
