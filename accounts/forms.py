"""What people type on the pages that the links of mails lead to."""

from django import forms
from django.utils.translation import gettext_lazy

from accounts.passwords import MAX_PASSWORD_LENGTH


class PasswordResetRequestForm(forms.Form):
    """Whose password was forgotten."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )


class NewPasswordForm(forms.Form):
    """A new password, taken to the letter."""

    password = forms.CharField(
        label=gettext_lazy("New password"),
        max_length=MAX_PASSWORD_LENGTH,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
