//! `/settings/faded`: what the reader wrote in conversations that have faded, and deleting it.
//!
//! Must never show it to anybody but its author.

use super::home;
use crate::{
    answer::Answer,
    error::nothing,
    protect::FormNonce,
    sent::Sent,
    submit::{Flaws, Form, submit},
    viewer::{Shown, Visit},
    views::{
        SafeHtml,
        faded::{FadedEntry, FadedPage},
        parts::{ConfirmPage, Pager},
        shell::{Link, Nav},
    },
    words::date_words,
};
use hearth_actions::fading;
use hearth_db::tables::{actors, faded_posts::FadedPost};
use hearth_domain::id::PostId;

/// So many on a page.
const PAGE: usize = 20;

pub(crate) async fn show(visit: Visit) -> Answer {
    visit.show(page).await
}

fn page(visit: &Visit) -> Shown {
    let account = visit.account()?;
    let after = home::read_after(visit.query("after"));
    let most = i64::try_from(PAGE).unwrap_or_default() + 1;
    let mut list = fading::own(&visit.state.app, account, after, most)?;
    let more = list.len() > PAGE;
    list.truncate(PAGE);
    let older = list.last().filter(|_| more).map(|last| Link {
        href: format!("/settings/faded?after={}-{}", last.published_at.utc().timestamp_micros(), last.id),
        words: "Older".to_owned(),
    });
    let newer = after.map(|_| Link { href: "/settings/faded".to_owned(), words: "Newest".to_owned() });
    let posts = list.into_iter().map(|one| entry(visit, one)).collect::<Result<_, _>>()?;
    visit.page(&FadedPage {
        shell: visit.shell("What has faded", Nav::Elsewhere),
        posts,
        pager: Pager { label: "Pages of what has faded".to_owned(), here: String::new(), newer, older },
    })
}

fn entry(visit: &Visit, one: FadedPost) -> Result<FadedEntry, crate::error::Failure> {
    let author = visit.read(|c| Ok(actors::by_id(c, one.author_id)?))?.ok_or_else(nothing)?;
    let day = date_words(one.published_at.utc(), visit.zone(), visit.now);
    Ok(FadedEntry {
        id: one.id.to_string(),
        words: format!("{}, {day}, as {}", one.group_name, author.display_name),
        title: one.title.unwrap_or_else(|| "A reply".to_owned()),
        content_note: one.content_note,
        html: SafeHtml(one.content_html),
    })
}

pub(crate) async fn ask_delete(visit: Visit) -> Answer {
    let form = Delete { id: visit.part("id").to_owned() };
    visit.show(move |visit| form.show(visit, &Sent::default(), Flaws::none())).await
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
        let id: PostId = self.id.parse()?;
        fading::get(&visit.state.app, visit.account()?, id)?;
        visit.page(&ConfirmPage {
            shell: visit.shell_again("Delete your copy", Nav::Elsewhere, flaws.any(), flaws.notice),
            question: "Delete your copy of these words?".to_owned(),
            words: "They are nowhere else any more, so nobody can bring them back.".to_owned(),
            action: format!("/settings/faded/{id}"),
            button: "Delete them".to_owned(),
            back: "/settings/faded".to_owned(),
        })
    }

    fn act(&self, visit: &Visit, _: &Sent, _: FormNonce) -> Shown {
        fading::forget(&visit.state.app, visit.account()?, self.id.parse()?)?;
        Ok(Answer::see("/settings/faded?said=taken-back"))
    }
}
