-- Meetups that come again: what each says, and how many of their dates were made.
-- Each date is a meetup of its own; which date of which series it is stands beside it.

CREATE TABLE event_series (
    id BIGINT PRIMARY KEY NOT NULL,
    group_id BIGINT NOT NULL REFERENCES groups (actor_id),
    author_id BIGINT REFERENCES actors (id),
    rule TEXT NOT NULL,
    first_start TEXT NOT NULL,
    minutes INTEGER NOT NULL,
    zone TEXT NOT NULL,
    until_day TEXT,
    made INTEGER NOT NULL,
    next_at TIMESTAMP,
    stopped_at TIMESTAMP,
    title TEXT NOT NULL,
    source TEXT NOT NULL,
    place_kind TEXT NOT NULL,
    area TEXT NOT NULL,
    address TEXT NOT NULL,
    link TEXT NOT NULL,
    access TEXT NOT NULL,
    capacity INTEGER,
    join_mode TEXT NOT NULL,
    visibility TEXT NOT NULL,
    named BOOLEAN NOT NULL,
    address_public BOOLEAN NOT NULL,
    waiting_list BOOLEAN NOT NULL,
    only_here BOOLEAN NOT NULL,
    link_lead INTEGER,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX event_series_due ON event_series (next_at);
CREATE INDEX event_series_group ON event_series (group_id);
CREATE INDEX event_series_author ON event_series (author_id);

CREATE TABLE occurrences (
    event_id BIGINT PRIMARY KEY NOT NULL REFERENCES events (id),
    series_id BIGINT NOT NULL REFERENCES event_series (id),
    recurrence_id TEXT NOT NULL,
    UNIQUE (series_id, recurrence_id)
);
