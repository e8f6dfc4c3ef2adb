-- Days on which a meetup that comes again is left out, said before that date was announced.

CREATE TABLE skipped_dates (
    series_id BIGINT NOT NULL REFERENCES event_series (id),
    day TEXT NOT NULL,
    PRIMARY KEY (series_id, day)
);
