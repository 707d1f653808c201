"""Where a person is logged in: every browser with its session, to be named and logged out."""

from typing import NamedTuple, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.actions.devices import DEVICE, live_devices, log_out_device, open_device, rename_device
from accounts.actions.sessions import log_out_others
from accounts.adapter import client_address
from accounts.agents import agent_of, device_name
from accounts.forms.devices import DeviceNameForm
from accounts.models import Device, User

SHOWN = 100


class Shown(NamedTuple):
    """A device as the page shows it."""

    device: Device
    title: str
    agent: str
    is_phone: bool
    is_here: bool
    form: DeviceNameForm


@require_safe
def devices(request: HttpRequest) -> HttpResponse:
    """All of them, this one first."""
    person = cast("User", request.user)
    rows = list(live_devices(person)[:SHOWN])
    if not any(row.session_key == request.session.session_key for row in rows):
        agent, address = request.headers.get("user-agent", ""), client_address(request)
        rows.append(open_device(person=person, session=request.session, user_agent=agent, address=address))
    shown = sorted((show(row, request) for row in rows), key=lambda one: not one.is_here)
    return render(request, "accounts/devices.html", {"here": shown[0], "others": shown[1:]})


def show(device: Device, request: HttpRequest) -> Shown:
    agent = device_name(device.user_agent)
    return Shown(
        device=device,
        title=device.name or agent,
        agent=agent if device.name else "",
        is_phone=agent_of(device.user_agent).is_phone,
        is_here=device.session_key == request.session.session_key,
        form=DeviceNameForm(initial={"name": device.name}, auto_id=f"id_%s_{device.pk.hex[:8]}"),
    )


@require_POST
def device_rename(request: HttpRequest, device_id: UUID) -> HttpResponse:
    form = DeviceNameForm(request.POST)
    if form.is_valid():
        rename_device(person=cast("User", request.user), device_id=device_id, name=form.cleaned_data["name"])
        messages.success(request, gettext("Saved."))
    else:
        messages.error(request, " ".join(map(str, form.errors["name"])))
    return redirect("settings_devices")


@require_POST
def device_log_out(request: HttpRequest, device_id: UUID) -> HttpResponse:
    """The device that asks is logged out as by its own button."""
    if request.session.get(DEVICE) == str(device_id):
        logout(request)
        return redirect("home")
    log_out_device(person=cast("User", request.user), device_id=device_id)
    messages.success(request, gettext("That device is logged out."))
    return redirect("settings_devices")


@require_POST
def devices_log_out_others(request: HttpRequest) -> HttpResponse:
    log_out_others(person=cast("User", request.user), session=request.session)
    messages.success(request, gettext("Every other device and program is logged out."))
    return redirect("settings_devices")
