-- How the server itself is doing: what ran, what it put right by itself, and how much went out in each hour.
-- Nothing here names a person, a group or anything that was written.

CREATE TABLE jobs (
    name TEXT PRIMARY KEY NOT NULL,
    leased_until TIMESTAMP,
    last_started TIMESTAMP,
    last_finished TIMESTAMP,
    last_result TEXT,
    runs BIGINT NOT NULL
);

CREATE TABLE incidents (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind TEXT NOT NULL,
    host TEXT,
    count BIGINT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX incidents_at ON incidents (at);

CREATE TABLE delivery_hours (
    hour TIMESTAMP PRIMARY KEY NOT NULL,
    delivered BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    waiting BIGINT NOT NULL
);
