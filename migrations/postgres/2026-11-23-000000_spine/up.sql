-- The spine: the server, accounts, actors, groups, conversations, meetups, and what travels between servers.
-- Ids are random and made by the program, except for queue rows, which nobody outside ever sees and which keep order.
-- Text is collated "C": the order of ids and names never depends on the machine the database runs on.

CREATE TABLE server (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    name TEXT COLLATE "C" NOT NULL,
    summary TEXT COLLATE "C" NOT NULL,
    contact TEXT COLLATE "C" NOT NULL,
    origin TEXT COLLATE "C" NOT NULL,
    sign_up TEXT COLLATE "C" NOT NULL,
    exit_url TEXT COLLATE "C" NOT NULL,
    zone TEXT COLLATE "C" NOT NULL,
    set_up_at TIMESTAMP NOT NULL
);

CREATE TABLE setup_codes (
    code_hash TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE helplines (
    id BIGINT PRIMARY KEY NOT NULL,
    position INTEGER NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    about TEXT COLLATE "C" NOT NULL,
    hours TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    number TEXT COLLATE "C" NOT NULL
);

CREATE TABLE accounts (
    id BIGINT PRIMARY KEY NOT NULL,
    sign_in_name TEXT COLLATE "C" NOT NULL UNIQUE,
    password_hash TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C",
    keeper BOOLEAN NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    hello TEXT COLLATE "C" NOT NULL,
    wanted_name TEXT COLLATE "C" NOT NULL,
    wanted_display_name TEXT COLLATE "C" NOT NULL,
    discreet_titles BOOLEAN NOT NULL,
    theme TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE sessions (
    id BIGINT PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    token_hash TEXT COLLATE "C" NOT NULL UNIQUE,
    device TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX sessions_account ON sessions (account_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE api_tokens (
    id BIGINT PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    token_hash TEXT COLLATE "C" NOT NULL UNIQUE,
    label TEXT COLLATE "C" NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX api_tokens_account ON api_tokens (account_id);

CREATE TABLE invitations (
    id BIGINT PRIMARY KEY NOT NULL,
    code_hash TEXT COLLATE "C" NOT NULL UNIQUE,
    made_by BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    uses_left INTEGER NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX invitations_made_by ON invitations (made_by);

CREATE TABLE actors (
    id BIGINT PRIMARY KEY NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    ap_id TEXT COLLATE "C" NOT NULL UNIQUE,
    host TEXT COLLATE "C" NOT NULL,
    local BOOLEAN NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    display_name TEXT COLLATE "C" NOT NULL,
    summary_source TEXT COLLATE "C" NOT NULL,
    summary_html TEXT COLLATE "C" NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
    inbox TEXT COLLATE "C" NOT NULL,
    shared_inbox TEXT COLLATE "C",
    outbox TEXT COLLATE "C",
    followers TEXT COLLATE "C",
    public_key_id TEXT COLLATE "C" NOT NULL,
    public_key_pem TEXT COLLATE "C" NOT NULL,
    private_key_pem TEXT COLLATE "C",
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
    readable TEXT COLLATE "C" NOT NULL,
    joining TEXT COLLATE "C" NOT NULL,
    reach TEXT COLLATE "C" NOT NULL,
    posting TEXT COLLATE "C" NOT NULL,
    rhythm TEXT COLLATE "C" NOT NULL,
    guidelines TEXT COLLATE "C" NOT NULL
);

CREATE TABLE memberships (
    group_id BIGINT NOT NULL REFERENCES groups (actor_id),
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    role TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    since TIMESTAMP NOT NULL,
    PRIMARY KEY (group_id, actor_id)
);
CREATE INDEX memberships_actor ON memberships (actor_id);

CREATE TABLE follows (
    id BIGINT PRIMARY KEY NOT NULL,
    ap_id TEXT COLLATE "C" NOT NULL UNIQUE,
    follower_id BIGINT NOT NULL REFERENCES actors (id),
    target_id BIGINT NOT NULL REFERENCES actors (id),
    state TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (follower_id, target_id)
);
CREATE INDEX follows_target ON follows (target_id);

CREATE TABLE events (
    id BIGINT PRIMARY KEY NOT NULL,
    ap_id TEXT COLLATE "C" NOT NULL UNIQUE,
    local BOOLEAN NOT NULL,
    group_id BIGINT NOT NULL REFERENCES groups (actor_id),
    author_id BIGINT REFERENCES actors (id),
    title TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    content_html TEXT COLLATE "C" NOT NULL,
    starts_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP NOT NULL,
    civil_start TEXT COLLATE "C" NOT NULL,
    civil_end TEXT COLLATE "C" NOT NULL,
    zone TEXT COLLATE "C" NOT NULL,
    place_kind TEXT COLLATE "C" NOT NULL,
    area TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    link TEXT COLLATE "C" NOT NULL,
    access TEXT COLLATE "C" NOT NULL,
    capacity INTEGER,
    join_mode TEXT COLLATE "C" NOT NULL,
    external_url TEXT COLLATE "C",
    visibility TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
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
    ap_id TEXT COLLATE "C" NOT NULL UNIQUE,
    local BOOLEAN NOT NULL,
    group_id BIGINT NOT NULL REFERENCES groups (actor_id),
    author_id BIGINT NOT NULL REFERENCES actors (id),
    root_id BIGINT REFERENCES posts (id),
    parent_id BIGINT REFERENCES posts (id),
    event_id BIGINT REFERENCES events (id),
    title TEXT COLLATE "C",
    source TEXT COLLATE "C" NOT NULL,
    content_html TEXT COLLATE "C" NOT NULL,
    content_note TEXT COLLATE "C",
    visibility TEXT COLLATE "C" NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
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
    answer TEXT COLLATE "C" NOT NULL,
    note TEXT COLLATE "C" NOT NULL,
    join_ap_id TEXT COLLATE "C" NOT NULL,
    instructions TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    UNIQUE (event_id, actor_id)
);
CREATE INDEX rsvps_actor ON rsvps (actor_id);

CREATE TABLE hosts (
    host TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    software TEXT COLLATE "C",
    version TEXT COLLATE "C",
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
    ap_id TEXT COLLATE "C" NOT NULL UNIQUE,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    kind TEXT COLLATE "C" NOT NULL,
    object_ap_id TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX activities_actor ON activities (actor_id);
CREATE INDEX activities_created ON activities (created_at);

CREATE TABLE deliveries (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    activity_id BIGINT NOT NULL REFERENCES activities (id) ON DELETE CASCADE,
    object_ap_id TEXT COLLATE "C" NOT NULL,
    host TEXT COLLATE "C" NOT NULL,
    inbox TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    attempts INTEGER NOT NULL,
    due_at TIMESTAMP NOT NULL,
    lease_until TIMESTAMP,
    last_result TEXT COLLATE "C",
    created_at TIMESTAMP NOT NULL,
    UNIQUE (activity_id, inbox)
);
CREATE INDEX deliveries_due ON deliveries (state, due_at);
CREATE INDEX deliveries_order ON deliveries (host, object_ap_id, id);

CREATE TABLE incoming (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    id_hash TEXT COLLATE "C" NOT NULL UNIQUE,
    signer_ap_id TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    attempts INTEGER NOT NULL,
    due_at TIMESTAMP NOT NULL,
    lease_until TIMESTAMP,
    last_result TEXT COLLATE "C",
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX incoming_due ON incoming (state, due_at);

CREATE TABLE seen_activities (
    id_hash TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    seen_at TIMESTAMP NOT NULL
);
CREATE INDEX seen_activities_seen ON seen_activities (seen_at);
