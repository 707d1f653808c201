"""Addresses of roles and who holds them."""

from django.urls import URLPattern, URLResolver, path

from groups.views import roles

SETTINGS = "g/<uuid:group_id>/settings"

urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{SETTINGS}/roles/", roles.roles, name="group_roles"),
    path(f"{SETTINGS}/roles/order/", roles.order, name="group_roles_order"),
    path(f"{SETTINGS}/roles/new/", roles.new, name="group_role_new"),
    path(f"{SETTINGS}/roles/<uuid:role_id>/", roles.role, name="group_role"),
    path(f"{SETTINGS}/roles/<uuid:role_id>/delete/", roles.delete, name="group_role_delete"),
    path(f"{SETTINGS}/roles/<uuid:role_id>/members/", roles.holders, name="group_role_holders"),
    path(f"{SETTINGS}/members/<uuid:user_id>/roles/", roles.member_roles, name="group_member_roles"),
]
