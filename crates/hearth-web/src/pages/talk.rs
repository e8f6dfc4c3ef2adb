//! Replies put in order: what answers the post itself, and below it what answers that.

use super::{cards, moderation, report};
use crate::{
    error::Failure,
    viewer::Visit,
    views::{
        SafeHtml,
        parts::Person,
        thread::{Entry, EntryActions, EntryState, Reply},
    },
    words::{When, count_words},
};
use hearth_actions::team;
use hearth_db::{
    DbConn,
    tables::{actors::Actor, posts::Post, reactions, removals},
    views::Authored,
};
use hearth_domain::id::{ActorId, PostId};
use std::collections::{HashMap, HashSet};

/// Deepest chain of answers that is followed upwards; deeper ones stand by themselves.
const DEEPEST: usize = 200;

/// What stands around posts for this reader: what they heard, what was removed, whether they look after the group. How
/// many heard is known of what the reader wrote, and of nothing else.
#[derive(Default)]
pub(crate) struct Around {
    heard: HashSet<PostId>,
    counts: HashMap<PostId, i64>,
    taken_down: Vec<PostId>,
    may_hear: bool,
    cares: bool,
}

impl Around {
    /// Of these posts of a group.
    ///
    /// # Errors
    /// Database errors.
    pub(crate) fn of<'p>(
        visit: &Visit,
        connection: &mut DbConn,
        group: &Actor,
        posts: impl Iterator<Item = &'p Post>,
    ) -> Result<Self, Failure> {
        let (mut all, mut mine) = (Vec::new(), Vec::new());
        for post in posts {
            all.push(post.id);
            if visit.is_mine(post.author_id) {
                mine.push(post.id);
            }
        }
        let taken_down = removals::among(connection, &all)?;
        let Some(me) = &visit.me else { return Ok(Self { taken_down, ..Self::default() }) };
        let own: Vec<ActorId> = me.personas.iter().map(|persona| persona.id).collect();
        Ok(Self {
            heard: reactions::heard(connection, &all, &own)?,
            counts: reactions::counts(connection, &mine)?,
            taken_down,
            may_hear: moderation::voice(visit, connection, group.id)?.is_some(),
            cares: team::looks_after(connection, me.account.id, group)?,
        })
    }
}

/// How replies are shown.
pub(crate) struct Talk<'a> {
    /// What stands around them.
    pub(crate) around: &'a Around,
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
        let there = post.deleted_at.is_none();
        let mine = post.local && post.deleted_at.is_none() && self.visit.is_mine(author.id);
        let state = match post.deleted_at {
            None => EntryState::Shown(SafeHtml(post.content_html.clone())),
            Some(_) if self.around.taken_down.contains(&post.id) => EntryState::TakenDown,
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
                hear: (self.around.may_hear && there && !mine).then(|| self.around.heard.contains(&post.id)),
                heard_words: self.heard_words(post.id),
                report_href: Some(format!("{}/report", report::href(post)))
                    .filter(|_| self.visit.me.is_some() && there && !mine),
                care_href: Some(format!("{}/care", report::href(post))).filter(|_| self.around.cares),
                reply: self.may_reply && post.deleted_at.is_none(),
                edit: mine,
                delete: mine,
            },
            state,
        }
    }

    /// For the author alone: "7 people heard you".
    fn heard_words(&self, post: PostId) -> String {
        match self.around.counts.get(&post).copied().and_then(|count| u64::try_from(count).ok()) {
            None | Some(0) => String::new(),
            Some(count) => format!("{} heard you", count_words(count, "person", "people")),
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
