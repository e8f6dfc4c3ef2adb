-- What is remembered of servers that do not answer, and of how they like their signatures.
ALTER TABLE hosts ADD COLUMN failing_since TIMESTAMP;
ALTER TABLE hosts ADD COLUMN asleep_since TIMESTAMP;
ALTER TABLE hosts ADD COLUMN signature_scheme TEXT;

-- Only what waits is looked for: the rows that are done need no index.
DROP INDEX deliveries_due;
DROP INDEX deliveries_order;
CREATE INDEX deliveries_waiting ON deliveries (host, id) WHERE state IN ('ready', 'leased');
CREATE INDEX deliveries_order ON deliveries (host, object_ap_id, id) WHERE state IN ('ready', 'leased');
CREATE INDEX deliveries_flying ON deliveries (host, lease_until) WHERE state = 'leased';
CREATE INDEX deliveries_age ON deliveries (created_at);
CREATE INDEX deliveries_activity ON deliveries (activity_id) WHERE state IN ('ready', 'leased');

-- A million of these are kept for a month: no second copy of the key, no index for the one purge a day.
ALTER TABLE seen_activities RENAME TO seen_activities_before;
CREATE TABLE seen_activities (
    id_hash TEXT PRIMARY KEY NOT NULL,
    seen_at TIMESTAMP NOT NULL
) WITHOUT ROWID;
INSERT INTO seen_activities SELECT id_hash, seen_at FROM seen_activities_before;
DROP TABLE seen_activities_before;
