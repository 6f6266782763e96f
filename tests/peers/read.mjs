// Reads a calendar object on standard input with the reader named by the first argument; writes what it says as JSON.
import { readFileSync } from "node:fs";

const seconds = (date) => Math.round(date.getTime() / 1000);
const plain = (value) => (value && typeof value === "object" && "val" in value ? value.val : value);

async function withIcalJs(text) {
  const { default: ICAL } = await import("ical.js");
  const calendar = new ICAL.Component(ICAL.parse(text));
  const component = calendar.getFirstSubcomponent("vevent");
  const event = new ICAL.Event(component);
  const organizer = component.getFirstProperty("organizer");
  const attendee = component.getFirstProperty("attendee");
  return {
    uid: event.uid,
    start: seconds(event.startDate.toJSDate()),
    end: seconds(event.endDate.toJSDate()),
    summary: event.summary,
    description: event.description,
    location: event.location,
    method: calendar.getFirstPropertyValue("method"),
    status: component.getFirstPropertyValue("status"),
    sequence: event.sequence,
    organizer: organizer.getFirstValue(),
    organizer_name: organizer.getParameter("cn"),
    attendee: attendee ? attendee.getFirstValue() : null,
    attendee_name: attendee ? attendee.getParameter("cn") : null,
  };
}

const unquoted = (name) => name.replace(/^"(.*)"$/, "$1");

async function withNodeIcal(text) {
  const { default: ical } = await import("node-ical");
  const parsed = ical.sync.parseICS(text);
  const event = Object.values(parsed).find((part) => part.type === "VEVENT");
  return {
    uid: event.uid,
    start: seconds(event.start),
    end: seconds(event.end),
    summary: plain(event.summary),
    description: plain(event.description),
    location: plain(event.location),
    method: parsed.vcalendar?.method ?? event.method ?? null,
    status: event.status,
    sequence: Number(event.sequence),
    organizer: event.organizer.val,
    organizer_name: unquoted(event.organizer.params.CN),
    attendee: event.attendee ? event.attendee.val : null,
    attendee_name: event.attendee ? unquoted(event.attendee.params.CN) : null,
  };
}

const readers = { "ical.js": withIcalJs, "node-ical": withNodeIcal };
const answer = await readers[process.argv[2]](readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(answer));
