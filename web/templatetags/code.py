import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
BETWEEN_BACKTICKS = re.compile(r"`([^`]+)`")


@register.filter
def code(text: str) -> SafeString:
    """Return `text`, escaped, with what stands between backticks as code."""
    return mark_safe(BETWEEN_BACKTICKS.sub(r"<code>\1</code>", escape(text)))  # noqa: S308 - escaped before
