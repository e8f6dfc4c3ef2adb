-- Posts that open by themselves, every week or month.
-- Which post came of one last is kept, to lead there; that post knows nothing of it.

CREATE TABLE check_ins (
    id BIGINT PRIMARY KEY NOT NULL,
    group_id BIGINT NOT NULL REFERENCES groups (actor_id),
    author_id BIGINT REFERENCES actors (id),
    title TEXT NOT NULL,
    source TEXT NOT NULL,
    content_note TEXT,
    visibility TEXT NOT NULL,
    rule TEXT NOT NULL,
    civil_time TEXT NOT NULL,
    zone TEXT NOT NULL,
    next_at TIMESTAMP NOT NULL,
    rest TEXT,
    rests_since TIMESTAMP,
    post_id BIGINT REFERENCES posts (id),
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX check_ins_due ON check_ins (rests_since, next_at);
CREATE INDEX check_ins_group ON check_ins (group_id);
CREATE INDEX check_ins_author ON check_ins (author_id);
CREATE INDEX check_ins_post ON check_ins (post_id);
