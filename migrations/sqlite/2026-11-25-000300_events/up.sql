-- Meetups across servers: the post that stands for a meetup where events are not read, what its hosts chose, the waiting
-- list, invitations, and servers whose meetups are shown here.

-- The post that stands for a meetup on servers that take no events. It is made from the meetup: it has no row.
ALTER TABLE events ADD COLUMN companion_ap_id TEXT;
CREATE UNIQUE INDEX events_companion ON events (companion_ap_id);

-- What the hosts of a meetup that was made here chose. The announcement is the server's own, to servers that follow it.
CREATE TABLE event_terms (
    event_id BIGINT PRIMARY KEY NOT NULL REFERENCES events (id) ON DELETE CASCADE,
    named BOOLEAN NOT NULL,
    address_public BOOLEAN NOT NULL,
    waiting_list BOOLEAN NOT NULL,
    only_here BOOLEAN NOT NULL,
    link_lead INTEGER,
    previous_start TIMESTAMP,
    announce_ap_id TEXT
);

-- The order of the waiting list, and what was already told of the way into the room.
ALTER TABLE rsvps ADD COLUMN place_in_line BIGINT;
ALTER TABLE rsvps ADD COLUMN told TEXT NOT NULL DEFAULT '';

-- Who invited whom from elsewhere.
CREATE TABLE invites (
    id BIGINT PRIMARY KEY NOT NULL,
    ap_id TEXT NOT NULL UNIQUE,
    inviter_id BIGINT NOT NULL REFERENCES actors (id),
    invitee_id BIGINT NOT NULL REFERENCES actors (id),
    object_ap_id TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (invitee_id, object_ap_id)
);
CREATE INDEX invites_inviter ON invites (inviter_id);

-- Servers whose meetups this one shows, and what becomes of those meetups.
CREATE TABLE followed_servers (
    actor_id BIGINT PRIMARY KEY NOT NULL REFERENCES actors (id),
    meetups TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE TABLE network_meetups (
    ap_id TEXT PRIMARY KEY NOT NULL,
    server_id BIGINT NOT NULL REFERENCES followed_servers (actor_id),
    state TEXT NOT NULL,
    title TEXT NOT NULL,
    place TEXT NOT NULL,
    url TEXT NOT NULL,
    starts_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP NOT NULL,
    signer_ap_id TEXT NOT NULL,
    activity_ap_id TEXT NOT NULL,
    activity TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX network_meetups_state ON network_meetups (state, starts_at);

-- Whether a server that wants to follow this one is let in at once, or by a keeper.
ALTER TABLE server ADD COLUMN followed_by TEXT NOT NULL DEFAULT 'asked';
