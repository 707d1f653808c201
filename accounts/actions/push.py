"""Browsers that take web push: a few for each person, each tied to the session in which it asked."""

from django.db import transaction

from accounts.models import Device, PushSubscription, User
from accounts.push import POLICY, browser_key
from accounts.vapid import unpadded
from chatter.core.errors import Refused
from chatter.core.outbound import NotAllowed, check_url

MOST = 10


def subscribe_push(*, person: User, session_key: str, endpoint: str, p256dh: str, auth: str) -> PushSubscription:
    """Let this browser take pushes for `person` until its session ends; it takes them for nobody else any more.

    Of more than MOST browsers the one that asked longest ago goes. Raises Refused("invalid") for what no browser says.
    """
    _check(endpoint, p256dh, auth)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=person.pk)
        device = Device.objects.filter(user=person, session_key=session_key).first()
        if device is None:
            raise Refused("forbidden")
        PushSubscription.objects.filter(device=device).exclude(endpoint=endpoint).delete()
        fields = {"user": person, "device": device, "p256dh": p256dh, "auth": auth, "failures": 0}
        subscription, _made = PushSubscription.objects.update_or_create(endpoint=endpoint, defaults=fields)
        kept = PushSubscription.objects.filter(user=person).order_by("-created_at")[:MOST].values_list("pk", flat=True)
        PushSubscription.objects.filter(user=person).exclude(pk__in=list(kept)).delete()
    return subscription


def unsubscribe_push(*, person: User, endpoint: str) -> None:
    """This browser takes no pushes any more; twice changes nothing."""
    PushSubscription.objects.filter(user=person, endpoint=endpoint).delete()


def _check(endpoint: str, p256dh: str, auth: str) -> None:
    """Keys of the right kind (RFC 8291), and an address that may be asked at all; where it leads is judged at each push."""
    try:
        check_url(endpoint, POLICY)
        browser_key(p256dh)
        is_secret = len(unpadded(auth)) == 16
    except (NotAllowed, ValueError) as error:
        raise Refused("invalid") from error
    if len(endpoint) > 1000 or len(p256dh) > 100 or len(auth) > 40 or not is_secret:
        raise Refused("invalid")
