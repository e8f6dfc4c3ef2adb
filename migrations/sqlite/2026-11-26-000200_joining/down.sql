DROP TABLE sent_invites;
DROP TABLE invitation_passes;
DROP TABLE group_invitations;
DROP TABLE join_answers;
DROP TABLE join_requests;
DROP TABLE join_questions;
DROP TABLE accepted_agreements;
DROP TABLE agreements;
