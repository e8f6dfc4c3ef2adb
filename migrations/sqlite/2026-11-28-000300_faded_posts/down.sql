DROP TABLE faded_posts;
