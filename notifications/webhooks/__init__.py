"""Telling other programs what happened: Standard Webhooks, from rows of their own (docs/webhooks.md)."""
