//! The pages as a browser meets them, on a server of their own with a database in a folder of its own.

mod doors;
mod forms;
mod groups;
mod health;
mod moderation;
mod reading;
mod room;
mod world;
mod writing;
