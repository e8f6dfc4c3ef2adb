ALTER TABLE server DROP COLUMN followed_by;
DROP TABLE network_meetups;
DROP TABLE followed_servers;
DROP TABLE invites;
ALTER TABLE rsvps DROP COLUMN told;
ALTER TABLE rsvps DROP COLUMN place_in_line;
DROP TABLE event_terms;
DROP INDEX events_companion;
ALTER TABLE events DROP COLUMN companion_ap_id;
