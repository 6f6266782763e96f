"""The short phrases that all mails share, one object a language; whole mails stand in the templates.

No field has a default: a language that lacks a phrase does not start.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """Labels and sentences. What stands in braces is filled in by render; templates have the others by `say`."""

    when: str
    what: str
    extras: str
    therapists: str
    where: str
    price: str
    each: str
    reference: str
    reviewed: str
    how_sure: str
    no_more_tips: str
    mail_settings: str
    add_to_calendar: str
    change_or_cancel: str
    changes_until: str
    changes_over: str
    all_dates: str
    series_hint: str
    call: str
    reply: str
    questions_call: str
    questions_reply: str
    because_booked: str
    because_two: str
    because_asked: str
    because_asked_for_two: str
    because_waiting: str
    because_studio: str
    because_said_no: str
    see_it: str
    a_guest: str
    price_pattern: str
    decimal_point: str
    answer_by: str
    kinds: Mapping[str, str]


PHRASES = {
    "en": Phrases(
        when="When",
        what="What",
        extras="Extras",
        therapists="With",
        where="Where",
        price="Price",
        each="each",
        reference="Reference",
        reviewed="Reviewed",
        how_sure="How sure are we?",
        no_more_tips="No more tips",
        mail_settings="Mail settings",
        add_to_calendar="Add to calendar",
        change_or_cancel="Change or cancel",
        changes_until="You can change or cancel online until {moment}.",
        changes_over="It can no longer be changed online.",
        all_dates="All dates of your series",
        series_hint="“Add to calendar” has them all, “{label}” is for {moment}. To change another date, {contact}.",
        call="call {phone}",
        reply="reply to this mail",
        questions_call="Questions? Call {phone}, or reply to this mail.",
        questions_reply="Questions? Reply to this mail.",
        because_booked="You get this mail because you booked with {studio}.",
        because_two="You get this mail because a visit for two was booked for you with {studio}.",
        because_asked="You get this mail because you asked {studio} for an appointment.",
        because_asked_for_two="You get this mail because somebody asked {studio} for a visit for two with you.",
        because_waiting="You get this mail because you are on the waitlist of {studio}.",
        because_said_no="{studio} gets this mail when a guest’s calendar says no to an invite.",
        see_it="See the appointment",
        a_guest="A guest",
        because_studio="This is the summary of the day for {studio}. When it comes is set in the rules of the admin.",
        price_pattern="{sign}{amount}",
        decimal_point=".",
        answer_by="answer by {until}",
        kinds={
            "confirmation": "confirmation",
            "rescheduled": "new time",
            "relocated": "new address",
            "cancelled": "cancellation",
            "reminder": "reminder",
            "follow-up": "follow-up",
            "request-received": "request received",
            "declined": "request declined",
            "waitlist-offer": "waitlist offer",
            "cancel-link": "link to cancel",
            "declined-invite": "a no in a calendar",
        },
    ),
    "de": Phrases(
        when="Wann",
        what="Was",
        extras="Dazu",
        therapists="Mit",
        where="Wo",
        price="Preis",
        each="je Termin",
        reference="Terminnummer",
        reviewed="Geprüft",
        how_sure="Wie sicher ist das?",
        no_more_tips="Keine Tipps mehr",
        mail_settings="E-Mail-Einstellungen",
        add_to_calendar="In den Kalender",
        change_or_cancel="Verschieben oder absagen",
        changes_until="Online verschieben oder absagen können Sie bis {moment}.",
        changes_over="Online ist keine Änderung mehr möglich.",
        all_dates="Alle Termine Ihrer Serie",
        series_hint="„In den Kalender“ übernimmt alle, „{label}“ gilt für {moment}. "
        "Um einen anderen Termin zu ändern, {contact}.",
        call="rufen Sie uns bitte an: {phone}",
        reply="antworten Sie bitte auf diese E-Mail",
        questions_call="Fragen? Rufen Sie uns an unter {phone} oder antworten Sie auf diese E-Mail.",
        questions_reply="Fragen? Antworten Sie einfach auf diese E-Mail.",
        because_booked="Sie erhalten diese E-Mail, weil Sie bei {studio} gebucht haben.",
        because_two="Sie erhalten diese E-Mail, weil bei {studio} ein Termin zu zweit für Sie gebucht wurde.",
        because_asked="Sie erhalten diese E-Mail, weil Sie bei {studio} einen Termin angefragt haben.",
        because_asked_for_two="Sie erhalten diese E-Mail, weil bei {studio} ein Termin zu zweit mit Ihnen angefragt "
        "wurde.",
        because_waiting="Sie erhalten diese E-Mail, weil Sie auf der Warteliste von {studio} stehen.",
        because_said_no="{studio} erhält diese E-Mail, wenn der Kalender eines Gastes eine Einladung ablehnt.",
        see_it="Termin ansehen",
        a_guest="Ein Gast",
        because_studio="Dies ist die Tagesübersicht für {studio}. Wann sie kommt, steht in den Regeln der Verwaltung.",
        price_pattern="{amount} {sign}",
        decimal_point=",",
        answer_by="Antwort bis {until}",
        kinds={
            "confirmation": "Bestätigung",
            "rescheduled": "neue Zeit",
            "relocated": "neue Adresse",
            "cancelled": "Absage",
            "reminder": "Erinnerung",
            "follow-up": "Nachfrage",
            "request-received": "Anfrage erhalten",
            "declined": "Anfrage abgelehnt",
            "waitlist-offer": "Angebot von der Warteliste",
            "cancel-link": "Link zum Absagen",
            "declined-invite": "Absage im Kalender",
        },
    ),
}
