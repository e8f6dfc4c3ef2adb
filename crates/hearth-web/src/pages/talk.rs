//! Replies put in order: what answers the post itself, and below it what answers that.

use super::cards;
use crate::{
    viewer::Visit,
    views::{
        SafeHtml,
        parts::Person,
        thread::{Entry, EntryActions, EntryState, Reply},
    },
    words::When,
};
use hearth_db::{tables::actors::Actor, tables::posts::Post, views::Authored};
use hearth_domain::id::{ActorId, PostId};
use std::collections::HashMap;

/// Deepest chain of answers that is followed upwards; deeper ones stand by themselves.
const DEEPEST: usize = 200;

/// How replies are shown.
pub(crate) struct Talk<'a> {
    /// Who reads.
    pub(crate) visit: &'a Visit,
    /// Who carries the "Host" label.
    pub(crate) hosts: &'a [ActorId],
    /// Whether the reader may answer, on this page.
    pub(crate) may_reply: bool,
    /// Whether content notes are shown open.
    pub(crate) notes_open: bool,
}

impl Talk<'_> {
    /// One post or reply.
    pub(crate) fn entry(&self, post: &Post, author: &Actor) -> Entry {
        let mine = post.local && post.deleted_at.is_none() && self.visit.is_mine(author.id);
        let state = match post.deleted_at {
            None => EntryState::Shown(SafeHtml(post.content_html.clone())),
            Some(_) if author.local => EntryState::Removed,
            Some(_) => EntryState::GoneElsewhere(author.host.clone()),
        };
        let written = |time: hearth_db::Time| When::written(time.utc(), self.visit.zone(), self.visit.now);
        Entry {
            id: post.id.to_string(),
            href: format!("/{}/{}", if post.is_root() { "p" } else { "n" }, post.id),
            author: Person { host: self.hosts.contains(&author.id), ..cards::person(self.visit, author) },
            when: written(post.published_at),
            edited: post.edited_at.map(|time| format!("edited {}", lower(&written(time).words))).unwrap_or_default(),
            to: String::new(),
            content_note: post.content_note.clone(),
            note_open: self.notes_open,
            may: EntryActions {
                reply: self.may_reply && post.deleted_at.is_none(),
                edit: mine,
                delete: mine,
                ..EntryActions::default()
            },
            state,
        }
    }

    /// All replies, oldest first.
    pub(crate) fn replies(&self, said: &[Authored]) -> Vec<Reply> {
        let by_id: HashMap<PostId, &Authored> = said.iter().map(|one| (one.post.id, one)).collect();
        let mut tops: Vec<Reply> = Vec::new();
        let mut places: HashMap<PostId, usize> = HashMap::new();
        for one in said {
            let top = top_of(&by_id, one.post.id);
            if top == one.post.id {
                places.insert(top, tops.len());
                tops.push(Reply { entry: self.entry(&one.post, &one.author), answers: Vec::new() });
            }
        }
        for one in said {
            let top = top_of(&by_id, one.post.id);
            let place = places.get(&top).and_then(|at| tops.get_mut(*at));
            if let (Some(place), true) = (place, top != one.post.id) {
                let parent = one.post.parent_id.and_then(|id| by_id.get(&id)).filter(|parent| parent.post.id != top);
                let to = parent.map(|parent| parent.author.display_name.clone()).unwrap_or_default();
                place.answers.push(Entry { to, ..self.entry(&one.post, &one.author) });
            }
        }
        tops
    }
}

/// "Friday, 9 pm" inside a sentence keeps its capital, "Today" does not.
pub(crate) fn lower(words: &str) -> String {
    words.replacen("Today", "today", 1).replacen("Yesterday", "yesterday", 1)
}

/// The reply, directly below the post, under which this one stands.
fn top_of(by_id: &HashMap<PostId, &Authored>, id: PostId) -> PostId {
    let mut at = id;
    for _ in 0..DEEPEST {
        match by_id.get(&at).and_then(|one| one.post.parent_id).filter(|parent| by_id.contains_key(parent)) {
            Some(parent) => at = parent,
            None => return at,
        }
    }
    id
}
