"""Taking one's data along, and leaving for good."""

from django.urls import path

from accounts.views import data

urlpatterns = [
    path("settings/data/", data.overview, name="settings_data"),
    path("settings/data/export/", data.export_start, name="settings_data_export"),
    path("settings/data/export/<uuid:export_id>/", data.export_download, name="settings_data_download"),
    path("settings/data/delete/", data.delete, name="settings_data_delete"),
    path("accounts/keep/", data.keep, name="account_keep"),
]
