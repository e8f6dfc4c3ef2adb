//! Posts that wait for a person to look: the author's own page of one, and the two buttons of who looks.
//!
//! Must never show a waiting post to anybody but its author here; facilitators read it on the group's own page.

use super::{cards, pictures};
use crate::{
    answer::Answer,
    error::{Failure, nothing},
    sent::Sent,
    submit::{Button, submit},
    viewer::{Shown, Visit},
    views::{
        moderation::GroupCarePage,
        parts::Choice,
        safety::{HeldCard, HeldPage},
        shell::Nav,
    },
    words::When,
};
use hearth_actions::{
    care::{self, Words},
    hold, markdown, rephrase,
};
use hearth_db::{
    DbConn,
    tables::{actors, groups, house_replies::HouseReply, images, posts, posts::Post},
};
use hearth_domain::{
    care::{Cause, Waiting},
    id::{ActorId, PostId},
    image::ImageState,
    report::Withheld,
};

/// The page of an own post that waits or was declined; for everybody else there is nothing.
pub(crate) fn own_page(visit: &Visit, id: PostId) -> Shown {
    let account = visit.account().map_err(|_| nothing())?;
    let (held, group, html) = visit.read(|c| {
        let held = hold::own_by_id(c, account, id)?.ok_or_else(nothing)?;
        let group = actors::by_id(c, held.group_id)?.ok_or_else(nothing)?;
        let below = images::of(c, ImageState::Held, id.get())?;
        let html = pictures::below(&held.content_html, &below)?;
        Ok((held, group, html))
    })?;
    let (heading, words) = match (held.state, held.edits) {
        (Waiting::Waiting, false) => (
            "Waiting for a person to look",
            "It is here, and nothing is lost. Somebody who looks after the group reads it first, and shows it or writes to you.",
        ),
        (Waiting::Waiting, true) => (
            "Your new words wait for a person to look",
            "Until then your post stays as it was. Somebody who looks after the group reads them first.",
        ),
        (Waiting::Declined, _) => (
            "This was not shown",
            "You can say it in another way, in a new post. What you wrote stays here for 30 days, for you to copy.",
        ),
    };
    visit.page(&HeldPage {
        shell: visit.shell(heading, Nav::Groups),
        group_href: cards::group_href(&group),
        group_name: group.display_name.clone(),
        heading: heading.to_owned(),
        words: words.to_owned(),
        answer: held.answer,
        title: held.title,
        html,
        edit_href: None,
        take_back: (format!("/p/{id}/take-back"), "Take it back"),
    })
}

/// The page of an own post that was hidden, and that others see no more; `None`: it is no such post.
pub(crate) fn own_hidden(visit: &Visit, post: &Post) -> Result<Option<Answer>, Failure> {
    let Some(me) = &visit.me else { return Ok(None) };
    let found = visit.read(|c| {
        let removal = rephrase::own(c, me.account.id, post)?;
        let waits = hold::own_by_id(c, me.account.id, post.id)?.is_some_and(|held| held.state == Waiting::Waiting);
        let group = actors::by_id(c, post.group_id)?.ok_or_else(nothing)?;
        let below = images::of(c, ImageState::Withheld, post.id.get())?;
        Ok((removal, waits, group, below))
    })?;
    let (Some(removal), waits, group, below) = found else { return Ok(None) };
    if waits {
        return own_page(visit, post.id).map(Some);
    }
    let rephrase = removal.kind == Withheld::Rephrase;
    let (heading, words) = if rephrase {
        (
            "Please say this in other words",
            "Nobody else sees it at the moment. Once you have changed it, it is shown again.",
        )
    } else {
        ("This is hidden", "Nobody else sees it until those who look after the group show it again.")
    };
    let base = super::report::href(post);
    let page = visit.page(&HeldPage {
        shell: visit.shell(heading, Nav::Groups),
        group_href: cards::group_href(&group),
        group_name: group.display_name.clone(),
        heading: heading.to_owned(),
        words: words.to_owned(),
        answer: removal.reason,
        title: removal.title,
        html: pictures::below(&removal.content_html, &below)?,
        edit_href: rephrase.then(|| format!("{base}/edit")),
        take_back: (format!("{base}/delete"), "Delete it"),
    })?;
    Ok(Some(page))
}

/// Whether what was just written waits, for the page that comes after.
pub(crate) fn waits(visit: &Visit, id: PostId) -> Result<bool, Failure> {
    let account = visit.account()?;
    visit.read(|c| Ok(hold::own_by_id(c, account, id)?.is_some()))
}

/// `/p/{id}/take-back`
pub(crate) async fn take_back(visit: Visit, sent: Sent) -> Answer {
    let id = visit.part("id").to_owned();
    let page = format!("/p/{id}");
    let act = move |visit: &Visit, _: &Sent| {
        let account = visit.account()?;
        let id: PostId = id.parse()?;
        let group = visit.read(|c| {
            let held = hold::own_by_id(c, account, id)?.ok_or_else(nothing)?;
            actors::by_id(c, held.group_id)?.ok_or_else(nothing)
        })?;
        hold::take_back(&visit.state.app, account, id)?;
        Ok(Answer::see(&format!("{}?said=taken-back", cards::group_href(&group))))
    };
    submit(visit, sent, Button { page, act }).await
}

/// `/g/{name}/held/{id}`: shown, or not like this.
pub(crate) async fn decide(visit: Visit, sent: Sent) -> Answer {
    let (name, id) = (visit.part("name").to_owned(), visit.part("id").to_owned());
    let page = format!("/g/{name}/care");
    let back = page.clone();
    let act = move |visit: &Visit, sent: &Sent| {
        let (app, account) = (&visit.state.app, visit.account()?);
        let id: PostId = id.parse()?;
        let said = match sent.get("do") {
            "show" => {
                hold::show(app, account, id)?;
                "held-shown"
            }
            "decline" => {
                hold::decline(app, account, id, &words(sent))?;
                "held-declined"
            }
            _ => return Err(Failure::Unreadable("Press one of the buttons on the page.")),
        };
        Ok(Answer::see(&format!("{back}?said={said}")))
    };
    submit(visit, sent, Button { page, act }).await
}

/// What a facilitator says to somebody, from a form.
pub(crate) fn words(sent: &Sent) -> Words {
    Words { house_reply: sent.text("house_reply"), words: sent.text("words") }
}

/// The ready texts of a group, as choices; the first is none of them.
pub(crate) fn choices(replies: &[HouseReply]) -> Vec<Choice> {
    if replies.is_empty() {
        return Vec::new();
    }
    let none = Choice { value: String::new(), words: "None, only my own words".to_owned(), hint: String::new() };
    let choice =
        |reply: &HouseReply| Choice { value: reply.id.to_string(), words: reply.title.clone(), hint: String::new() };
    std::iter::once(none).chain(replies.iter().map(choice)).collect()
}

/// What waits in a group, for who looks after it.
pub(crate) fn cards_of(visit: &Visit, group: ActorId) -> Result<Vec<HeldCard>, Failure> {
    let waiting = hold::waiting(&visit.state.app, visit.account()?, group)?;
    let card = |one: hold::ReadHeld| {
        let below = visit.read(|c| Ok(images::of(c, ImageState::Held, one.held.id.get())?))?;
        let html = pictures::below(&one.held.content_html, &below)?;
        let words = cards::shorten(&markdown::plain(&one.held.content_html), 60);
        Ok(HeldCard {
            id: one.held.id.to_string(),
            author: cards::person(visit, &one.author),
            when: When::written(one.held.created_at.utc(), visit.zone(), visit.now).words,
            cause: match (one.held.edits, one.held.cause) {
                (true, _) => "New words for a post that is shown.",
                (false, Cause::First) => "One of their first.",
                (false, Cause::Words) => "It holds a word of your list.",
            },
            summary: one.held.content_note.or(one.held.title).unwrap_or(words),
            html,
        })
    };
    waiting.into_iter().map(card).collect()
}

/// Fills the parts of a group's page that are about waiting and pausing.
pub(crate) fn fill(visit: &Visit, group: ActorId, page: &mut GroupCarePage) -> Result<(), Failure> {
    let (app, account) = (&visit.state.app, visit.account()?);
    page.held = cards_of(visit, group)?;
    page.replies = choices(&care::of_group(app, account, group)?.1);
    page.paused = super::safety::paused(visit, group)?;
    Ok(())
}

/// How many hours a report of this group waits at most, in words; and whether it is the keepers' from the beginning.
pub(crate) fn likely_time(connection: &mut DbConn, group: ActorId) -> Result<String, Failure> {
    let hours = hearth_db::tables::group_care::of_group(connection, group)?.answer_hours;
    Ok(match hours {
        ..=1 => "within an hour".to_owned(),
        2..=48 => format!("within {hours} hours"),
        days => format!("within {} days", (days + 23) / 24),
    })
}

/// A post or reply that is hidden for its author to find other words: what stands in the form.
pub(crate) fn hidden_words(visit: &Visit, id: PostId) -> Result<Option<(Post, actors::Actor, groups::Group)>, Failure> {
    let Some(me) = &visit.me else { return Ok(None) };
    visit.read(|c| {
        let Some(post) = posts::by_id(c, id)? else { return Ok(None) };
        let removal = rephrase::own(c, me.account.id, &post)?.filter(|removal| removal.kind == Withheld::Rephrase);
        let Some(removal) = removal else { return Ok(None) };
        let Some((group, row)) = groups::with_actor(c, post.group_id)? else { return Ok(None) };
        let post = Post { title: removal.title, source: removal.source, content_note: removal.content_note, ..post };
        Ok(Some((post, group, row)))
    })
}
