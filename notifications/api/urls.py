from django.urls import path

from notifications.api import log, views, webhooks

urlpatterns = [
    path("preferences/<str:token>/", views.PreferencesView.as_view()),
    path("preferences/<str:token>/one-click/", views.OneClickView.as_view()),
    path("messages/", log.MessagesView.as_view()),
    path("messages/<str:name>/retry/", log.RetryView.as_view()),
    path("webhooks/", webhooks.WebhooksView.as_view()),
    path("webhooks/<str:reference>/", webhooks.WebhookView.as_view()),
    path("webhooks/<str:reference>/secret/", webhooks.SecretView.as_view()),
    path("webhooks/<str:reference>/test/", webhooks.TestView.as_view()),
    path("webhooks/<str:reference>/deliveries/", webhooks.DeliveriesView.as_view()),
    path("webhooks/<str:reference>/deliveries/<str:event_id>/retry/", webhooks.RetryView.as_view()),
]
