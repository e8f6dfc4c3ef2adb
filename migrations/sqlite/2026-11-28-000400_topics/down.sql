DROP TABLE post_marks;
UPDATE group_log SET deed = 'card_topics_changed' WHERE deed = 'topics_changed';
DROP INDEX topics_group;
CREATE INDEX card_topics_group ON topics (group_id, place);
ALTER TABLE topics RENAME TO card_topics;
