//! Whom a reader doesn't want to read, or to be read by: `/p/{id}/person` about who wrote something, `/settings/people`
//! about everybody. And `/p/{id}/history`: what one wrote oneself before one changed it.

use super::{cards, moderation::voice, report, thread};
use crate::{
    answer::Answer,
    error::{Failure, nothing},
    protect::FormNonce,
    sent::Sent,
    submit::{Button, Flaws, Form, submit},
    viewer::{Shown, Visit},
    views::{
        SafeHtml,
        people::{HistoryPage, PeoplePage, PersonChoicePage, Version},
        shell::Nav,
    },
    words::When,
};
use hearth_actions::{block, markdown, post, seal};
use hearth_db::tables::{actors, blocks, mutes};
use hearth_domain::id::{ActorId, PostId};

pub(crate) async fn ask(visit: Visit) -> Answer {
    let id = visit.part("id").to_owned();
    visit.show(move |visit| About { id }.show(visit, &Sent::default(), Flaws::none())).await
}

pub(crate) async fn take(visit: Visit, sent: Sent) -> Answer {
    let id = visit.part("id").to_owned();
    submit(visit, sent, About { id }).await
}

/// Who wrote a post.
struct About {
    id: String,
}

impl About {
    fn find(&self, visit: &Visit) -> Result<(thread::Found, actors::Actor), Failure> {
        visit.me()?;
        let id: PostId = self.id.parse()?;
        visit.read(|c| {
            let found = thread::find(visit, c, id)?;
            let author = actors::by_id(c, found.post.author_id)?.ok_or_else(nothing)?;
            let other = !visit.is_mine(author.id) && !seal::stands_for_others(&author);
            if other { Ok((found, author)) } else { Err(nothing()) }
        })
    }
}

impl Form for About {
    fn show(&self, visit: &Visit, _: &Sent, flaws: Flaws) -> Shown {
        let (found, author) = self.find(visit)?;
        let account = visit.account()?;
        let (muted, blocked) = visit.read(|c| {
            let muted = mutes::of_account(c, account)?.iter().any(|actor| actor.id == author.id);
            Ok((muted, blocks::of_account(c, account)?.iter().any(|(_, actor)| actor.id == author.id)))
        })?;
        visit.page(&PersonChoicePage {
            shell: visit.shell_again("What you see of somebody", Nav::Groups, flaws.any(), flaws.notice),
            action: format!("{}/person", report::href(&found.post)),
            back: thread::place_of(&found.post).unwrap_or_default(),
            person: cards::person(visit, &author),
            muted,
            blocked,
        })
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let (found, author) = self.find(visit)?;
        let by = match visit.read(|c| voice(visit, c, found.group.id))? {
            Some(persona) => persona,
            None => visit.me()?.personas.first().map(|persona| persona.id).ok_or_else(nothing)?,
        };
        change(visit, sent.get("do"), by, author.id)?;
        Ok(Answer::see(&format!("{}?said=saved", cards::group_href(&found.group))))
    }
}

fn change(visit: &Visit, what: &str, by: ActorId, whom: ActorId) -> Result<(), Failure> {
    let (app, account) = (&visit.state.app, visit.account()?);
    match what {
        "mute" | "unmute" => block::mute(app, account, whom, what == "mute")?,
        "block" | "unblock" => block::block(app, account, by, whom, what == "block")?,
        _ => return Err(Failure::Unreadable("Press one of the buttons on the page.")),
    }
    Ok(())
}

pub(crate) async fn list(visit: Visit) -> Answer {
    visit
        .show(|visit| {
            let account = visit.account()?;
            let (muted, blocked) =
                visit.read(|c| Ok((mutes::of_account(c, account)?, blocks::of_account(c, account)?)))?;
            let line = |actor: &actors::Actor| (actor.id.to_string(), cards::person(visit, actor));
            visit.page(&PeoplePage {
                shell: visit.shell("People you don’t read", Nav::Elsewhere),
                muted: muted.iter().map(line).collect(),
                blocked: blocked
                    .iter()
                    .map(|(block, actor)| (actor.id.to_string(), block.by_id.to_string(), cards::person(visit, actor)))
                    .collect(),
            })
        })
        .await
}

pub(crate) async fn take_list(visit: Visit, sent: Sent) -> Answer {
    let act = |visit: &Visit, sent: &Sent| {
        let whom: ActorId = sent.get("person").parse()?;
        let by = sent.get("as").parse().unwrap_or(whom);
        change(visit, sent.get("do"), by, whom)?;
        Ok(Answer::see("/settings/people?said=saved"))
    };
    submit(visit, sent, Button { page: "/settings/people".to_owned(), act }).await
}

pub(crate) async fn history(visit: Visit) -> Answer {
    visit
        .show(|visit| {
            let id: PostId = visit.part("id").parse()?;
            let (post, versions) = post::versions(&visit.state.app, visit.account()?, id)?;
            let written = |time: hearth_db::Time| When::written(time.utc(), visit.zone(), visit.now).words;
            visit.page(&HistoryPage {
                shell: visit.shell("Earlier versions", Nav::Groups),
                back: thread::place_of(&post).unwrap_or_default(),
                versions: versions
                    .into_iter()
                    .map(|version| Version {
                        until: written(version.replaced_at),
                        title: version.title.unwrap_or_default(),
                        note: version.content_note.unwrap_or_default(),
                        body: SafeHtml(markdown::html(&version.source)),
                        pictures: version.pictures.lines().map(str::to_owned).collect(),
                    })
                    .collect(),
            })
        })
        .await
}
