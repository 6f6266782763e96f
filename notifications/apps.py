from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        from booking import queries  # noqa: PLC0415 - models must be loaded first
        from notifications import bounces, checks, listeners, log  # noqa: F401, PLC0415 - as above
        from notifications.webhooks import listeners as webhooks  # noqa: PLC0415 - as above

        listeners.subscribe()
        bounces.subscribe()
        queries.know("message_failed", log.something_failed)
        webhooks.subscribe()
