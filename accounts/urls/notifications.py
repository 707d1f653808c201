"""What one was told, and what is set about it."""

from django.urls import path

from accounts.views import notifications as views

urlpatterns = [
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/read/", views.notifications_read, name="notifications_read"),
    path("notifications/<uuid:notification_id>/", views.notification_open, name="notification_open"),
    path("notifications/<uuid:notification_id>/read/", views.notification_read, name="notification_read"),
    path("settings/notifications/", views.settings_notifications, name="settings_notifications"),
    path("settings/notifications/exceptions/", views.quiet_exception_add, name="quiet_exception_add"),
    path(
        "settings/notifications/exceptions/<uuid:exception_id>/remove/",
        views.quiet_exception_remove,
        name="quiet_exception_remove",
    ),
]
