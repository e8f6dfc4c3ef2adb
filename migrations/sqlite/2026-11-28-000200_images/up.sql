-- Pictures in posts, with their bytes: one action stays one transaction, a backup has them, and what is erased is gone.
-- Whose a picture is stands here only until its post is sent. Those of other servers are links, without bytes.

CREATE TABLE images (
    id BIGINT PRIMARY KEY NOT NULL,
    state TEXT NOT NULL,
    belongs_to BIGINT,
    account_id BIGINT REFERENCES accounts (id),
    position INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    description TEXT NOT NULL,
    url TEXT,
    created_at TIMESTAMP NOT NULL,
    bytes BLOB NOT NULL
);
CREATE INDEX images_belongs_to ON images (belongs_to, state);
CREATE INDEX images_account ON images (account_id);
CREATE INDEX images_waiting ON images (state, created_at);

ALTER TABLE post_versions ADD COLUMN pictures TEXT NOT NULL DEFAULT '';
