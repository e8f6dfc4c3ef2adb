-- What is written now and published later.
-- Nothing here has an id or a time of the post that comes of it.

CREATE TABLE scheduled_posts (
    id BIGINT PRIMARY KEY NOT NULL,
    group_id BIGINT NOT NULL REFERENCES groups (actor_id),
    author_id BIGINT NOT NULL REFERENCES actors (id),
    unnamed BOOLEAN NOT NULL,
    title TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    content_note TEXT COLLATE "C",
    visibility TEXT COLLATE "C" NOT NULL,
    civil_time TEXT COLLATE "C" NOT NULL,
    zone TEXT COLLATE "C" NOT NULL,
    publish_at TIMESTAMP NOT NULL,
    returned TEXT COLLATE "C",
    returned_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX scheduled_posts_due ON scheduled_posts (returned_at, publish_at);
CREATE INDEX scheduled_posts_author ON scheduled_posts (author_id, group_id);
