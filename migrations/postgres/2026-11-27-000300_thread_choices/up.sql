-- What people want to hear of a conversation: everything, or nothing.

CREATE TABLE thread_choices (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    root_id BIGINT NOT NULL REFERENCES posts (id),
    choice TEXT COLLATE "C" NOT NULL,
    chosen_at TIMESTAMP NOT NULL,
    PRIMARY KEY (account_id, root_id)
);
CREATE INDEX thread_choices_root ON thread_choices (root_id);
