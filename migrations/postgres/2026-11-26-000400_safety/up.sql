-- Groups as safe places: how a group is looked after, what waits for a person to look, who answers a report and when,
-- what was done and by whom, and what people are told of in the app.
-- The logs hold deeds and ids, never anything that somebody wrote.

ALTER TABLE reports ADD COLUMN kind TEXT COLLATE "C" NOT NULL DEFAULT 'other';
ALTER TABLE reports ADD COLUMN step INTEGER NOT NULL DEFAULT 0;
ALTER TABLE reports ADD COLUMN step_at TIMESTAMP;
ALTER TABLE reports ADD COLUMN asked_id BIGINT;
ALTER TABLE reports ADD COLUMN taken_by BIGINT;
ALTER TABLE reports ADD COLUMN taken_at TIMESTAMP;
CREATE INDEX reports_state ON reports (state, step_at);

ALTER TABLE removals ADD COLUMN kind TEXT COLLATE "C" NOT NULL DEFAULT 'removed';

ALTER TABLE helplines ADD COLUMN region TEXT COLLATE "C" NOT NULL DEFAULT '';

CREATE TABLE group_care (
    group_id BIGINT PRIMARY KEY NOT NULL REFERENCES groups (actor_id),
    first_posts INTEGER NOT NULL,
    answer_hours INTEGER NOT NULL,
    held_words TEXT COLLATE "C" NOT NULL,
    archived_at TIMESTAMP
);

CREATE TABLE held_posts (
    id BIGINT PRIMARY KEY NOT NULL,
    group_id BIGINT NOT NULL REFERENCES groups (actor_id),
    author_id BIGINT NOT NULL REFERENCES actors (id),
    unnamed BOOLEAN NOT NULL,
    root_id BIGINT,
    parent_id BIGINT,
    event_id BIGINT,
    title TEXT COLLATE "C",
    source TEXT COLLATE "C" NOT NULL,
    content_html TEXT COLLATE "C" NOT NULL,
    content_note TEXT COLLATE "C",
    visibility TEXT COLLATE "C" NOT NULL,
    cause TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    edits BOOLEAN NOT NULL,
    answer TEXT COLLATE "C" NOT NULL,
    ap_id TEXT COLLATE "C",
    activity TEXT COLLATE "C",
    created_at TIMESTAMP NOT NULL,
    decided_at TIMESTAMP
);
CREATE INDEX held_posts_group ON held_posts (group_id, state, created_at);
CREATE INDEX held_posts_author ON held_posts (author_id, group_id);
CREATE INDEX held_posts_ap_id ON held_posts (ap_id);

CREATE TABLE house_replies (
    id BIGINT PRIMARY KEY NOT NULL,
    group_id BIGINT NOT NULL REFERENCES groups (actor_id),
    title TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL
);
CREATE INDEX house_replies_group ON house_replies (group_id, title);

CREATE TABLE pauses (
    group_id BIGINT NOT NULL REFERENCES groups (actor_id),
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    paused_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP NOT NULL,
    PRIMARY KEY (group_id, actor_id)
);
CREATE INDEX pauses_ends ON pauses (ends_at);

CREATE TABLE handovers (
    group_id BIGINT PRIMARY KEY NOT NULL REFERENCES groups (actor_id),
    from_id BIGINT NOT NULL REFERENCES actors (id),
    to_id BIGINT NOT NULL REFERENCES actors (id),
    offered_at TIMESTAMP NOT NULL
);

CREATE TABLE emergency_access (
    id BIGINT PRIMARY KEY NOT NULL,
    group_id BIGINT NOT NULL REFERENCES groups (actor_id),
    account_id BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    approved_by BIGINT,
    asked_at TIMESTAMP NOT NULL,
    opens_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP
);
CREATE INDEX emergency_access_account ON emergency_access (account_id, state);
CREATE INDEX emergency_access_group ON emergency_access (group_id, state);

CREATE TABLE group_log (
    id BIGINT PRIMARY KEY NOT NULL,
    group_id BIGINT NOT NULL REFERENCES groups (actor_id),
    deed TEXT COLLATE "C" NOT NULL,
    by_id BIGINT,
    about_id BIGINT,
    post_id BIGINT,
    number INTEGER,
    at TIMESTAMP NOT NULL
);
CREATE INDEX group_log_group ON group_log (group_id, at);
CREATE INDEX group_log_at ON group_log (at);

CREATE TABLE audit_log (
    id BIGINT PRIMARY KEY NOT NULL,
    deed TEXT COLLATE "C" NOT NULL,
    group_id BIGINT,
    account_id BIGINT,
    at TIMESTAMP NOT NULL
);
CREATE INDEX audit_log_at ON audit_log (at);

CREATE TABLE notices (
    id BIGINT PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL,
    persona_id BIGINT,
    kind TEXT COLLATE "C" NOT NULL,
    group_id BIGINT,
    post_id BIGINT,
    event_id BIGINT,
    about_id BIGINT,
    words TEXT COLLATE "C" NOT NULL,
    once TEXT COLLATE "C" UNIQUE,
    created_at TIMESTAMP NOT NULL,
    seen_at TIMESTAMP
);
CREATE INDEX notices_account ON notices (account_id, created_at);
CREATE INDEX notices_at ON notices (created_at);

CREATE TABLE quiet_hours (
    account_id BIGINT PRIMARY KEY NOT NULL,
    from_hour INTEGER NOT NULL,
    until_hour INTEGER NOT NULL
);
