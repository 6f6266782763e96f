"""What the desk does with an appointment: answers a request, marks who came, and takes that back."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking import access, queries
from booking.actions.attend import check_in, complete, no_show
from booking.actions.confirm import confirm_appointment
from booking.actions.decline import decline_appointment
from booking.actions.undo import undo
from booking.api.authentication import caller_of
from booking.api.desk_requests import DeclineRequest, StepRequest
from booking.api.permissions import Staff
from booking.api.schema import documented
from booking.api.views.appointments import shown, version_of
from booking.api.views.catalogue import parsed
from booking.models import Appointment, Scope


class DeskView(APIView):
    permission_classes = [Staff]
    scope = Scope.DESK

    def take(
        self,
        request: Request,
        reference: str,
        action: Callable[..., Appointment],
        asked: type[Any] = StepRequest,
    ) -> Response:
        """Answer with the appointment after `action`, which gets what `asked` lets through."""
        caller = caller_of(request)
        appointment = access.appointment_for(caller, reference)
        words = parsed(asked, request.data)
        done = action(appointment, by=caller, now=timezone.now(), version=version_of(request), **words)
        return shown(queries.whole(done), request)


class ConfirmView(DeskView):
    @documented("appointment", operation="confirm_appointment", body=StepRequest)
    def post(self, request: Request, reference: str) -> Response:
        return self.take(request, reference, confirm_appointment)


class DeclineView(DeskView):
    @documented("appointment", operation="decline_appointment", body=DeclineRequest)
    def post(self, request: Request, reference: str) -> Response:
        return self.take(request, reference, decline_appointment, DeclineRequest)


class CheckInView(DeskView):
    @documented("appointment", operation="check_in_appointment", body=StepRequest)
    def post(self, request: Request, reference: str) -> Response:
        return self.take(request, reference, check_in)


class CompleteView(DeskView):
    @documented("appointment", operation="complete_appointment", body=StepRequest)
    def post(self, request: Request, reference: str) -> Response:
        return self.take(request, reference, complete)


class NoShowView(DeskView):
    @documented("appointment", operation="mark_no_show", body=StepRequest)
    def post(self, request: Request, reference: str) -> Response:
        return self.take(request, reference, no_show)


class UndoView(DeskView):
    @documented("appointment", operation="undo_last_step", body=StepRequest)
    def post(self, request: Request, reference: str) -> Response:
        return self.take(request, reference, undo)
