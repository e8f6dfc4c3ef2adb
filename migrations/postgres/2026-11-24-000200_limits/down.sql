DROP TABLE host_minutes;
DROP TABLE tries;
