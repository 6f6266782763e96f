from django.urls import path

from booking.api.views import appointments, catalogue

urlpatterns = [
    path("locations/", catalogue.LocationsView.as_view()),
    path("services/", catalogue.ServicesView.as_view()),
    path("therapists/", catalogue.TherapistsView.as_view()),
    path("slots/", catalogue.SlotsView.as_view()),
    path("appointments/", appointments.AppointmentsView.as_view()),
    path("appointments/<str:reference>/", appointments.AppointmentView.as_view()),
    path("appointments/<str:reference>/reschedule/", appointments.RescheduleView.as_view()),
    path("appointments/<str:reference>/cancel/", appointments.CancelView.as_view()),
    path("appointments/<str:reference>/invite.ics", appointments.InviteView.as_view()),
]
