//! Pages of words: helplines, who runs this, what is kept; and "press it once more".

use super::cards::escaped;
use crate::{
    answer::Answer,
    viewer::{Anyway, Shown, Visit},
    views::{
        SafeHtml,
        help::HelpPage,
        parts::{Helpline, Notice, Tone, WordsPage},
        shell::Nav,
    },
};
use actix_web::http::header::CACHE_CONTROL;
use std::fmt::Write as _;

/// The number that works from every telephone in Europe.
const EMERGENCY: &str = "112";

/// `/help`: answers also when the database does not.
pub(crate) async fn help(Anyway(visit, _): Anyway) -> Answer {
    let page = HelpPage {
        shell: visit.shell("Get help", Nav::Help),
        emergency: EMERGENCY.to_owned(),
        lines: by_region(&visit.lines),
    };
    let answer = visit.settle(visit.page(&page));
    if visit.me.is_none() { answer.header(CACHE_CONTROL, "private, max-age=300") } else { answer }
}

/// The lines by region, in their order; those for everybody first.
fn by_region(lines: &[Helpline]) -> Vec<(String, Vec<Helpline>)> {
    let mut regions: Vec<(String, Vec<Helpline>)> = vec![(String::new(), Vec::new())];
    for line in lines {
        match regions.iter_mut().find(|(region, _)| *region == line.region) {
            Some((_, list)) => list.push(line.clone()),
            None => regions.push((line.region.clone(), vec![line.clone()])),
        }
    }
    regions.retain(|(_, list)| !list.is_empty());
    regions
}

pub(crate) async fn about(visit: Visit) -> Answer {
    visit
        .show(|visit| {
            let site = visit.site()?;
            let mut body = site.actor.summary_html.clone();
            let _ = write!(body, "<h2>How to reach us</h2><p>{}</p>", contact(&site.row.contact));
            body.push_str(ABOUT);
            visit.page(&WordsPage { shell: visit.shell("Who runs this", Nav::Elsewhere), body: SafeHtml(body) })
        })
        .await
}

/// What the keeper gave as a way to reach them, as a link where it is one.
fn contact(typed: &str) -> String {
    let words = escaped(typed);
    if typed.starts_with("https://") && url::Url::parse(typed).is_ok() {
        format!("<a href=\"{words}\" rel=\"noreferrer\">{words}</a>")
    } else if typed.contains('@') && !typed.contains(char::is_whitespace) {
        format!("<a href=\"mailto:{words}\">{words}</a>")
    } else {
        words
    }
}

const ABOUT: &str = "<h2>Other servers</h2><p>Each charity runs its own server, on its own computer, with its own \
    rules. The servers pass public posts and meetups to one another, the way neighbours pass notes. What is kept to \
    members stays here.</p>";

pub(crate) async fn privacy(visit: Visit) -> Answer {
    visit
        .show(|visit| {
            let shell = visit.shell("What we keep, and why", Nav::Elsewhere);
            visit.page(&WordsPage { shell, body: SafeHtml(PRIVACY.to_owned()) })
        })
        .await
}

const PRIVACY: &str = "<h2>What is kept</h2><ul><li>Your private sign-in name, and your password as a hash that can’t \
    be turned back.</li><li>The names you choose, and what you write under them.</li><li>Which groups you are in, and \
    your answers to meetups. Only hosts see who comes.</li><li>A few words on each device that is signed in, such as \
    “Firefox on Android”, and when it was last used.</li><li>Pictures you add, made anew without what the file said \
    about where and when it was taken.</li><li>What you answered when you asked to join a group: those who look after it read \
    it, and it is deleted 30 days after their answer.</li></ul><h2>What is not kept</h2><ul><li>No trackers, nothing \
    from other sites, no location.</li><li>Your network address is used for a few minutes to stop people guessing \
    passwords. It is never written down by this software.</li></ul><h2>Who can see what</h2><ul><li>No page shows that \
    two of your names belong to the same person. Whoever runs this machine could find out.</li><li>Public posts are \
    sent to other servers. When you delete one, we ask them to remove their copies. Most will, but we can’t make \
    them.</li><li>What is kept to members goes to no other server but \
    those of members, and of a group that stays here to none.</li><li>What a facilitator removes is kept hidden for 30 days, so that a mistake can \
    be put right. What you delete yourself is gone at once.</li><li>When you ask somebody to look at a post, nobody is \
    told that it was you. Whoever runs this machine could find out.</li><li>What you write without your name is shown as \
    somebody’s. No page and no other server says whose, and no later setting can. Whoever runs this machine could find \
    out.</li></ul><h2>Cookies</h2><p>Three, and only when \
    they are needed: one that keeps you signed in, one that protects forms before you sign in, and one that remembers \
    your text size.</p>";

/// What is said in place of a button that could not be taken.
pub(crate) fn go_back(visit: &Visit, said: &str, page: &str) -> Shown {
    let mut shell = visit.shell_again("Not done yet", Nav::Elsewhere, true, None);
    shell.notice = Some(Notice { tone: Tone::Warm, lead: said.to_owned(), more: String::new() });
    let body = format!("<p>Nothing was changed.</p><p><a href=\"{}\">Go back to the page</a></p>", escaped(page));
    visit.page(&WordsPage { shell, body: SafeHtml(body) })
}
