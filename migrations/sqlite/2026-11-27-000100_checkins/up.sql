-- What is written now and published later.
-- Nothing here has an id or a time of the post that comes of it.

CREATE TABLE scheduled_posts (
    id BIGINT PRIMARY KEY NOT NULL,
    group_id BIGINT NOT NULL REFERENCES groups (actor_id),
    author_id BIGINT NOT NULL REFERENCES actors (id),
    unnamed BOOLEAN NOT NULL,
    title TEXT NOT NULL,
    source TEXT NOT NULL,
    content_note TEXT,
    visibility TEXT NOT NULL,
    civil_time TEXT NOT NULL,
    zone TEXT NOT NULL,
    publish_at TIMESTAMP NOT NULL,
    returned TEXT,
    returned_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX scheduled_posts_due ON scheduled_posts (returned_at, publish_at);
CREATE INDEX scheduled_posts_author ON scheduled_posts (author_id, group_id);
