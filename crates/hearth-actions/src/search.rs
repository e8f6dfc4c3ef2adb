//! Searching a group for words, among what its reader may read there.
//!
//! Nothing is indexed: what is searched is what stands there at this moment, so that nothing removed is ever found, and no
//! words lie in a second place. For that, one search looks through a bounded part of the group and says where to go on.
//!
//! Must never find, count or hint at what the reader may not see.

use crate::{Result, markdown};
use hearth_db::{
    DbConn,
    views::{After, Authored, conversation, conversation::Searched, visible::Reader},
};
use hearth_domain::{id::ActorId, note::Folding};

/// Posts and replies that are read at a time.
const PART: i64 = 500;
/// Parts that one search looks through at most.
const PARTS: usize = 10;

/// What was found, newest first.
pub struct Found {
    /// Posts and replies in which each of the words appears.
    pub hits: Vec<Authored>,
    /// Where the search goes on; none when everything was looked through.
    pub next: Option<After>,
}

/// Looks for words in a group, from `after` on towards what is older. No words find nothing.
///
/// # Errors
/// Database errors.
pub fn group(
    connection: &mut DbConn,
    reader: &Reader,
    group: ActorId,
    words: &[String],
    mut after: Option<After>,
    most: usize,
) -> Result<Found> {
    let mut found = Vec::new();
    let mut next = None;
    if words.is_empty() {
        return Ok(Found { hits: Vec::new(), next });
    }
    'parts: for part in 1..=PARTS {
        let rows = conversation::searched(connection, reader, group, after, PART)?;
        let last_part = rows.len() < usize::try_from(PART).unwrap_or_default();
        for row in &rows {
            after = Some(row.at);
            if holds(row, words) {
                found.push(row.at.id);
                if found.len() >= most {
                    next = after;
                    break 'parts;
                }
            }
        }
        if last_part {
            break;
        }
        if part == PARTS {
            next = after;
        }
    }
    let mut hits = conversation::these(connection, &found)?;
    // What somebody chose never to see stays unseen here too.
    hits.retain(|one| reader.folding(&one.post) != Folding::Hidden);
    Ok(Found { hits, next })
}

/// Whether each of the words appears in the words of a post.
fn holds(row: &Searched, words: &[String]) -> bool {
    let head =
        format!("{} {}", row.title.as_deref().unwrap_or_default(), row.content_note.as_deref().unwrap_or_default());
    let head = head.to_lowercase();
    let in_all = |text: &str| words.iter().all(|word| head.contains(word.as_str()) || text.contains(word.as_str()));
    // What was written here is kept as it was typed; of what came from elsewhere only the HTML is. Reading that takes long,
    // so it is done where the words are in it at all.
    if !row.source.is_empty() {
        return in_all(&row.source.to_lowercase());
    }
    in_all(&row.content_html.to_lowercase()) && in_all(&markdown::plain(&row.content_html).to_lowercase())
}
