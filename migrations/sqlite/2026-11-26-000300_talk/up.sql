-- How conversations are held: what a group chose for them, what each member wants folded, and what was written without a
-- name. Only `seals` knows who wrote that; nothing that is shown or sent is read together with it.

CREATE TABLE talk_rules (
    group_id BIGINT PRIMARY KEY NOT NULL REFERENCES groups (actor_id),
    notes TEXT NOT NULL,
    unnamed BOOLEAN NOT NULL,
    fades_after INTEGER
);

CREATE TABLE note_choices (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    group_id BIGINT NOT NULL REFERENCES groups (actor_id),
    topic TEXT NOT NULL,
    choice TEXT NOT NULL,
    PRIMARY KEY (account_id, group_id, topic)
);

CREATE TABLE seals (
    post_id BIGINT PRIMARY KEY NOT NULL REFERENCES posts (id),
    author_id BIGINT NOT NULL REFERENCES actors (id),
    bury_at TIMESTAMP
);
CREATE INDEX seals_author ON seals (author_id);
CREATE INDEX seals_bury ON seals (bury_at);

CREATE TABLE voices (
    post_id BIGINT PRIMARY KEY NOT NULL REFERENCES posts (id),
    voice INTEGER NOT NULL
);
