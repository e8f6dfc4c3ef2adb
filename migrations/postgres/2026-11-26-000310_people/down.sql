DROP TABLE fadings;
DROP TABLE quiet_messages;
DROP TABLE quiet_words;
DROP TABLE post_versions;
DROP TABLE blocks;
DROP TABLE mutes;
