-- What is remembered of servers that do not answer, and of how they like their signatures.
ALTER TABLE hosts ADD COLUMN failing_since TIMESTAMP;
ALTER TABLE hosts ADD COLUMN asleep_since TIMESTAMP;
ALTER TABLE hosts ADD COLUMN signature_scheme TEXT COLLATE "C";

-- Only what waits is looked for: the rows that are done need no index.
DROP INDEX deliveries_due;
DROP INDEX deliveries_order;
CREATE INDEX deliveries_waiting ON deliveries (host, id) WHERE state IN ('ready', 'leased');
CREATE INDEX deliveries_order ON deliveries (host, object_ap_id, id) WHERE state IN ('ready', 'leased');
CREATE INDEX deliveries_flying ON deliveries (host, lease_until) WHERE state = 'leased';
CREATE INDEX deliveries_age ON deliveries (created_at);
CREATE INDEX deliveries_activity ON deliveries (activity_id) WHERE state IN ('ready', 'leased');

-- A million of these are kept for a month: no index for the one purge a day.
DROP INDEX seen_activities_seen;
