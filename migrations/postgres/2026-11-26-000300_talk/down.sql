DROP TABLE voices;
DROP TABLE seals;
DROP TABLE note_choices;
DROP TABLE talk_rules;
