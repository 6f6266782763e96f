"""The door for staff: so many tries for an address and for an account, counted before a password is looked at.

Looking at one takes a fifth of a second of a processor on purpose, so guesses that are too many must not come so far.
"""

import math
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError

from booking.api.throttling import client_address, count


class LoginForm(AdminAuthenticationForm):
    """Says when it was too often, and for how long; to whoever knows the password, too."""

    def clean(self) -> dict[str, Any]:
        name = self.cleaned_data.get("username")
        if name and self.cleaned_data.get("password") and self.request:
            self._count("logins", client_address(self.request))
            # An address that is shut out already shuts out nobody else's account.
            self._count("logins-account", name)
        return super().clean()

    def _count(self, limit: str, who: str) -> None:
        left = count(limit, who, settings.LIMITS[limit])
        if left:
            minutes = math.ceil(left / 60)
            words = f"That was tried too often. Please try again in {minutes} minute{'s' * (minutes > 1)}."
            raise ValidationError(words, code="too-many-requests")


admin.site.login_form = LoginForm
