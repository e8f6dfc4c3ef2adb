ALTER TABLE server DROP COLUMN authorized_fetch;
DROP TABLE replaced_keys;
DROP TABLE moves;
DROP TABLE aliases;
DROP TABLE proof_keys;
