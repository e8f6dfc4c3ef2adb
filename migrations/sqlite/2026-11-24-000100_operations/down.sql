DROP TABLE delivery_hours;
DROP TABLE incidents;
DROP TABLE jobs;
