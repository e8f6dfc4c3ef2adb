//! What is left of something that was deleted (profile 3.3); served with status 410.
//!
//! Must never carry text, title or author of what was there.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use url::Url;

use crate::context::top_level;
use crate::write::wire_time;

/// `Tombstone` as a top-level document. `former_type` is `Page`, `Note`, `Event`, `Person` or `Group`.
pub fn tombstone(id: &Url, former_type: &str, deleted: DateTime<Utc>) -> Value {
    top_level(json!({
        "id": id,
        "type": "Tombstone",
        "formerType": former_type,
        "deleted": wire_time(deleted),
    }))
}

#[cfg(test)]
mod tests {
    use crate::samples;

    #[test]
    fn a_tombstone() {
        insta::assert_json_snapshot!("tombstone", samples::tombstone());
    }
}
