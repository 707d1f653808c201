"""How many ways lead into an account: nobody closes the last one behind themselves."""

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.utils.translation import gettext_lazy as _

from accounts.models import User, Wallet
from chatter.core.errors import Refused


def lock_ways(person: User) -> User:
    """The person as the database has them, until the end of the transaction: two removals at once count one another."""
    return User.objects.select_for_update(no_key=True).get(pk=person.pk)


def ways_in(person: User) -> int:
    """A password, each wallet, each linked sign-in and each passkey is one. A mailed link to a new password is none:
    whoever would need it has lost the others."""
    passkeys = Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN).count()
    wallets = Wallet.objects.filter(user=person).count()
    linked = SocialAccount.objects.filter(user=person).count()
    return int(person.has_usable_password()) + wallets + linked + passkeys


def check_way_left(person: User) -> None:
    """Raises Refused when no way in is left. Ask after the removal, in its transaction, holding `lock_ways`."""
    if not ways_in(person):
        raise Refused("invalid", _("This is your only way in. Set a password first."))
