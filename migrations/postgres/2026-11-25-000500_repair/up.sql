-- What is still to be fetched from other servers to know what was missed: of groups that are followed here, of their
-- conversations, and of followers whose inbox is gone. And the relays that the keeper listens to.

CREATE TABLE repairs (
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    url TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    host TEXT COLLATE "C" NOT NULL,
    fallback TEXT COLLATE "C",
    room INTEGER NOT NULL,
    level INTEGER NOT NULL,
    step INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    due_at TIMESTAMP,
    asked_at TIMESTAMP NOT NULL,
    last_result TEXT COLLATE "C",
    PRIMARY KEY (actor_id, url)
);
CREATE INDEX repairs_due ON repairs (due_at);

CREATE TABLE relays (
    actor_id BIGINT PRIMARY KEY NOT NULL REFERENCES actors (id),
    style TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    follow_ap_id TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL
);

-- The language that people here write in, for servers that sort by it.
ALTER TABLE server ADD COLUMN language TEXT COLLATE "C" NOT NULL DEFAULT 'en';
