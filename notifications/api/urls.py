from django.urls import path

from notifications.api import views

urlpatterns = [
    path("preferences/<str:token>/", views.PreferencesView.as_view()),
    path("preferences/<str:token>/one-click/", views.OneClickView.as_view()),
]
