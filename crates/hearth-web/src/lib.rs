//! The door to people: pages and the JSON API.
