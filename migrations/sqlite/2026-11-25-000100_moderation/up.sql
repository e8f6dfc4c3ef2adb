-- Looking after groups: what was removed, closed, pinned and by whom; who is kept out; who looks after groups elsewhere;
-- reports, and who heard whom. People who act are named by their id on the network: they may be of servers that we
-- never met.

CREATE TABLE removals (
    post_id BIGINT PRIMARY KEY NOT NULL REFERENCES posts (id),
    group_id BIGINT NOT NULL REFERENCES groups (actor_id),
    by_ap_id TEXT NOT NULL,
    ap_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    title TEXT,
    source TEXT NOT NULL,
    content_html TEXT NOT NULL,
    content_note TEXT,
    removed_at TIMESTAMP NOT NULL
);
CREATE INDEX removals_group ON removals (group_id, removed_at);
CREATE INDEX removals_at ON removals (removed_at);
CREATE INDEX removals_ap_id ON removals (ap_id);

CREATE TABLE locks (
    post_id BIGINT PRIMARY KEY NOT NULL REFERENCES posts (id),
    by_ap_id TEXT NOT NULL,
    ap_id TEXT NOT NULL,
    locked_at TIMESTAMP NOT NULL
);

CREATE TABLE pins (
    post_id BIGINT PRIMARY KEY NOT NULL REFERENCES posts (id),
    group_id BIGINT NOT NULL REFERENCES groups (actor_id),
    by_ap_id TEXT NOT NULL,
    pinned_at TIMESTAMP NOT NULL
);
CREATE INDEX pins_group ON pins (group_id, pinned_at);

CREATE TABLE bans (
    group_id BIGINT NOT NULL REFERENCES groups (actor_id),
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    by_ap_id TEXT NOT NULL,
    ap_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    banned_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP,
    PRIMARY KEY (group_id, actor_id)
);
CREATE INDEX bans_ends ON bans (ends_at);

CREATE TABLE teams (
    group_id BIGINT PRIMARY KEY NOT NULL REFERENCES groups (actor_id),
    shown BOOLEAN NOT NULL,
    address TEXT,
    featured TEXT,
    read_at TIMESTAMP
);

CREATE TABLE moderators (
    group_id BIGINT NOT NULL REFERENCES groups (actor_id),
    ap_id TEXT NOT NULL,
    PRIMARY KEY (group_id, ap_id)
);
CREATE INDEX moderators_ap_id ON moderators (ap_id);

-- A report of no group is the keepers'.
CREATE TABLE reports (
    id BIGINT PRIMARY KEY NOT NULL,
    group_id BIGINT REFERENCES groups (actor_id),
    about_id BIGINT NOT NULL REFERENCES actors (id),
    reporter_id BIGINT NOT NULL REFERENCES actors (id),
    reason TEXT NOT NULL,
    worried BOOLEAN NOT NULL,
    state TEXT NOT NULL,
    note TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    resolved_at TIMESTAMP
);
CREATE INDEX reports_group ON reports (group_id, state, created_at);
CREATE INDEX reports_reporter ON reports (reporter_id, created_at);
CREATE INDEX reports_resolved ON reports (resolved_at);

CREATE TABLE reported_posts (
    report_id BIGINT NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
    post_id BIGINT NOT NULL REFERENCES posts (id),
    PRIMARY KEY (report_id, post_id)
);
CREATE INDEX reported_posts_post ON reported_posts (post_id);

CREATE TABLE reactions (
    post_id BIGINT NOT NULL REFERENCES posts (id),
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    ap_id TEXT NOT NULL UNIQUE,
    heard_at TIMESTAMP NOT NULL,
    PRIMARY KEY (post_id, actor_id)
);
CREATE INDEX reactions_actor ON reactions (actor_id);
