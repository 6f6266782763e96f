from django.urls import path

from web.views import calendar, cancel, feeds, home, learn, manage, move, own_calendar, preferences, waitlist

app_name = "web"
urlpatterns = [
    path("", home.home, name="home"),
    path("manage/<str:token>/", manage.appointment, name="appointment"),
    path("manage/<str:token>/appointment.ics", manage.calendar_file, name="appointment-file"),
    path("manage/<str:token>/move/", move.move, name="move"),
    path("manage/<str:token>/cancel/", cancel.cancel, name="cancel"),
    path("calendar/<str:token>.ics", calendar.calendar_file, name="calendar-file"),
    path("calendars/<str:secret>.ics", feeds.feed, name="feed"),
    path("api/v1/calendars/<str:secret>.ics", feeds.feed, name="feed-of-the-api"),
    path("manage/<str:token>/calendar/", own_calendar.own_calendar, name="own-calendar"),
    path("preferences/<str:token>/", preferences.wishes, name="preferences"),
    path("waitlist/<str:token>/", waitlist.waitlist, name="waitlist"),
    path("learn/", learn.index, name="learn"),
    path("learn/<slug:slug>/", learn.snippet, name="snippet"),
]
