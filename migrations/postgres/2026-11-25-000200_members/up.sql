-- Membership across servers: how somebody asked, for the answer has to name that, and which servers the keeper lets hold
-- what is for members although their software is not known for keeping it so.

CREATE TABLE membership_requests (
    group_id BIGINT NOT NULL,
    actor_id BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    ap_id TEXT COLLATE "C" NOT NULL UNIQUE,
    body TEXT NOT NULL,
    PRIMARY KEY (group_id, actor_id),
    FOREIGN KEY (group_id, actor_id) REFERENCES memberships (group_id, actor_id) ON DELETE CASCADE
);

ALTER TABLE hosts ADD COLUMN may_hold_private BOOLEAN NOT NULL DEFAULT FALSE;
