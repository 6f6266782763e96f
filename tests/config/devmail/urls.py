"""The addresses of the whole studio when there is an inbox."""

from django.urls import include, path

from config import urls

# As config.urls mounts them when there is an inbox; the rest is there because error pages lead to it.
urlpatterns = [*urls.urlpatterns, path("dev/mail/", include("config.devmail"))]
