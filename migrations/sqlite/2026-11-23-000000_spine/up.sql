-- The spine: the server, accounts, actors, groups, conversations, meetups, and what travels between servers.
-- Ids are random and made by the program, except for queue rows, which nobody outside ever sees and which keep order.

CREATE TABLE server (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    name TEXT NOT NULL,
    summary TEXT NOT NULL,
    contact TEXT NOT NULL,
    origin TEXT NOT NULL,
    sign_up TEXT NOT NULL,
    exit_url TEXT NOT NULL,
    zone TEXT NOT NULL,
    set_up_at TIMESTAMP NOT NULL
);

CREATE TABLE setup_codes (
    code_hash TEXT PRIMARY KEY NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE helplines (
    id BIGINT PRIMARY KEY NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    about TEXT NOT NULL,
    hours TEXT NOT NULL,
    kind TEXT NOT NULL,
    number TEXT NOT NULL
);

CREATE TABLE accounts (
    id BIGINT PRIMARY KEY NOT NULL,
    sign_in_name TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    email TEXT,
    keeper BOOLEAN NOT NULL,
    state TEXT NOT NULL,
    hello TEXT NOT NULL,
    wanted_name TEXT NOT NULL,
    wanted_display_name TEXT NOT NULL,
    discreet_titles BOOLEAN NOT NULL,
    theme TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE sessions (
    id BIGINT PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    token_hash TEXT NOT NULL UNIQUE,
    device TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX sessions_account ON sessions (account_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE api_tokens (
    id BIGINT PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    token_hash TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    scope TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX api_tokens_account ON api_tokens (account_id);

CREATE TABLE invitations (
    id BIGINT PRIMARY KEY NOT NULL,
    code_hash TEXT NOT NULL UNIQUE,
    made_by BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    uses_left INTEGER NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX invitations_made_by ON invitations (made_by);

CREATE TABLE actors (
    id BIGINT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    ap_id TEXT NOT NULL UNIQUE,
    host TEXT NOT NULL,
    local BOOLEAN NOT NULL,
    name TEXT NOT NULL,
    display_name TEXT NOT NULL,
    summary_source TEXT NOT NULL,
    summary_html TEXT NOT NULL,
    url TEXT NOT NULL,
    inbox TEXT NOT NULL,
    shared_inbox TEXT,
    outbox TEXT,
    followers TEXT,
    public_key_id TEXT NOT NULL,
    public_key_pem TEXT NOT NULL,
    private_key_pem TEXT,
    approves_followers BOOLEAN NOT NULL,
    discoverable BOOLEAN NOT NULL,
    on_network_since TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    fetched_at TIMESTAMP,
    deleted_at TIMESTAMP
);
-- A name is never given twice, not even after its owner is gone.
CREATE UNIQUE INDEX actors_local_name ON actors (name) WHERE local;
CREATE INDEX actors_host ON actors (host);

CREATE TABLE personas (
    actor_id BIGINT PRIMARY KEY NOT NULL REFERENCES actors (id),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    retired_at TIMESTAMP
);
CREATE INDEX personas_account ON personas (account_id);

CREATE TABLE groups (
    actor_id BIGINT PRIMARY KEY NOT NULL REFERENCES actors (id),
    readable TEXT NOT NULL,
    joining TEXT NOT NULL,
    reach TEXT NOT NULL,
    posting TEXT NOT NULL,
    rhythm TEXT NOT NULL,
    guidelines TEXT NOT NULL
);

CREATE TABLE memberships (
    group_id BIGINT NOT NULL REFERENCES groups (actor_id),
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    role TEXT NOT NULL,
    state TEXT NOT NULL,
    since TIMESTAMP NOT NULL,
    PRIMARY KEY (group_id, actor_id)
);
CREATE INDEX memberships_actor ON memberships (actor_id);

CREATE TABLE follows (
    id BIGINT PRIMARY KEY NOT NULL,
    ap_id TEXT NOT NULL UNIQUE,
    follower_id BIGINT NOT NULL REFERENCES actors (id),
    target_id BIGINT NOT NULL REFERENCES actors (id),
    state TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (follower_id, target_id)
);
CREATE INDEX follows_target ON follows (target_id);

CREATE TABLE events (
    id BIGINT PRIMARY KEY NOT NULL,
    ap_id TEXT NOT NULL UNIQUE,
    local BOOLEAN NOT NULL,
    group_id BIGINT NOT NULL REFERENCES groups (actor_id),
    author_id BIGINT REFERENCES actors (id),
    title TEXT NOT NULL,
    source TEXT NOT NULL,
    content_html TEXT NOT NULL,
    starts_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP NOT NULL,
    civil_start TEXT NOT NULL,
    civil_end TEXT NOT NULL,
    zone TEXT NOT NULL,
    place_kind TEXT NOT NULL,
    area TEXT NOT NULL,
    address TEXT NOT NULL,
    link TEXT NOT NULL,
    access TEXT NOT NULL,
    capacity INTEGER,
    join_mode TEXT NOT NULL,
    external_url TEXT,
    visibility TEXT NOT NULL,
    status TEXT NOT NULL,
    url TEXT NOT NULL,
    published_at TIMESTAMP NOT NULL,
    edited_at TIMESTAMP,
    deleted_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX events_group ON events (group_id, starts_at);
CREATE INDEX events_start ON events (starts_at);
CREATE INDEX events_author ON events (author_id);

CREATE TABLE posts (
    id BIGINT PRIMARY KEY NOT NULL,
    ap_id TEXT NOT NULL UNIQUE,
    local BOOLEAN NOT NULL,
    group_id BIGINT NOT NULL REFERENCES groups (actor_id),
    author_id BIGINT NOT NULL REFERENCES actors (id),
    root_id BIGINT REFERENCES posts (id),
    parent_id BIGINT REFERENCES posts (id),
    event_id BIGINT REFERENCES events (id),
    title TEXT,
    source TEXT NOT NULL,
    content_html TEXT NOT NULL,
    content_note TEXT,
    visibility TEXT NOT NULL,
    url TEXT NOT NULL,
    published_at TIMESTAMP NOT NULL,
    edited_at TIMESTAMP,
    deleted_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX posts_group ON posts (group_id, published_at);
CREATE INDEX posts_root ON posts (root_id, published_at);
CREATE INDEX posts_parent ON posts (parent_id);
CREATE INDEX posts_event ON posts (event_id, published_at);
CREATE INDEX posts_author ON posts (author_id);

CREATE TABLE rsvps (
    id BIGINT PRIMARY KEY NOT NULL,
    event_id BIGINT NOT NULL REFERENCES events (id),
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    answer TEXT NOT NULL,
    note TEXT NOT NULL,
    join_ap_id TEXT NOT NULL,
    instructions TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    UNIQUE (event_id, actor_id)
);
CREATE INDEX rsvps_actor ON rsvps (actor_id);

CREATE TABLE hosts (
    host TEXT PRIMARY KEY NOT NULL,
    software TEXT,
    version TEXT,
    checked_at TIMESTAMP,
    blocked BOOLEAN NOT NULL,
    partner BOOLEAN NOT NULL,
    failures INTEGER NOT NULL,
    next_try_at TIMESTAMP,
    last_ok_at TIMESTAMP,
    last_heard_at TIMESTAMP
);

CREATE TABLE activities (
    id BIGINT PRIMARY KEY NOT NULL,
    ap_id TEXT NOT NULL UNIQUE,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    kind TEXT NOT NULL,
    object_ap_id TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX activities_actor ON activities (actor_id);
CREATE INDEX activities_created ON activities (created_at);

CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    activity_id BIGINT NOT NULL REFERENCES activities (id) ON DELETE CASCADE,
    object_ap_id TEXT NOT NULL,
    host TEXT NOT NULL,
    inbox TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at TIMESTAMP NOT NULL,
    lease_until TIMESTAMP,
    last_result TEXT,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (activity_id, inbox)
);
CREATE INDEX deliveries_due ON deliveries (state, due_at);
CREATE INDEX deliveries_order ON deliveries (host, object_ap_id, id);

CREATE TABLE incoming (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    id_hash TEXT NOT NULL UNIQUE,
    signer_ap_id TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at TIMESTAMP NOT NULL,
    lease_until TIMESTAMP,
    last_result TEXT,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX incoming_due ON incoming (state, due_at);

CREATE TABLE seen_activities (
    id_hash TEXT PRIMARY KEY NOT NULL,
    seen_at TIMESTAMP NOT NULL
);
CREATE INDEX seen_activities_seen ON seen_activities (seen_at);
