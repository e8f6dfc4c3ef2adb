-- Between people: whom somebody doesn't want to read or to be read by, what somebody wrote before they changed it, quiet
-- words between a member and those who look after a group, and conversations that fade.

CREATE TABLE mutes (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    muted_at TIMESTAMP NOT NULL,
    PRIMARY KEY (account_id, actor_id)
);

CREATE TABLE blocks (
    by_id BIGINT NOT NULL REFERENCES actors (id),
    whom_id BIGINT NOT NULL REFERENCES actors (id),
    ap_id TEXT COLLATE "C" NOT NULL UNIQUE,
    blocked_at TIMESTAMP NOT NULL,
    PRIMARY KEY (by_id, whom_id)
);
CREATE INDEX blocks_whom ON blocks (whom_id);

CREATE TABLE post_versions (
    id BIGINT PRIMARY KEY NOT NULL,
    post_id BIGINT NOT NULL REFERENCES posts (id),
    title TEXT COLLATE "C",
    source TEXT COLLATE "C" NOT NULL,
    content_note TEXT COLLATE "C",
    replaced_at TIMESTAMP NOT NULL
);
CREATE INDEX post_versions_post ON post_versions (post_id, replaced_at);

-- With a member, or through the seal of a post with whoever wrote it.
CREATE TABLE quiet_words (
    id BIGINT PRIMARY KEY NOT NULL,
    group_id BIGINT NOT NULL REFERENCES groups (actor_id),
    member_id BIGINT REFERENCES actors (id),
    post_id BIGINT UNIQUE REFERENCES posts (id),
    changed_at TIMESTAMP NOT NULL
);
CREATE INDEX quiet_words_group ON quiet_words (group_id, changed_at);
CREATE UNIQUE INDEX quiet_words_member ON quiet_words (member_id, group_id);
CREATE INDEX quiet_words_changed ON quiet_words (changed_at);

-- Without an author: the member's own.
CREATE TABLE quiet_messages (
    id BIGINT PRIMARY KEY NOT NULL,
    quiet_word_id BIGINT NOT NULL REFERENCES quiet_words (id),
    author_id BIGINT REFERENCES actors (id),
    body TEXT COLLATE "C" NOT NULL,
    said_at TIMESTAMP NOT NULL
);
CREATE INDEX quiet_messages_word ON quiet_messages (quiet_word_id, said_at);

CREATE TABLE fadings (
    post_id BIGINT PRIMARY KEY NOT NULL REFERENCES posts (id),
    fades_at TIMESTAMP NOT NULL
);
CREATE INDEX fadings_at ON fadings (fades_at);
