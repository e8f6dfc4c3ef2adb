-- Identity: the keys of integrity proofs, where actors moved and who they were, and keys that were replaced.

-- An Ed25519 key beside each actor's RSA key, here and elsewhere; only what lives here has a private half.
CREATE TABLE proof_keys (
    actor_id BIGINT PRIMARY KEY NOT NULL REFERENCES actors (id),
    key_id TEXT COLLATE "C" NOT NULL,
    public_multibase TEXT COLLATE "C" NOT NULL,
    private_pem TEXT COLLATE "C"
);

-- The other addresses an actor says are its own (alsoKnownAs).
CREATE TABLE aliases (
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    alias TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (actor_id, alias)
);

-- Where an actor moved, and when.
CREATE TABLE moves (
    actor_id BIGINT PRIMARY KEY NOT NULL REFERENCES actors (id),
    target TEXT COLLATE "C" NOT NULL,
    moved_at TIMESTAMP NOT NULL
);

-- The key that was replaced signs the activity that tells of the new one, and nothing else.
CREATE TABLE replaced_keys (
    activity_id BIGINT PRIMARY KEY NOT NULL REFERENCES activities (id) ON DELETE CASCADE,
    private_pem TEXT COLLATE "C" NOT NULL
);

-- Whether only signed requests may read what is public here.
ALTER TABLE server ADD COLUMN authorized_fetch BOOLEAN NOT NULL DEFAULT FALSE;
