-- The library of a group: what helped, kept from a conversation with its author's consent. Nothing here leads from a card
-- to the post it was: no id, no moment (the month alone is kept) and no order.

CREATE TABLE cards (
    id BIGINT PRIMARY KEY NOT NULL,
    group_id BIGINT NOT NULL REFERENCES groups (actor_id),
    author_id BIGINT REFERENCES actors (id),
    title TEXT NOT NULL,
    source TEXT NOT NULL,
    content_html TEXT NOT NULL,
    content_note TEXT,
    searched TEXT NOT NULL,
    month INTEGER NOT NULL
);
CREATE INDEX cards_group ON cards (group_id, month, id);
CREATE INDEX cards_author ON cards (author_id);

-- Whose a card is, also where it stands without a name: for its owner's own changes, and for nothing that is shown.
CREATE TABLE card_owners (
    card_id BIGINT PRIMARY KEY NOT NULL REFERENCES cards (id),
    owner_id BIGINT NOT NULL REFERENCES actors (id),
    never_named BOOLEAN NOT NULL,
    remove_at TIMESTAMP
);
CREATE INDEX card_owners_owner ON card_owners (owner_id);
CREATE INDEX card_owners_remove ON card_owners (remove_at);

-- The group's own list, and what was proposed for it.
CREATE TABLE card_topics (
    id BIGINT PRIMARY KEY NOT NULL,
    group_id BIGINT NOT NULL REFERENCES groups (actor_id),
    name TEXT NOT NULL,
    place INTEGER NOT NULL,
    listed BOOLEAN NOT NULL
);
CREATE INDEX card_topics_group ON card_topics (group_id, place);

CREATE TABLE card_marks (
    card_id BIGINT NOT NULL REFERENCES cards (id),
    topic_id BIGINT NOT NULL REFERENCES card_topics (id),
    PRIMARY KEY (card_id, topic_id)
);
CREATE INDEX card_marks_topic ON card_marks (topic_id);

-- About which posts an author was asked, or has decided: nobody is asked twice. Not who asked, and not what they said.
CREATE TABLE card_requests (
    post_id BIGINT PRIMARY KEY NOT NULL REFERENCES posts (id),
    answered BOOLEAN NOT NULL
);
