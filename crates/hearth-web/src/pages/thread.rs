//! `/p/{id}`: a conversation; and the way from a reply to its place in it.

use super::{
    cards, check_ins, held,
    pictures::{self, Before},
    talk::{Around, Talk},
    topics,
};
use crate::{
    answer::Answer,
    error::{Failure, nothing},
    sent::Sent,
    submit::Flaws,
    viewer::{Shown, Visit},
    views::{
        parts::{Pager, TopicLink},
        shell::Nav,
        thread::{Composer, ReplyValues, ThreadPage},
    },
    words::date_words,
};
use hearth_actions::{block, conversation::USUAL, moderation, post, repair};
use hearth_db::{
    DbConn,
    tables::{
        actors::{self, Actor},
        events, fadings,
        groups::{self, Group},
        memberships,
        posts::{self, Post},
        thread_choices,
        topics::Topic,
    },
    views::conversation,
};
use hearth_domain::{
    id::{ActorId, EventId, PostId},
    notice::ThreadChoice,
    permission,
};

/// Most replies on a page.
const MOST: i64 = 400;
/// From so many folded replies on, showing all of them is offered.
const MANY_NOTES: usize = 3;

/// A post with what stands around it.
pub(crate) struct Found {
    /// The post or reply.
    pub(crate) post: Post,
    /// The group.
    pub(crate) group: Actor,
    /// Its settings.
    pub(crate) row: Group,
}

/// A post or reply that the reader may see, removed ones too.
///
/// # Errors
/// `NotFound`.
pub(crate) fn find(visit: &Visit, connection: &mut DbConn, id: PostId) -> Result<Found, Failure> {
    let post = posts::by_id(connection, id)?.ok_or_else(nothing)?;
    let (group, row) = groups::with_actor(connection, post.group_id)?.ok_or_else(nothing)?;
    let account = visit.me.as_ref().map(|me| me.account.id);
    if visit.reader.includes(&row, post.visibility) && !block::hides(connection, account, &visit.reader, &post)? {
        Ok(Found { post, group, row })
    } else {
        Err(nothing())
    }
}

pub(crate) async fn show(visit: Visit) -> Answer {
    visit
        .show(|visit| {
            let id: PostId = visit.part("id").parse()?;
            if let Some(meetup) = visit.read(|c| meetup_behind(visit, c, id))? {
                return Ok(Answer::see(&format!("/e/{meetup}")));
            }
            let found = match visit.read(|c| find(visit, c, id)) {
                // What waits is no post yet; its author finds it where it will be.
                Err(_) => return held::own_page(visit, id),
                Ok(found) => found,
            };
            if found.post.deleted_at.is_some()
                && let Some(own) = held::own_hidden(visit, &found.post)?
            {
                return Ok(own);
            }
            if !found.post.is_root() {
                return lead(&found.post);
            }
            if !found.post.local && !found.group.local {
                visit.state.later(move |app| repair::opened(app, id));
            }
            page(visit, id, &Sent::default(), Flaws::none())
        })
        .await
}

/// The meetup that a post of this id stands for on other servers: here it has a page of its own.
fn meetup_behind(visit: &Visit, connection: &mut DbConn, id: PostId) -> Result<Option<EventId>, Failure> {
    let url = visit.site()?.at.post(&id.to_string());
    let event = events::by_any_id(connection, url.as_str())?.filter(|event| event.local);
    Ok(event.map(|event| event.id))
}

/// `/n/{id}`
pub(crate) async fn place(visit: Visit) -> Answer {
    visit
        .show(|visit| {
            let id = visit.part("id").parse()?;
            let post = match visit.read(|c| find(visit, c, id)) {
                Err(_) => return held::own_page(visit, id),
                Ok(found) => found.post,
            };
            match held::own_hidden(visit, &post)? {
                Some(own) if post.deleted_at.is_some() => Ok(own),
                _ => lead(&post),
            }
        })
        .await
}

/// Leads to the place of a post or reply.
fn lead(post: &Post) -> Shown {
    place_of(post).map(|place| Answer::see(&place)).ok_or_else(nothing)
}

/// The place of a post or reply: its conversation, or the meetup it is about.
pub(crate) fn place_of(post: &Post) -> Option<String> {
    match (post.root_id, post.event_id) {
        _ if post.is_root() => Some(format!("/p/{}", post.id)),
        (_, Some(event)) => Some(format!("/e/{event}#n-{}", post.id)),
        (Some(root), None) => Some(format!("/p/{root}#n-{}", post.id)),
        (None, None) => None,
    }
}

/// The conversation that this post or reply is in, with the form for a reply to it.
pub(crate) fn reply_form(visit: &Visit, id: &str, sent: &Sent, flaws: Flaws) -> Shown {
    visit.me()?;
    let id: PostId = id.parse()?;
    let post = visit.read(|c| find(visit, c, id))?.post;
    let root = if post.is_root() { Some(id) } else { post.root_id };
    match (root, post.event_id) {
        (Some(root), None) => page(visit, root, sent, flaws),
        (_, Some(event)) => super::post::event_reply_form(visit, &event.to_string(), sent, flaws),
        (None, None) => Err(nothing()),
    }
}

/// A conversation, with what was typed into its form.
fn page(visit: &Visit, id: PostId, sent: &Sent, flaws: Flaws) -> Shown {
    let flaws = flaws.named(&super::post::NAMES);
    visit.read(|c| {
        let Found { post, group, row } = find(visit, c, id)?;
        let author = actors::by_id(c, post.author_id)?.ok_or_else(nothing)?;
        let hosts = host_ids(c, group.id)?;
        let may_reply = visit.me.is_some()
            && post.deleted_at.is_none()
            && permission::may_reply(row.settings(), visit.reader.standing(group.id)).is_ok();
        let closed = moderation::is_closed(c, &post)?;
        let may_reply = may_reply && !closed;
        let notes_open = visit.asked.reading.notes_open || visit.query("notes") == "open";
        let said = conversation::replies(c, &visit.reader, id, MOST)?;
        let around = Around::of(visit, c, &group, said.iter().map(|one| &one.post).chain([&post]))?;
        let group_href = cards::group_href(&group);
        let talk = Talk { around: &around, visit, hosts: &hosts, may_reply, notes_open, group_href: &group_href };
        let folded = said.iter().filter(|one| one.post.content_note.is_some()).count();
        let live = said.iter().filter(|one| one.post.deleted_at.is_none()).count();
        let root = talk.entry(&post, &author);
        let title = post.title.clone().unwrap_or_else(|| "A removed post".to_owned());
        let composer = if may_reply { Some(composer(visit, c, &group, &row, &post, sent, &flaws)?) } else { None };
        let page = ThreadPage {
            shell: visit.shell_again(&title, Nav::Groups, flaws.any(), flaws.notice.clone()),
            group_href: group_href.clone(),
            group_name: group.display_name.clone(),
            href: format!("/p/{id}"),
            title,
            root,
            visibility: cards::visibility(&row, post.visibility),
            original: cards::page_elsewhere(&post.url).filter(|_| !post.local && post.deleted_at.is_none()),
            reply_count: u64::try_from(live).unwrap_or_default(),
            replies: talk.replies(&said),
            can_open_notes: folded >= MANY_NOTES && !notes_open,
            pager: Pager::default(),
            composer,
            fades: fadings::get(c, id)?.map(|at| date_words(at.utc(), visit.zone(), visit.now)).unwrap_or_default(),
            check_in: check_ins::in_conversation(visit, c, id)?,
            topics: topic_links(c, &group_href, &post)?,
            hears: hears(visit, c, &post)?,
            no_reply_words: no_reply_words(visit, &post, closed).to_owned(),
            help: visit.help_box(),
        };
        let answer = visit.page(&page)?;
        Ok(if post.deleted_at.is_some() { answer.status(410) } else { answer })
    })
}

/// The topics of a conversation that is there.
fn topic_links(connection: &mut DbConn, group: &str, post: &Post) -> Result<Vec<TopicLink>, Failure> {
    if post.deleted_at.is_some() {
        return Ok(Vec::new());
    }
    let link = |topic: Topic| TopicLink { href: topics::href(group, topic.id), name: topic.name, here: false };
    Ok(topics::of_one(connection, post.id.get())?.into_iter().map(link).collect())
}

/// What the reader chose to hear of a conversation, where they can choose.
fn hears(visit: &Visit, connection: &mut DbConn, post: &Post) -> Result<Option<&'static str>, Failure> {
    let Some(me) = visit.me.as_ref().filter(|_| post.deleted_at.is_none()) else { return Ok(None) };
    let chosen = thread_choices::get(connection, me.account.id, post.id)?;
    Ok(Some(chosen.map_or(USUAL, ThreadChoice::as_str)))
}

fn no_reply_words(visit: &Visit, post: &Post, closed: bool) -> &'static str {
    if post.deleted_at.is_some() {
        ""
    } else if closed {
        "This conversation takes no more replies."
    } else if visit.me.is_none() {
        "You can reply once you’re signed in."
    } else {
        "Only members reply here. You can join on the group’s page."
    }
}

/// The names that carry the "Host" label.
pub(crate) fn host_ids(connection: &mut DbConn, group: ActorId) -> Result<Vec<ActorId>, Failure> {
    let rows = memberships::with_roles(connection, group, post::HOLDERS)?;
    Ok(rows.into_iter().map(|(_, actor)| actor.id).collect())
}

fn composer(
    visit: &Visit,
    connection: &mut DbConn,
    group: &Actor,
    row: &Group,
    post: &Post,
    sent: &Sent,
    flaws: &Flaws,
) -> Result<Composer, Failure> {
    let to = sent.or("to", visit.query("to"));
    let to = match to.parse::<PostId>() {
        Ok(id) if id != post.id => answered(visit, connection, post.id, id)?,
        _ => None,
    };
    let fields = pictures::fields(visit, sent, Before::None)?;
    Ok(Composer {
        to,
        personas: cards::personas(visit, connection, Some(group.id), sent.get("as"))?,
        unnamed: super::post::unnamed(visit, connection, group, Some(post.thread()), sent)?,
        notes: super::post::notes(connection, group.id)?,
        visibility: cards::visibility(row, post.visibility),
        values: ReplyValues { body: sent.text("body"), note: sent.text("note") },
        preview: if flaws.preview { Some(pictures::preview(sent.get("body"), &fields)?) } else { None },
        pictures: fields,
        errors: flaws.errors.clone(),
    })
}

/// The reply of this conversation that is answered, and the name of who wrote it.
fn answered(
    visit: &Visit,
    connection: &mut DbConn,
    root: PostId,
    id: PostId,
) -> Result<Option<(String, String)>, Failure> {
    let Ok(found) = find(visit, connection, id) else { return Ok(None) };
    if found.post.root_id != Some(root) || found.post.deleted_at.is_some() {
        return Ok(None);
    }
    let author = actors::by_id(connection, found.post.author_id)?;
    Ok(Some((id.to_string(), author.as_ref().map(cards::shown_name).unwrap_or_default())))
}
