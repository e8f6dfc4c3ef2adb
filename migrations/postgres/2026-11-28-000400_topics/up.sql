-- One list of topics in a group, for its cards and its conversations.
ALTER TABLE card_topics RENAME TO topics;
DROP INDEX card_topics_group;
CREATE INDEX topics_group ON topics (group_id, place);
UPDATE group_log SET deed = 'topics_changed' WHERE deed = 'card_topics_changed';

-- A topic of a conversation: of a post, of one that waits under the same number, or of a planned post under its own.
-- What no longer has words loses its marks when the server tidies up.
CREATE TABLE post_marks (
    belongs_to BIGINT NOT NULL,
    topic_id BIGINT NOT NULL REFERENCES topics (id),
    PRIMARY KEY (belongs_to, topic_id)
);
CREATE INDEX post_marks_topic ON post_marks (topic_id, belongs_to);
