//! Rows and SQL on SQLite and PostgreSQL.
