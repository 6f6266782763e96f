"""Ways to look at the owner's pages and to save them, as a browser does."""

from typing import Any

from django.test import Client as Browser


def address(model: type, pk: Any = None, page: str = "change") -> str:
    tail = "add/" if pk is None else f"{pk}/{page}/"
    return f"/admin/booking/{model.__name__.lower()}/{tail}"


def form_of(answer: Any) -> dict[str, Any]:
    """Return what the page's form would send if nothing were changed."""
    form = answer.context["adminform"].form
    data = {name: _shown(form[name]) for name in form.fields}
    for inline in answer.context["inline_admin_formsets"]:
        formset = inline.formset
        data |= {f"{formset.prefix}-{name}": value for name, value in formset.management_form.initial.items()}
        for row in formset.forms:
            data |= {row[name].html_name: _shown(row[name]) for name in row.fields}
    return data


def _shown(bound: Any) -> Any:
    value = bound.value()
    widget = getattr(bound.field.widget, "widget", bound.field.widget)  # the admin wraps selects
    return "" if value is None else widget.format_value(value) or ""


def save(browser: Browser, page: str, **changes: Any) -> Any:
    """Open a page, change some fields and save; the answer comes back."""
    answer = browser.post(page, {**form_of(browser.get(page)), **changes})
    errors = answer.context and (answer.context["errors"], answer.context["adminform"].form.errors)
    assert answer.status_code == 302, errors
    return answer
