-- What is still to be fetched from other servers to know what was missed: of groups that are followed here, of their
-- conversations, and of followers whose inbox is gone. And the relays that the keeper listens to.

CREATE TABLE repairs (
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    url TEXT NOT NULL,
    kind TEXT NOT NULL,
    host TEXT NOT NULL,
    fallback TEXT,
    room INTEGER NOT NULL,
    level INTEGER NOT NULL,
    step INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    due_at TIMESTAMP,
    asked_at TIMESTAMP NOT NULL,
    last_result TEXT,
    PRIMARY KEY (actor_id, url)
);
CREATE INDEX repairs_due ON repairs (due_at);

CREATE TABLE relays (
    actor_id BIGINT PRIMARY KEY NOT NULL REFERENCES actors (id),
    style TEXT NOT NULL,
    state TEXT NOT NULL,
    follow_ap_id TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

-- The language that people here write in, for servers that sort by it.
ALTER TABLE server ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
