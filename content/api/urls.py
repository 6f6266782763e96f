from django.urls import path

from content.api.views import SnippetDetail, SnippetList

urlpatterns = [
    path("snippets/", SnippetList.as_view(), name="snippets"),
    path("snippets/<slug:slug>/", SnippetDetail.as_view(), name="snippet"),
]
