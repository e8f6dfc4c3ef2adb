"""What a calendar program shows of a file, as icalendar and recurring-ical-events read it: calendar_file.py FILE.

FILE is {"file": text, "from": day, "until": day}. Printed is each entry between those days: when it begins (UTC), its
title, place and status; and what the reader found wrong with the file.
"""

import json
import sys
from datetime import date, datetime, timezone

import icalendar
import recurring_ical_events

with open(sys.argv[1], encoding="utf-8") as file:
    asked = json.load(file)
calendar = icalendar.Calendar.from_ical(asked["file"])
begin, end = (date.fromisoformat(asked[key]) for key in ("from", "until"))
entries = [
    {
        "starts": event["DTSTART"].dt.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M"),
        "minutes": int((event["DTEND"].dt - event["DTSTART"].dt).total_seconds() // 60),
        "uid": str(event["UID"]),
        "title": str(event["SUMMARY"]),
        "place": str(event.get("LOCATION", "")),
        "status": str(event["STATUS"]),
    }
    for event in recurring_ical_events.of(calendar).between(begin, end)
]
entries.sort(key=lambda entry: entry["starts"])
errors = [str(error) for component in calendar.walk() for error in component.errors]
zones = [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")]
# The zones as the file says them, not as this machine knows them.
clocks = [
    zone.to_tz(lookup_tzid=False).utcoffset(datetime.fromisoformat(at)).total_seconds()
    for zone in calendar.walk("VTIMEZONE")
    for at in asked["clocks"]
]
print(json.dumps({"entries": entries, "errors": errors, "zones": zones, "clocks": clocks}))
