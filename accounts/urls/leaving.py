"""Push, and the way to end e-mails."""

from django.urls import path

from accounts.views import push

urlpatterns = [
    path("push/key/", push.push_key, name="push_key"),
    path("push/subscribe/", push.push_subscribe, name="push_subscribe"),
    path("push/unsubscribe/", push.push_unsubscribe, name="push_unsubscribe"),
    path("unsubscribe/<str:token>/", push.unsubscribe, name="unsubscribe"),
]
