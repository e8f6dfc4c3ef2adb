//! The API from outside, on a temporary SQLite file, with a clock that stands still.

mod access;
mod check_in;
mod input;
mod people;
mod reading;
mod routes;
mod world;
