DROP TABLE occurrences;
DROP TABLE event_series;
