//! The pages as a browser meets them, on a server of their own with a database in a folder of its own.

mod check_ins;
mod doors;
mod faded;
mod forms;
mod groups;
mod health;
mod joining;
mod library;
mod moderation;
mod people;
mod pictures;
mod planned;
mod reading;
mod room;
mod talk;
mod topics;
mod world;
mod writing;
