-- What somebody here wrote in conversations that have faded: a copy for nobody but them.

CREATE TABLE faded_posts (
    id BIGINT PRIMARY KEY NOT NULL,
    author_id BIGINT NOT NULL REFERENCES actors (id),
    group_name TEXT COLLATE "C" NOT NULL,
    title TEXT COLLATE "C",
    source TEXT COLLATE "C" NOT NULL,
    content_html TEXT COLLATE "C" NOT NULL,
    content_note TEXT COLLATE "C",
    published_at TIMESTAMP NOT NULL
);
CREATE INDEX faded_posts_author ON faded_posts (author_id, published_at);
