"""The same POST twice is one booking: the first answer is kept a day for the caller who may ask again.

The row is written in the booking's own transaction, at its end. So a refused or failed call leaves the key free,
and of two equal calls at once one wins and the other, whatever stopped it, finds the first one's answer (ADR 5).
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.db import IntegrityError
from django.db.models import QuerySet
from rest_framework.authentication import get_authorization_header
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from booking import errors
from booking.actions.locks import in_one_transaction
from booking.api.authentication import caller_of
from booking.models import IdempotencyKey

KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 255
Answer = tuple[int, dict[str, Any]]


class Once:
    """One caller's key and request. Without a key every call is a new one."""

    def __init__(self, request: Request, *, now: datetime) -> None:
        self.now = now
        self.key = request.headers.get("Idempotency-Key")
        if self.key is not None and not 1 <= len(self.key) <= LONGEST_KEY:
            raise ValidationError({"Idempotency-Key": [f"Give 1 to {LONGEST_KEY} characters."]})
        if self.key is None:
            return
        caller = caller_of(request)
        credential = hashlib.sha256(get_authorization_header(request)).hexdigest()
        scope = f"{caller.kind}\n{caller.name}\n{credential}\n{request.path}"
        self.secret = hmac.digest(settings.SECRET_KEY.encode(), f"{scope}\n{self.key}".encode(), hashlib.sha256)
        self.digest = hashlib.sha256(self.secret).hexdigest()
        body = json.dumps(request.data, sort_keys=True, separators=(",", ":"))
        self.request_digest = hashlib.sha256(body.encode()).hexdigest()

    @cached_property
    def first(self) -> Answer | None:
        """The answer that a repetition gets. Raises errors.IdempotencyConflict."""
        return None if self.key is None else self._first_answer()

    def answer(self, run: Callable[[], Answer]) -> tuple[Answer, bool]:
        """Return what `run` answers, or the first answer to this key, and whether it is such a replay.

        Raises errors.IdempotencyConflict when the key came with another body, and what `run` raises when
        there is no first answer.
        """
        if self.key is None:
            return in_one_transaction(run), False
        # The common case of a retry. The look after a refusal below is for two equal calls at once.
        if self.first is not None:
            return self.first, True
        try:
            return in_one_transaction(lambda: self._keep(run())), False
        except errors.Refusal:
            first = self._first_answer()
            if first is None:
                raise
            return first, True
        except _KeyIsTaken:
            first = self._first_answer()
            if first is not None:
                return first, True
        # The key was used before, more than a day ago: that answer is gone, and the key is free again.
        self._kept().filter(created_at__lte=self.now - KEPT_FOR).delete()
        return in_one_transaction(lambda: self._keep(run())), False

    def _keep(self, answer: Answer) -> Answer:
        status, body = answer
        try:
            IdempotencyKey.objects.create(
                digest=self.digest,
                request_digest=self.request_digest,
                status=status,
                answer=self._box().encrypt(json.dumps(body).encode()),
                created_at=self.now,
            )
        except IntegrityError as error:
            raise _KeyIsTaken from error
        return answer

    def _first_answer(self) -> Answer | None:
        found = self._kept().filter(created_at__gt=self.now - KEPT_FOR).first()
        if found is None:
            return None
        if not hmac.compare_digest(found.request_digest, self.request_digest):
            raise errors.IdempotencyConflict("This Idempotency-Key came with another request before.")
        body: dict[str, Any] = json.loads(self._box().decrypt(bytes(found.answer)))
        return found.status, body

    def _kept(self) -> QuerySet[IdempotencyKey]:
        return IdempotencyKey.objects.filter(digest=self.digest)

    def _box(self) -> Fernet:
        """Return a lock whose key only the caller's Idempotency-Key gives: the answer holds a link token."""
        return Fernet(base64.urlsafe_b64encode(self.secret))


class _KeyIsTaken(Exception):
    """Another call with this key was committed first."""
