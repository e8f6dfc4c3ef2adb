-- How often something was tried or sent lately. In the database, so that several nodes share one count and a restart
-- forgives nothing. Nothing here is older than two hours.

-- `who_hash` is the hash of a network, an account or a sign-in name.
CREATE TABLE tries (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    what TEXT COLLATE "C" NOT NULL,
    who_hash TEXT COLLATE "C" NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX tries_who ON tries (what, who_hash, at);
CREATE INDEX tries_at ON tries (at);

-- What nodes on one database have counted together, by minutes since 1970. A host of '' stands for all of them.
CREATE TABLE host_minutes (
    what TEXT COLLATE "C" NOT NULL,
    host TEXT COLLATE "C" NOT NULL,
    minute BIGINT NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (what, host, minute)
);
