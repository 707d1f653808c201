"""The pages of devices and tokens, and the two addresses that programs ask."""

from django.urls import path

from accounts.views import devices, tokens

urlpatterns = [
    path("settings/devices/", devices.devices, name="settings_devices"),
    path("settings/devices/log-out-others/", devices.devices_log_out_others, name="devices_log_out_others"),
    path("settings/devices/<uuid:device_id>/rename/", devices.device_rename, name="device_rename"),
    path("settings/devices/<uuid:device_id>/log-out/", devices.device_log_out, name="device_log_out"),
    path("settings/tokens/", tokens.tokens, name="settings_tokens"),
    path("settings/tokens/new/", tokens.token_new, name="settings_tokens_new"),
    path("settings/tokens/<uuid:token_id>/revoke/", tokens.token_revoke_own, name="settings_tokens_revoke"),
    path("api/token/refresh/", tokens.token_refresh, name="token_refresh"),
    path("api/token/revoke/", tokens.token_revoke, name="token_revoke"),
]
