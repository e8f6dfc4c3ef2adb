//! Replies put in order: what answers the post itself, and below it what answers that.

use super::{cards, moderation, pictures, report};
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
use hearth_actions::{seal, team};
use hearth_db::{
    DbConn,
    tables::{actors::Actor, images, posts::Post, reactions, removals, voices},
    views::Authored,
};
use hearth_domain::{
    deed::{self, Deed},
    id::{ActorId, PostId},
    note::Folding,
};
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
    may_keep: bool,
    cares: bool,
    /// What the reader wrote without a name.
    sealed: HashSet<PostId>,
    voices: HashMap<PostId, i32>,
    /// The posts that have pictures, with those below their text.
    pictured: HashMap<PostId, SafeHtml>,
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
        let sealed = match &visit.me {
            Some(me) => seal::own(connection, me.account.id)?,
            None => HashSet::new(),
        };
        let (mut all, mut mine, mut texts) = (Vec::new(), Vec::new(), HashMap::new());
        for post in posts {
            all.push(post.id);
            texts.insert(post.id, post.content_html.as_str());
            if visit.is_mine(post.author_id) || sealed.contains(&post.id) {
                mine.push(post.id);
            }
        }
        let taken_down = removals::among(connection, &all)?;
        let voices = voices::of(connection, &all)?;
        let mut pictured = HashMap::new();
        for (id, below) in images::of_posts(connection, &all)? {
            let text = texts.get(&id).copied().unwrap_or_default();
            pictured.insert(id, pictures::below(text, &below)?);
        }
        let Some(me) = &visit.me else { return Ok(Self { taken_down, voices, pictured, ..Self::default() }) };
        let own: Vec<ActorId> = me.personas.iter().map(|persona| persona.id).collect();
        Ok(Self {
            heard: reactions::heard(connection, &all, &own)?,
            counts: reactions::counts(connection, &mine)?,
            taken_down,
            may_hear: moderation::voice(visit, connection, group.id)?.is_some(),
            may_keep: group.local && deed::may(visit.reader.standing(group.id), Deed::KeepCards).is_ok(),
            cares: team::looks_after(connection, me.account.id, group)?,
            sealed,
            voices,
            pictured,
        })
    }

    /// The text of a post, with its pictures.
    fn text(&self, post: &Post) -> SafeHtml {
        self.pictured.get(&post.id).cloned().unwrap_or_else(|| SafeHtml(post.content_html.clone()))
    }

    /// The name of whoever wrote something, where others stand for them: always the same one in a conversation.
    fn name(&self, post: PostId, author: &Actor) -> String {
        match self.voices.get(&post) {
            None | Some(..=1) => cards::shown_name(author),
            Some(2) => "Someone else".to_owned(),
            Some(voice) => format!("Someone else ({voice})"),
        }
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
    /// The group's page.
    pub(crate) group_href: &'a str,
}

impl Talk<'_> {
    /// One post or reply.
    pub(crate) fn entry(&self, post: &Post, author: &Actor) -> Entry {
        let there = post.deleted_at.is_none();
        let wrote = self.visit.is_mine(author.id) || self.around.sealed.contains(&post.id);
        let mine = post.local && post.deleted_at.is_none() && wrote;
        let folding = self.visit.reader.folding(post);
        let state = match post.deleted_at {
            None if folding == Folding::Hidden && !post.is_root() && !mine => {
                EntryState::LeftOut(format!("{}/notes", self.group_href))
            }
            None => EntryState::Shown(self.around.text(post)),
            Some(_) if self.around.taken_down.contains(&post.id) => EntryState::TakenDown,
            Some(_) if author.local => EntryState::Removed,
            Some(_) => EntryState::GoneElsewhere(author.host.clone()),
        };
        let written = |time: hearth_db::Time| When::written(time.utc(), self.visit.zone(), self.visit.now);
        Entry {
            id: post.id.to_string(),
            href: format!("/{}/{}", if post.is_root() { "p" } else { "n" }, post.id),
            author: Person {
                host: self.hosts.contains(&author.id),
                name: self.around.name(post.id, author),
                ..cards::person(self.visit, author)
            },
            when: written(post.published_at),
            edited: post.edited_at.map(|time| format!("edited {}", lower(&written(time).words))).unwrap_or_default(),
            to: String::new(),
            content_note: post.content_note.clone(),
            note_open: self.notes_open || folding == Folding::Open,
            may: EntryActions {
                hear: (self.around.may_hear && there && !mine).then(|| self.around.heard.contains(&post.id)),
                heard_words: self.heard_words(post.id),
                report_href: Some(format!("{}/report", report::href(post)))
                    .filter(|_| self.visit.me.is_some() && there && !mine),
                person_href: Some(format!("{}/person", report::href(post)))
                    .filter(|_| self.visit.me.is_some() && there && !wrote && !seal::stands_for_others(author)),
                card_href: Some(format!("{}/card", report::href(post)))
                    .filter(|_| self.around.may_keep && there && post.local),
                history_href: Some(format!("{}/history", report::href(post)))
                    .filter(|_| mine && post.edited_at.is_some()),
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
                let to = parent.map(|parent| self.around.name(parent.post.id, &parent.author)).unwrap_or_default();
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
