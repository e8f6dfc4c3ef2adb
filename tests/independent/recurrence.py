"""The dates of series, as python-dateutil and Python's own zones have them: recurrence.py FILE.

FILE is {"plans": [{"rule": RRULE, "first": civil time, "zone": IANA name, "until": day}]}. Printed are the edition of the
zones, and of each plan every date: the time of the clock that the rule gives, and the instant.
"""

import json
import sys
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import tzdata
from dateutil.rrule import rrulestr

CIVIL = "%Y-%m-%dT%H:%M"


def dates(plan):
    zone = ZoneInfo(plan["zone"])
    until = plan["until"].replace("-", "") + "T235959"
    rule = rrulestr(f"RRULE:{plan['rule']};UNTIL={until}", dtstart=datetime.strptime(plan["first"], CIVIL))
    return [[at.strftime(CIVIL), instant(at, zone)] for at in rule]


def instant(at, zone):
    return at.replace(tzinfo=zone).astimezone(timezone.utc).strftime(CIVIL)


with open(sys.argv[1], encoding="utf-8") as file:
    plans = json.load(file)["plans"]
print(json.dumps({"zones": tzdata.IANA_VERSION, "dates": [dates(plan) for plan in plans]}))
