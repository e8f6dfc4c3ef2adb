//! Writing: a new conversation, a reply, changing and deleting what one wrote.

use super::{
    cards, held,
    pictures::{self, Before},
    scheduled, thread, topics,
};
use crate::{
    answer::Answer,
    error::{Failure, nothing},
    protect::FormNonce,
    sent::Sent,
    submit::{Flaws, Form, draft, submit},
    upload::Upload,
    viewer::{Shown, Visit},
    views::{
        library::PostDeletePage,
        parts::Choice,
        shell::Nav,
        thread::{PostForm as Kind, PostFormPage, PostValues, Unnamed},
    },
};
use hearth_actions::{
    ActionError, card,
    post::{self, Answering, PostForm},
    seal,
};
use hearth_db::{
    DbConn,
    tables::{
        actors::Actor,
        events,
        groups::{self, Group},
        posts::Thread,
        talk_rules,
    },
};
use hearth_domain::{
    Denied,
    audience::Visibility,
    id::{ActorId, EventId, PostId},
    permission,
    seal::Spoken,
};

/// The fields of the action, and what the page calls them.
pub(crate) const NAMES: [(&str, &str); 4] =
    [("text", "body"), ("content_note", "note"), ("visibility", "see"), ("persona", "as")];

/// The fields that make a post this one and not another.
const WORDS: [&str; 9] = ["title", "body", "note", "see", "as", "unnamed", "to", "date", "time"];

/// Who can see a new thing of this group: the values of `see`, each with its sentence. What only members see can be
/// written by members, since they alone could read it again.
pub(crate) fn audiences(visit: &Visit, actor: &Actor, row: &Group) -> Vec<Choice> {
    let member = visit.reader.standing(actor.id).is_member();
    let fits = |chosen: &&Visibility| match chosen {
        Visibility::Public => row.settings().is_public(),
        Visibility::Members => member && actor.local,
    };
    let choice = |chosen: &Visibility| {
        let shown = cards::visibility(row, *chosen);
        Choice { value: chosen.as_str().to_owned(), words: shown.short().to_owned(), hint: shown.more().to_owned() }
    };
    Visibility::ALL.iter().filter(fits).map(choice).collect()
}

/// What was typed, for the action. A form sent twice with the same words makes one post.
pub(crate) fn typed(sent: &Sent, nonce: FormNonce) -> PostForm {
    let images = pictures::typed(sent);
    let mut words: Vec<&str> = WORDS.map(|name| sent.get(name)).into();
    words.extend(images.iter().flatten().flat_map(|image| [image.id.as_str(), image.description.as_str()]));
    let chosen = topics::typed(sent);
    words.extend(chosen.iter().flatten().map(String::as_str));
    let id = PostId::try_from(draft(nonce, &words)).map(|id| id.to_string()).unwrap_or_default();
    PostForm {
        title: sent.text("title"),
        text: sent.text("body"),
        content_note: sent.text("note"),
        visibility: sent.text("see"),
        persona: sent.text("as"),
        unnamed: sent.text("unnamed"),
        draft: id,
        images,
        topics: chosen,
    }
}

/// Whether the reader can write without their name, in a new conversation or in this one.
pub(crate) fn unnamed(
    visit: &Visit,
    connection: &mut DbConn,
    group: &Actor,
    thread: Option<Thread>,
    sent: &Sent,
) -> Result<Unnamed, Failure> {
    let Some(me) = &visit.me else { return Ok(Unnamed::default()) };
    let before = match thread {
        Some(thread) => seal::spoken(connection, me.account.id, thread)?,
        None => None,
    };
    Ok(match before {
        Some(Spoken::Unnamed) => Unnamed { always: true, ..Unnamed::default() },
        Some(Spoken::Named) => Unnamed::default(),
        None => Unnamed {
            offered: seal::may_be_unnamed(connection, group, visit.reader.standing(group.id))?,
            ticked: sent.get("unnamed") == "yes",
            always: false,
        },
    })
}

/// The topics a group suggests for content notes.
pub(crate) fn notes(connection: &mut DbConn, group: ActorId) -> Result<Vec<String>, Failure> {
    Ok(talk_rules::of(connection, group)?.topics().map(str::to_owned).collect())
}

// A new conversation

pub(crate) async fn new(visit: Visit) -> Answer {
    visit.show(|visit| new_form(visit, visit.part("name"), &Sent::default(), Flaws::none())).await
}

pub(crate) async fn take_new(visit: Visit, upload: Upload) -> Answer {
    let sent = upload.read(&visit).await;
    let name = visit.part("name").to_owned();
    submit(visit, sent, New { name }).await
}

struct New {
    name: String,
}

impl Form for New {
    const PICTURES: bool = true;

    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        new_form(visit, &self.name, sent, flaws)
    }
    fn act(&self, visit: &Visit, sent: &Sent, nonce: FormNonce) -> Shown {
        let (actor, _) = visit.read(|c| cards::find_group(visit, c, &self.name))?;
        if !sent.get("date").is_empty() || !sent.get("time").is_empty() {
            return scheduled::plan(visit, &actor, sent, typed(sent, nonce));
        }
        let made = post::publish(&visit.state.app, visit.account()?, actor.id, &typed(sent, nonce))?;
        let said = if held::waits(visit, made.id)? { "waits" } else { "posted" };
        Ok(Answer::see(&format!("/p/{}?said={said}", made.id)))
    }
}

/// The form of a new conversation.
pub(crate) fn new_form(visit: &Visit, name: &str, sent: &Sent, flaws: Flaws) -> Shown {
    visit.me()?;
    let (actor, row) = visit.read(|c| cards::find_group(visit, c, name))?;
    permission::may_post(row.settings(), visit.reader.standing(actor.id))?;
    let audiences = audiences(visit, &actor, &row);
    let first = audiences.first().map(|choice| choice.value.clone()).unwrap_or_default();
    let values = PostValues {
        title: sent.text("title"),
        body: sent.text("body"),
        note: sent.text("note"),
        see: sent.or("see", &first),
    };
    let action = format!("{}/new", cards::group_href(&actor));
    form_page(visit, &actor, Kind::New, action, audiences, values, (sent, None, Before::None), flaws)
}

#[expect(clippy::too_many_arguments, reason = "the fields of one page")]
pub(crate) fn form_page(
    visit: &Visit,
    group: &Actor,
    kind: Kind,
    action: String,
    audiences: Vec<Choice>,
    values: PostValues,
    (sent, thread, before): (&Sent, Option<Thread>, Before),
    flaws: Flaws,
) -> Shown {
    let flaws = flaws.named(&NAMES);
    let personas = visit.read(|c| cards::personas(visit, c, Some(group.id), sent.get("as")))?;
    let writes = matches!(kind, Kind::New | Kind::Reply | Kind::Planned);
    let pictures = pictures::fields(visit, sent, before)?;
    let later = matches!(kind, Kind::New | Kind::Planned).then(|| scheduled::later(visit, group, sent));
    // The list is the members': who may write without being one leaves the sorting to those who look after the group.
    let begins = matches!(kind, Kind::New | Kind::Edit | Kind::Planned)
        && group.local
        && visit.reader.standing(group.id).is_member();
    let (unnamed, notes, topics) = visit.read(|c| {
        let unnamed = if writes { unnamed(visit, c, group, thread, sent)? } else { Unnamed::default() };
        let topics = if begins { topics::boxes(c, group.id, before.number(), sent)? } else { Vec::new() };
        Ok((unnamed, notes(c, group.id)?, topics))
    })?;
    visit.page(&PostFormPage {
        shell: visit.shell_again("Write", Nav::Groups, flaws.any(), flaws.notice.clone()),
        group_href: cards::group_href(group),
        group_name: group.display_name.clone(),
        group_door: cards::door(group),
        action,
        kind,
        personas,
        unnamed,
        notes,
        topics,
        audiences,
        later,
        preview: if flaws.preview { Some(pictures::preview(&values.body, &pictures)?) } else { None },
        pictures,
        values,
        errors: flaws.errors,
    })
}

// Replies

pub(crate) async fn reply(visit: Visit) -> Answer {
    visit.show(|visit| thread::reply_form(visit, visit.part("id"), &Sent::default(), Flaws::none())).await
}

pub(crate) async fn take_reply(visit: Visit, upload: Upload) -> Answer {
    let sent = upload.read(&visit).await;
    let id = visit.part("id").to_owned();
    submit(visit, sent, ReplyTo { id }).await
}

struct ReplyTo {
    id: String,
}

impl Form for ReplyTo {
    const PICTURES: bool = true;

    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        thread::reply_form(visit, &self.id, sent, flaws)
    }
    fn act(&self, visit: &Visit, sent: &Sent, nonce: FormNonce) -> Shown {
        let to = if sent.get("to").is_empty() { self.id.as_str() } else { sent.get("to") };
        let to = Answering::Post(to.parse()?);
        let made = post::reply(&visit.state.app, visit.account()?, to, &typed(sent, nonce))?;
        replied(visit, &made)
    }
}

fn replied(visit: &Visit, made: &hearth_db::tables::posts::Post) -> Shown {
    if held::waits(visit, made.id)? {
        return Ok(Answer::see(&format!("/n/{}?said=waits", made.id)));
    }
    let place = thread::place_of(made).ok_or_else(nothing)?;
    let place = place.replacen('#', "?said=replied#", 1);
    Ok(Answer::see(&place))
}

pub(crate) async fn reply_to_event(visit: Visit) -> Answer {
    visit.show(|visit| event_reply_form(visit, visit.part("id"), &Sent::default(), Flaws::none())).await
}

pub(crate) async fn take_reply_to_event(visit: Visit, upload: Upload) -> Answer {
    let sent = upload.read(&visit).await;
    let id = visit.part("id").to_owned();
    submit(visit, sent, ReplyToEvent { id }).await
}

struct ReplyToEvent {
    id: String,
}

impl Form for ReplyToEvent {
    const PICTURES: bool = true;

    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        event_reply_form(visit, &self.id, sent, flaws)
    }
    fn act(&self, visit: &Visit, sent: &Sent, nonce: FormNonce) -> Shown {
        let to = Answering::Event(self.id.parse()?);
        let made = post::reply(&visit.state.app, visit.account()?, to, &typed(sent, nonce))?;
        replied(visit, &made)
    }
}

/// The form of a reply to a meetup.
pub(crate) fn event_reply_form(visit: &Visit, id: &str, sent: &Sent, flaws: Flaws) -> Shown {
    visit.me()?;
    let id: EventId = id.parse()?;
    let (event, actor, row) = visit.read(|c| {
        let event = events::by_id(c, id)?.ok_or_else(nothing)?;
        let (actor, row) = groups::with_actor(c, event.group_id)?.ok_or_else(nothing)?;
        if visit.reader.includes(&row, event.visibility) { Ok((event, actor, row)) } else { Err(nothing()) }
    })?;
    if event.deleted_at.is_some() {
        return Err(ActionError::Gone.into());
    }
    permission::may_reply(row.settings(), visit.reader.standing(actor.id))?;
    let values = PostValues { body: sent.text("body"), note: sent.text("note"), ..PostValues::default() };
    let thread = Some(Thread::Event(id));
    form_page(
        visit,
        &actor,
        Kind::Reply,
        format!("/e/{id}/reply"),
        Vec::new(),
        values,
        (sent, thread, Before::None),
        flaws,
    )
}

// Changing and deleting

pub(crate) async fn edit(visit: Visit) -> Answer {
    visit.show(|visit| edit_form(visit, visit.part("id"), &Sent::default(), Flaws::none())).await
}

pub(crate) async fn take_edit(visit: Visit, upload: Upload) -> Answer {
    let sent = upload.read(&visit).await;
    let id = visit.part("id").to_owned();
    submit(visit, sent, Edit { id }).await
}

struct Edit {
    id: String,
}

/// A post or reply that the reader wrote and that is still there.
fn own(visit: &Visit, id: PostId) -> Result<thread::Found, Failure> {
    visit.me()?;
    let found = visit.read(|c| thread::find(visit, c, id))?;
    let sealed = visit.read(|c| Ok(seal::own(c, visit.account()?)?))?;
    if !visit.is_mine(found.post.author_id) && !sealed.contains(&id) {
        return Err(Denied::AuthorOnly.into());
    }
    if found.post.deleted_at.is_some() { Err(ActionError::Gone.into()) } else { Ok(found) }
}

/// The form of a post or reply that is there already.
pub(crate) fn edit_form(visit: &Visit, id: &str, sent: &Sent, flaws: Flaws) -> Shown {
    let found = match held::hidden_words(visit, id.parse()?)? {
        Some((post, group, row)) => thread::Found { post, group, row },
        None => own(visit, id.parse()?)?,
    };
    let before = Before::of(&found);
    let post = found.post;
    let values = PostValues {
        title: sent.or("title", post.title.as_deref().unwrap_or_default()),
        body: sent.or("body", &post.source),
        note: sent.or("note", post.content_note.as_deref().unwrap_or_default()),
        see: String::new(),
    };
    let (kind, place) = if post.is_root() { (Kind::Edit, "p") } else { (Kind::EditReply, "n") };
    let action = format!("/{place}/{}/edit", post.id);
    form_page(visit, &found.group, kind, action, Vec::new(), values, (sent, None, before), flaws)
}

impl Form for Edit {
    const PICTURES: bool = true;

    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        edit_form(visit, &self.id, sent, flaws)
    }
    fn act(&self, visit: &Visit, sent: &Sent, nonce: FormNonce) -> Shown {
        let done = post::edit(&visit.state.app, visit.account()?, self.id.parse()?, &typed(sent, nonce))?;
        if held::waits(visit, done.id)? {
            let place = if done.is_root() { "p" } else { "n" };
            return Ok(Answer::see(&format!("/{place}/{}?said=waits", done.id)));
        }
        Ok(Answer::see(&thread::place_of(&done).ok_or_else(nothing)?))
    }
}

pub(crate) async fn ask_delete(visit: Visit) -> Answer {
    let id = visit.part("id").to_owned();
    visit.show(move |visit| Delete { id }.show(visit, &Sent::default(), Flaws::none())).await
}

pub(crate) async fn delete(visit: Visit, sent: Sent) -> Answer {
    let id = visit.part("id").to_owned();
    submit(visit, sent, Delete { id }).await
}

struct Delete {
    id: String,
}

impl Form for Delete {
    fn show(&self, visit: &Visit, _: &Sent, flaws: Flaws) -> Shown {
        let post = own(visit, self.id.parse()?)?.post;
        let (what, place) = if post.is_root() { ("post", "p") } else { ("reply", "n") };
        let has_cards = visit.read(|c| {
            let own = card::own_ids(c, visit.account()?)?.into_iter().collect::<Vec<_>>();
            Ok(hearth_db::tables::cards::by_ids(c, &own)?.iter().any(|card| card.group_id == post.group_id))
        })?;
        visit.page(&PostDeletePage {
            shell: visit.shell_again("Delete", Nav::Groups, flaws.any(), flaws.notice),
            what,
            action: format!("/{place}/{}/delete", post.id),
            back: thread::place_of(&post).unwrap_or_default(),
            has_cards,
        })
    }
    fn act(&self, visit: &Visit, _: &Sent, _: FormNonce) -> Shown {
        let done = post::delete(&visit.state.app, visit.account()?, self.id.parse()?)?;
        let place = match (done.is_root(), thread::place_of(&done)) {
            (false, Some(place)) => place.replacen('#', "?said=removed#", 1),
            _ => {
                let (group, _) = visit.read(|c| Ok(groups::with_actor(c, done.group_id)?))?.ok_or_else(nothing)?;
                format!("{}?said=removed", cards::group_href(&group))
            }
        };
        Ok(Answer::see(&place))
    }
}
