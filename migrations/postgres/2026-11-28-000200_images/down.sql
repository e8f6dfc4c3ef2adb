ALTER TABLE post_versions DROP COLUMN pictures;
DROP TABLE images;
