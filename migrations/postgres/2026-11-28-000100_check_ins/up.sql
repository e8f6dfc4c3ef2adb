-- Posts that open by themselves, every week or month.
-- Which post came of one last is kept, to lead there; that post knows nothing of it.

CREATE TABLE check_ins (
    id BIGINT PRIMARY KEY NOT NULL,
    group_id BIGINT NOT NULL REFERENCES groups (actor_id),
    author_id BIGINT REFERENCES actors (id),
    title TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    content_note TEXT COLLATE "C",
    visibility TEXT COLLATE "C" NOT NULL,
    rule TEXT COLLATE "C" NOT NULL,
    civil_time TEXT COLLATE "C" NOT NULL,
    zone TEXT COLLATE "C" NOT NULL,
    next_at TIMESTAMP NOT NULL,
    rest TEXT COLLATE "C",
    rests_since TIMESTAMP,
    post_id BIGINT REFERENCES posts (id),
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX check_ins_due ON check_ins (rests_since, next_at);
CREATE INDEX check_ins_group ON check_ins (group_id);
CREATE INDEX check_ins_author ON check_ins (author_id);
CREATE INDEX check_ins_post ON check_ins (post_id);
