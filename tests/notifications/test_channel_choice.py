"""Which channel mail goes by: our own outbox for SMTP, Django's backend for anything else."""

from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend

from notifications.channels import Answer, Outbox, Sent, TryLater, Unknown, mail_channel
from tests.notifications.letters import letter


class TestTheChannel:
    def test_for_smtp_is_an_outbox(self, settings: Any) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

        assert isinstance(mail_channel(), Outbox)

    def test_for_anything_else_is_what_django_has(self) -> None:
        channel = mail_channel()

        assert isinstance(channel.send(letter()), Sent)
        channel.close()

        assert len(mail.outbox) == 1

    @pytest.mark.parametrize(
        ("trouble", "expected"), [(TimeoutError("slow"), Unknown), (RuntimeError("sam@example.org"), TryLater)]
    )
    def test_answers_although_a_backend_raises(self, trouble: Exception, expected: type[Answer], settings: Any) -> None:
        settings.EMAIL_BACKEND = "tests.notifications.test_channel_choice.RaisingBackend"
        RaisingBackend.trouble = trouble

        answer = mail_channel().send(letter())

        assert type(answer) is expected
        assert "sam@" not in answer.text


class RaisingBackend(BaseEmailBackend):
    trouble: Exception

    def send_messages(self, messages: Any) -> int:
        raise self.trouble
