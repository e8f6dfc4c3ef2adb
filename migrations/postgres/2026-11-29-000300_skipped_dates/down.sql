DROP TABLE skipped_dates;
