ALTER TABLE hosts DROP COLUMN may_hold_private;
DROP TABLE membership_requests;
