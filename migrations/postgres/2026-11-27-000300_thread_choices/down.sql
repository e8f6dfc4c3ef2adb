DROP TABLE thread_choices;
