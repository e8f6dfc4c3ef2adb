ALTER TABLE server DROP COLUMN language;
DROP TABLE relays;
DROP TABLE repairs;
