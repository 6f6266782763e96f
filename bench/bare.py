"""The limit over HTTP: DRF views that validate, do one thing in SQL, and answer."""

import uuid
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking.models import Therapist
from booking.models.references import new_reference

INSERT = """
WITH booked AS (
  INSERT INTO booking_appointment (reference, uid, status, blocks, version, sequence, location_id, room_id, service_id,
    variation_id, add_ons, partner_name, partner_email, start_at, end_at, occupied, wall_start, time_zone, agreed_at,
    price_amount, price_currency, change_deadline_minutes, requested_therapist, requested_gender, note, source, tips,
    notify, cancel_reason, late, created_at, changed_at)
  SELECT %(reference)s, %(uid)s, 'booked', true, 1, 0, v.location, %(room)s, v.service, v.variation, '{}', '', '',
    %(start)s, %(end)s, tstzrange(%(start)s, %(end)s), '', 'UTC', now(), 95, 'EUR', 1440, false, '', '', 'online', true,
    true, '', false, now(), now()
  FROM (SELECT l.id AS location, a.service_id AS service, a.id AS variation
        FROM booking_location l, booking_variation a LIMIT 1) AS v
  RETURNING id, occupied)
INSERT INTO booking_assignment (appointment_id, therapist_id, occupied, blocks)
SELECT id, %(therapist)s, occupied, true FROM booked RETURNING appointment_id
"""
ROWS = """
SELECT a.therapist_id, (date_part('epoch', lower(a.occupied)) / 60)::int,
       (date_part('epoch', upper(a.occupied)) / 60)::int
FROM booking_assignment a WHERE a.blocks AND a.occupied && tstzrange(%s, %s) AND a.therapist_id = ANY(%s)
UNION ALL
SELECT -p.room_id, (date_part('epoch', lower(p.occupied)) / 60)::int,
       (date_part('epoch', upper(p.occupied)) / 60)::int
FROM booking_appointment p WHERE p.blocks AND p.occupied && tstzrange(%s, %s) AND p.room_id = ANY(%s)
ORDER BY 2
"""
OUTBOX = """
INSERT INTO notifications_message (appointment_id, kind, recipient, sequence, name, state, due_at, attempt, tries,
  crashes, unsure, created_at, sent_by, words)
VALUES (%s, 'confirmation', 'client', 0, %s, 'pending', now(), 0, 0,
  0, false, now(), '', '')
"""


class Wanted(serializers.Serializer[Any]):
    start = serializers.DateTimeField()
    therapist = serializers.IntegerField()
    room = serializers.IntegerField()
    name = serializers.CharField(max_length=100)
    email = serializers.EmailField()


class BookView(APIView):
    """One bare booking transaction: appointment, assignment, outbox row, with the same constraints."""

    def post(self, request: Request) -> Response:
        wanted = Wanted(data=request.data)
        wanted.is_valid(raise_exception=True)
        asked, uid = wanted.validated_data, uuid.uuid4()
        values = {
            "reference": new_reference(),
            "uid": uid,
            "room": asked["room"],
            "therapist": asked["therapist"],
            "start": asked["start"],
            "end": asked["start"] + timedelta(minutes=60),
        }
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(INSERT, values)
            cursor.execute(OUTBOX, [cursor.fetchone()[0], str(uid)])
        return Response({"reference": values["reference"], "start": asked["start"]}, status=201)


class SelectView(APIView):
    """One ORM SELECT through a serializer of plain values."""

    def get(self, request: Request) -> Response:
        return Response([{"slug": one.slug, "name": one.name} for one in Therapist.objects.all()[:20]])


class RawView(APIView):
    """One raw SELECT."""

    def get(self, request: Request) -> Response:
        with connection.cursor() as cursor:
            cursor.execute("SELECT slug, name FROM booking_therapist ORDER BY slug LIMIT 20")
            return Response([{"slug": slug, "name": name} for slug, name in cursor.fetchall()])


class RowsView(APIView):
    """One SELECT of what is taken, for the therapists and rooms and the days that slots are asked for."""

    def get(self, request: Request) -> Response:
        asked = request.query_params
        therapists, rooms = ([int(pk) for pk in asked[name].split(",")] for name in ("therapists", "rooms"))
        since, until = asked["since"], asked["until"]
        with connection.cursor() as cursor:
            cursor.execute(ROWS, [since, until, therapists, since, until, rooms])
            return Response(cursor.fetchall())


def plain_view(_request: HttpRequest) -> HttpResponse:
    """What Django alone does: no framework, no SQL."""
    return JsonResponse({"slug": "anna"})


urlpatterns = [
    path("", plain_view),
    path("plain/", plain_view),
    path("rows/", RowsView.as_view()),
    path("book/", BookView.as_view()),
    path("select/", SelectView.as_view()),
    path("raw/", RawView.as_view()),
]
