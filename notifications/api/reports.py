"""Where providers report what became of mails: /mail-events/<provider>/tracking/, only when a secret is set.

The views are django-anymail's: they check the secret or the provider's signature, and hand on what bounces.py hears.
Its inbound views, and those of providers that mix both, stay out.
"""

from anymail.urls import urlpatterns as of_anymail
from django.urls import URLPattern

urlpatterns = [
    pattern for pattern in of_anymail if isinstance(pattern, URLPattern) and "tracking" in str(pattern.pattern)
]
