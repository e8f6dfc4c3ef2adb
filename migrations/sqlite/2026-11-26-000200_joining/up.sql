-- Coming into a group: what its members agree to, what it asks of those who ask, what was answered, and invitations to it.

-- Every version of what the members of a group agree to; an empty one: there is nothing to agree to any more.
CREATE TABLE agreements (
    group_id BIGINT NOT NULL REFERENCES actors (id),
    version INTEGER NOT NULL,
    source TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (group_id, version)
);
-- Which version a member agreed to last. Goes with the membership.
CREATE TABLE accepted_agreements (
    group_id BIGINT NOT NULL,
    actor_id BIGINT NOT NULL,
    version INTEGER NOT NULL,
    accepted_at TIMESTAMP NOT NULL,
    PRIMARY KEY (group_id, actor_id),
    FOREIGN KEY (group_id, actor_id) REFERENCES memberships (group_id, actor_id) ON DELETE CASCADE
);

-- What a group asks of those who ask to join.
CREATE TABLE join_questions (
    group_id BIGINT NOT NULL REFERENCES actors (id),
    position INTEGER NOT NULL,
    words TEXT NOT NULL,
    PRIMARY KEY (group_id, position)
);
-- Requests of people here, until 30 days after they were decided.
CREATE TABLE join_requests (
    group_id BIGINT NOT NULL REFERENCES actors (id),
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    outcome TEXT NOT NULL,
    note TEXT NOT NULL,
    asked_at TIMESTAMP NOT NULL,
    decided_at TIMESTAMP,
    PRIMARY KEY (group_id, actor_id)
);
CREATE INDEX join_requests_actor ON join_requests (actor_id);
CREATE INDEX join_requests_decided ON join_requests (decided_at);
-- What was asked, and what was answered. Never answered: still to be answered.
CREATE TABLE join_answers (
    group_id BIGINT NOT NULL,
    actor_id BIGINT NOT NULL,
    position INTEGER NOT NULL,
    question TEXT NOT NULL,
    answer TEXT,
    PRIMARY KEY (group_id, actor_id, position),
    FOREIGN KEY (group_id, actor_id) REFERENCES join_requests (group_id, actor_id) ON DELETE CASCADE
);

-- Codes that let somebody into a group.
CREATE TABLE group_invitations (
    id BIGINT PRIMARY KEY NOT NULL,
    group_id BIGINT NOT NULL REFERENCES actors (id),
    code_hash TEXT NOT NULL UNIQUE,
    made_by BIGINT NOT NULL REFERENCES actors (id),
    label TEXT NOT NULL,
    skips_approval BOOLEAN NOT NULL,
    uses_left INTEGER NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX group_invitations_group ON group_invitations (group_id);
-- Who opened an account by such a code, and did not come into the group yet.
CREATE TABLE invitation_passes (
    invitation_id BIGINT NOT NULL REFERENCES group_invitations (id) ON DELETE CASCADE,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    PRIMARY KEY (invitation_id, account_id)
);

-- People of other servers whom a group here invited, until they answer.
CREATE TABLE sent_invites (
    group_id BIGINT NOT NULL REFERENCES actors (id),
    invitee_id BIGINT NOT NULL REFERENCES actors (id),
    inviter_id BIGINT NOT NULL REFERENCES actors (id),
    ap_id TEXT NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (group_id, invitee_id)
);
