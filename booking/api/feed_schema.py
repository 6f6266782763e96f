"""The calendar feed in the schema: a plain view serves it (web.views.feeds), which drf-spectacular does not look at."""

from typing import Any

ADDRESS = "/api/v1/calendars/{secret}.ics"
FEED = {
    "get": {
        "operationId": "read_calendar",
        "description": "A therapist's, a location's or a client's own calendar. Unchanged: 304 for If-None-Match.",
        "parameters": [
            {"in": "path", "name": "secret", "required": True, "schema": {"type": "string"}},
            {"in": "header", "name": "If-None-Match", "schema": {"type": "string"}},
        ],
        "tags": ["calendars"],
        "security": [{}],
        "responses": {
            "200": {
                "description": "text/calendar, without METHOD",
                "headers": {"ETag": {"schema": {"type": "string"}}, "Last-Modified": {"schema": {"type": "string"}}},
                "content": {"text/calendar": {"schema": {"type": "string"}}},
            },
            "304": {"description": "It has not changed."},
            "404": {
                "description": "No such calendar, or it was ended.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        },
    }
}


def with_feed(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the feed to a finished schema, in the order of addresses."""
    result["paths"] = dict(sorted([*result["paths"].items(), (ADDRESS, FEED)]))
    return result
