//! `/`: what this place is, or what is new since last time.

use super::cards;
use crate::{
    answer::Answer,
    viewer::{Shown, Visit},
    views::{
        feed::FeedPage,
        home::{FirstRunPage, HomePage},
        parts::{EventCard, GroupLine, Pager},
        shell::{Link, Nav},
    },
};
use hearth_actions::markdown;
use hearth_db::{
    DbConn, Time,
    tables::{
        actors, events,
        follows::{self, FollowState},
        groups,
    },
    views::{After, Authored, calendar, conversation},
};
use hearth_domain::{
    id::{ActorId, EventId},
    rsvp::Answer as Rsvped,
};

/// Conversations on a page.
pub(crate) const PAGE: i64 = 20;
/// Most groups here and elsewhere on the front page.
const MOST_GROUPS: usize = 6;

pub(crate) async fn show(visit: Visit) -> Answer {
    visit
        .show(|visit| {
            visit.site()?;
            if visit.me.is_some() { feed(visit) } else { door(visit) }
        })
        .await
}

fn door(visit: &Visit) -> Shown {
    visit.read(|c| {
        let here: Vec<_> = groups::local(c)?.into_iter().filter(|(_, row)| row.settings().is_public()).collect();
        if here.is_empty() {
            return first_run(visit, false);
        }
        let site = visit.site()?;
        let coming = calendar::upcoming_everywhere(c, &visit.reader, visit.now.into(), 3)?;
        let page = HomePage {
            shell: visit.shell(&site.row.name, Nav::Home),
            headline: "Company for the harder days".to_owned(),
            words: cards::shorten(&markdown::plain(&site.actor.summary_html), 300),
            can_join: visit.can_join(),
            coming_up: cards::event_cards(visit, c, &coming, true, true)?,
            groups: here.iter().take(MOST_GROUPS).map(cards::group_card).collect(),
            neighbours: groups::followed_elsewhere(c)?.iter().take(MOST_GROUPS).map(cards::group_card).collect(),
            help: visit.help_box(),
        };
        visit.page(&page)
    })
}

fn first_run(visit: &Visit, can_create_group: bool) -> Shown {
    visit.page(&FirstRunPage {
        shell: visit.shell("", Nav::Home),
        can_create_group,
        can_join: visit.can_join(),
        help: visit.help_box(),
    })
}

fn feed(visit: &Visit) -> Shown {
    let me = visit.me()?;
    let waits_for = super::invitations::waits_for(visit)?.unwrap_or_default().to_owned();
    visit.read(|c| {
        let mine = my_groups(visit, c)?;
        if mine.is_empty() && me.account.keeper && groups::local(c)?.is_empty() {
            return first_run(visit, true);
        }
        let after = read_after(visit.query("after"));
        let mut posts = conversation::roots(c, &visit.reader, &mine, after, PAGE + 1)?;
        let pager = pager(&mut posts, "/", after);
        let (going, coming_up) = meetups(visit, c, &mine)?;
        let page = FeedPage {
            shell: visit.shell("Home", Nav::Home),
            lede: String::new(),
            waits_for: waits_for.clone(),
            posts: cards::post_cards(visit, c, posts, true)?,
            going,
            coming_up,
            groups: lines(c, &mine)?,
            pager,
        };
        visit.page(&page)
    })
}

/// The groups the reader is a member of or follows.
fn my_groups(visit: &Visit, connection: &mut DbConn) -> Result<Vec<ActorId>, crate::error::Failure> {
    let mut mine = visit.reader.member_of();
    for follow in follows::of_account(connection, visit.account()?)? {
        if follow.state == FollowState::Accepted && !mine.contains(&follow.target_id) {
            mine.push(follow.target_id);
        }
    }
    Ok(mine)
}

fn lines(connection: &mut DbConn, mine: &[ActorId]) -> Result<Vec<GroupLine>, crate::error::Failure> {
    let mut lines: Vec<GroupLine> = actors::by_ids(connection, mine)?.iter().map(cards::group_line).collect();
    lines.sort_by_key(|line| line.name.to_lowercase());
    Ok(lines)
}

/// Meetups the reader goes to, and the next ones of their groups.
fn meetups(
    visit: &Visit,
    connection: &mut DbConn,
    mine: &[ActorId],
) -> Result<(Vec<EventCard>, Vec<EventCard>), crate::error::Failure> {
    let answers = cards::own_answers(visit, connection)?;
    let mut going = Vec::new();
    for (id, row) in &answers {
        if matches!(row.answer, Rsvped::Coming | Rsvped::Asked) {
            let event = events::by_id(connection, *id)?;
            going.extend(event.filter(|event| event.ends_at.utc() > visit.now && event.deleted_at.is_none()));
        }
    }
    going.sort_by_key(|event| event.starts_at);
    let known: Vec<EventId> = going.iter().map(|event| event.id).collect();
    let mut coming = calendar::upcoming(connection, &visit.reader, mine, visit.now.into(), 8)?;
    coming.retain(|event| !known.contains(&event.id));
    coming.truncate(4);
    Ok((
        cards::event_cards(visit, connection, &going, true, false)?,
        cards::event_cards(visit, connection, &coming, true, false)?,
    ))
}

/// Where a list goes on: the time of the last item in microseconds, and its number.
pub(crate) fn read_after(typed: &str) -> Option<After> {
    let (micros, id) = typed.split_once('-')?;
    let time = chrono::DateTime::from_timestamp_micros(micros.parse().ok()?)?;
    Some(After { time: Time::from(time), id: id.parse().ok()? })
}

/// The address at which a list goes on.
pub(crate) fn onward(page: &str, after: After) -> String {
    let sign = if page.contains('?') { '&' } else { '?' };
    format!("{page}{sign}after={}-{}", after.time.utc().timestamp_micros(), after.id)
}

/// Cuts a list that was read one too long, and says where it goes on.
pub(crate) fn pager(posts: &mut Vec<Authored>, page: &str, after: Option<After>) -> Pager {
    let most = usize::try_from(PAGE).unwrap_or_default();
    let more = posts.len() > most;
    posts.truncate(most);
    let older = posts.last().filter(|_| more).map(|last| Link {
        href: onward(page, After { time: last.post.published_at, id: last.post.id }),
        words: "Older".to_owned(),
    });
    let newer = after.map(|_| Link { href: page.to_owned(), words: "Newest".to_owned() });
    Pager { label: "Pages of conversations".to_owned(), here: String::new(), newer, older }
}
