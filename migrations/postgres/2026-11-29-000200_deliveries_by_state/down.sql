DROP INDEX deliveries_age;
CREATE INDEX deliveries_age ON deliveries (created_at);
