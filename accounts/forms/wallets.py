"""The shape of what a wallet's owner sends: the address that asks for a message, and the message with its signature."""

from django import forms

from accounts.wallets import MESSAGE_MAX


class OfferForm(forms.Form):
    address = forms.RegexField(r"\A0x[0-9a-fA-F]{40}\Z")
    chain_id = forms.IntegerField(min_value=0, max_value=2**63)


class ProofForm(forms.Form):
    """Line ends arrive as CR LF from a form; the wallet signed LF."""

    message = forms.CharField(max_length=MESSAGE_MAX, strip=False)
    signature = forms.CharField(max_length=132)

    def clean_message(self) -> str:
        return str(self.cleaned_data["message"]).replace("\r\n", "\n")
