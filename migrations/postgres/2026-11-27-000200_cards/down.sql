DROP TABLE card_requests;
DROP TABLE card_marks;
DROP TABLE card_topics;
DROP TABLE card_owners;
DROP TABLE cards;
