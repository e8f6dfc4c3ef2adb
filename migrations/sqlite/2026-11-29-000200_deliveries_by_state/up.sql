-- What is removed, counted or waits is found by its state first. By age alone, each part of a cleaning walked over all
-- that was delivered and may still stay.
DROP INDEX deliveries_age;
CREATE INDEX deliveries_age ON deliveries (state, created_at);
