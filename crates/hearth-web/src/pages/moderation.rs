//! Looking after a group: `/p/{id}/care` about one post, `/g/{name}/care` about the group; and "I hear you".

use super::{cards, held, report, thread};
use crate::{
    answer::Answer,
    error::{Failure, nothing},
    protect::FormNonce,
    sent::Sent,
    submit::{Button, Flaws, Form, submit},
    viewer::{Shown, Visit},
    views::{
        moderation::{CarePage, CareValues, GroupCarePage, Helper, KeptOut},
        shell::Nav,
    },
    words::{When, date_words},
};
use hearth_actions::{
    ActionError,
    ban::{self, BanForm},
    group::read_persona,
    membership,
    moderation::{self, Act},
    pause, persona, quiet_word, reaction, rephrase, seal, team, topics,
};
use hearth_db::{
    DbConn,
    tables::{
        actors::{self, Actor},
        bans, house_replies, locks, memberships, pins, posts, removals, teams,
    },
};
use hearth_domain::{
    Denied,
    id::{ActorId, PostId},
    membership::{Role, State},
    permission,
};

/// Most removals that are listed.
const MOST: i64 = 50;

/// A group that the reader looks after.
fn looked_after(visit: &Visit, connection: &mut DbConn, group: &Actor) -> Result<(), Failure> {
    if team::looks_after(connection, visit.account()?, group)? { Ok(()) } else { Err(Denied::FacilitatorsOnly.into()) }
}

pub(crate) async fn post(visit: Visit) -> Answer {
    let id = visit.part("id").to_owned();
    visit.show(move |visit| Care { id }.show(visit, &Sent::default(), Flaws::none())).await
}

pub(crate) async fn take_post(visit: Visit, sent: Sent) -> Answer {
    let id = visit.part("id").to_owned();
    submit(visit, sent, Care { id }).await
}

struct Care {
    id: String,
}

impl Form for Care {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        visit.me()?;
        let banning = sent.get("do") == "ban";
        let pausing = sent.get("do") == "pause";
        let flaws = flaws.named(match (banning, pausing) {
            (true, _) => &[("reason", "why"), ("person", "why")],
            (_, true) => &[("days", "pause_days")],
            _ => &[],
        });
        let id: PostId = self.id.parse()?;
        visit.read(|c| {
            let thread::Found { post, group, .. } = thread::find(visit, c, id)?;
            looked_after(visit, c, &group)?;
            let author = actors::by_id(c, post.author_id)?.ok_or_else(nothing)?;
            let there = post.deleted_at.is_none();
            let standing = memberships::get(c, group.id, author.id)?;
            visit.page(&CarePage {
                shell: visit.shell_again("Look after this", Nav::Groups, flaws.any(), flaws.notice.clone()),
                action: format!("{}/care", report::href(&post)),
                back: thread::place_of(&post).unwrap_or_default(),
                group_care: format!("{}/care", cards::group_href(&group)),
                group_name: group.display_name.clone(),
                removed: removals::get(c, post.id)?.map(|removal| removal.reason).filter(|_| !there),
                there,
                closed: locks::get(c, post.id)?.is_some(),
                pinned: if post.is_root() { Some(pins::get(c, post.id)?.is_some()) } else { None },
                topics: if post.is_root() && group.local {
                    super::topics::boxes(c, group.id, Some(post.id.get()), sent)?
                } else {
                    Vec::new()
                },
                here: group.local,
                author_here: author.local && group.local && !visit.is_mine(author.id),
                member: group.local
                    && !visit.is_mine(author.id)
                    && standing
                        .as_ref()
                        .is_some_and(|row| permission::may_remove(visit.reader.standing(group.id), row.role).is_ok())
                    && standing.as_ref().is_some_and(|row| row.state == State::Active),
                replies: held::choices(&house_replies::of_group(c, group.id)?),
                kept_out: Some(standing.is_some_and(|row| row.state.told() != row.state))
                    .filter(|_| !visit.is_mine(author.id) && !seal::stands_for_others(&author)),
                author: cards::person(visit, &author),
                can_write: group.local && post.local && there && !visit.is_mine(author.id),
                values: CareValues {
                    text: sent.text("text"),
                    reason: sent.text("reason"),
                    why: sent.text("why"),
                    days: sent.text("days"),
                    remove_posts: sent.get("remove_posts") == "yes",
                    house_reply: sent.text("house_reply"),
                    words: sent.text("words"),
                    pause_days: sent.text("pause_days"),
                },
                errors: flaws.errors.clone(),
            })
        })
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let (app, account) = (&visit.state.app, visit.account()?);
        let id: PostId = self.id.parse()?;
        let (act, said) = match sent.get("do") {
            "remove" => (Act::Remove(sent.text("reason")), "taken-down"),
            "restore" => (Act::Restore, "restored"),
            "lock" => (Act::Lock, "closed"),
            "unlock" => (Act::Unlock, "opened"),
            "pin" => (Act::Pin, "pinned"),
            "unpin" => (Act::Unpin, "unpinned"),
            "sort" => {
                topics::sort(app, account, id, &super::topics::typed(sent).unwrap_or_default())?;
                return report::said(&visit.read(|c| thread::find(visit, c, id))?.post, "saved");
            }
            other => return self.about_author(visit, sent, id, other),
        };
        let done = moderation::act(app, account, id, &act)?;
        report::said(&done, said)
    }
}

impl Care {
    fn about_author(&self, visit: &Visit, sent: &Sent, id: PostId, what: &str) -> Shown {
        let (app, account) = (&visit.state.app, visit.account()?);
        let post = visit.read(|c| thread::find(visit, c, id))?.post;
        match what {
            "ban" => {
                let typed = BanForm {
                    reason: sent.text("why"),
                    days: sent.text("days"),
                    remove_posts: sent.text("remove_posts"),
                };
                ban::ban(app, account, post.group_id, post.author_id, &typed)?;
                report::said(&post, "kept-out")
            }
            "quiet" => {
                let word = quiet_word::write_to_author(app, account, id, sent.get("text"))?;
                let group = visit.read(|c| thread::find(visit, c, id))?.group;
                Ok(Answer::see(&format!("{}/quiet/{word}?said=said", cards::group_href(&group))))
            }
            "rephrase" | "hide" => {
                let done = rephrase::hide(app, account, id, what == "rephrase", &held::words(sent))?;
                report::said(&done, if what == "rephrase" { "rephrase" } else { "hidden" })
            }
            "warn" => {
                pause::warn(app, account, post.group_id, post.author_id, &held::words(sent))?;
                report::said(&post, "warned")
            }
            "pause" => {
                let (days, words) = (sent.get("pause_days"), held::words(sent));
                pause::pause(app, account, post.group_id, post.author_id, days, &words)?;
                report::said(&post, "paused")
            }
            "remove_member" => {
                membership::remove(app, account, post.group_id, post.author_id)?;
                report::said(&post, "saved")
            }
            "let_in" => {
                ban::lift(app, account, post.group_id, post.author_id)?;
                report::said(&post, "let-in")
            }
            _ => Err(Failure::Unreadable("Press one of the buttons on the page.")),
        }
    }
}

pub(crate) async fn group(visit: Visit) -> Answer {
    let name = visit.part("name").to_owned();
    visit.show(move |visit| GroupCare { name }.show(visit, &Sent::default(), Flaws::none())).await
}

pub(crate) async fn take_group(visit: Visit, sent: Sent) -> Answer {
    let name = visit.part("name").to_owned();
    submit(visit, sent, GroupCare { name }).await
}

struct GroupCare {
    name: String,
}

impl Form for GroupCare {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        visit.me()?;
        let group = visit.read(|c| {
            let (group, _) = cards::find_group(visit, c, &self.name)?;
            looked_after(visit, c, &group)?;
            Ok(group)
        })?;
        let (reports, resolved) = report::of_group(visit, group.id)?;
        let mut page = visit.read(|c| {
            Ok::<_, Failure>(GroupCarePage {
                shell: visit.shell_again("Looking after the group", Nav::Groups, flaws.any(), flaws.notice.clone()),
                href: cards::group_href(&group),
                name: group.display_name.clone(),
                reports,
                resolved,
                removed: removed(visit, c, group.id)?,
                out: kept_out(visit, c, group.id)?,
                team: if group.local { helpers(visit, c, group.id)? } else { Vec::new() },
                owner: visit.reader.standing(group.id).at_least(Role::Owner),
                shown: teams::is_shown(c, group.id)?,
                person: if sent.get("do") == "appoint" { sent.text("person") } else { String::new() },
                held: Vec::new(),
                replies: Vec::new(),
                paused: Vec::new(),
                errors: flaws.errors.clone(),
            })
        })?;
        if group.local {
            held::fill(visit, group.id, &mut page)?;
        }
        visit.page(&page)
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let (app, account) = (&visit.state.app, visit.account()?);
        let (group, _) = visit.read(|c| cards::find_group(visit, c, &self.name))?;
        let said = match sent.get("do") {
            "let_in" => {
                ban::lift(app, account, group.id, sent.get("person").parse()?)?;
                "let-in"
            }
            "end_pause" => {
                pause::end(app, account, group.id, sent.get("person").parse()?)?;
                "saved"
            }
            "dismiss" => {
                team::appoint(app, account, group.id, sent.get("person").parse()?, false)?;
                "saved"
            }
            "appoint" => {
                let person = visit.read(|c| named(c, "person", sent.get("person")))?;
                team::appoint(app, account, group.id, person, true)?;
                "saved"
            }
            show @ ("show" | "hide") => {
                team::show(app, account, group.id, show == "show")?;
                "saved"
            }
            _ => return Err(Failure::Unreadable("Press one of the buttons on the page.")),
        };
        Ok(Answer::see(&format!("{}/care?said={said}", cards::group_href(&group))))
    }
}

/// Somebody by the name that was typed: a persona here, or somebody elsewhere who is known here.
pub(crate) fn named(connection: &mut DbConn, field: &'static str, typed: &str) -> Result<ActorId, Failure> {
    let typed = typed.trim().trim_start_matches('@').to_lowercase();
    let found = match typed.split_once('@') {
        Some((name, host)) => actors::remote_by_handle(connection, name, host)?,
        None => actors::local_by_name(connection, &typed)?,
    };
    let unknown = "Nobody of that name is known here. They need to follow the group first.";
    Ok(found.map(|actor| actor.id).ok_or_else(|| ActionError::field(field, unknown))?)
}

fn removed(visit: &Visit, connection: &mut DbConn, group: ActorId) -> Result<Vec<(String, String)>, Failure> {
    let mut list = Vec::new();
    for removal in removals::of_group(connection, group, MOST)? {
        let Some(post) = posts::by_id(connection, removal.post_id)? else { continue };
        let when = When::written(removal.removed_at.utc(), visit.zone(), visit.now).words;
        let what = removal.title.unwrap_or_else(|| "A reply".to_owned());
        list.push((format!("{}/care", report::href(&post)), format!("{what}. {when}: {}", removal.reason)));
    }
    Ok(list)
}

fn kept_out(visit: &Visit, connection: &mut DbConn, group: ActorId) -> Result<Vec<KeptOut>, Failure> {
    let until = |time: hearth_db::Time| format!("Until {}.", date_words(time.utc(), visit.zone(), visit.now));
    let rows = bans::of_group(connection, group)?;
    Ok(rows
        .into_iter()
        .map(|(ban, actor)| KeptOut {
            id: actor.id.to_string(),
            person: cards::person(visit, &actor),
            until: ban.ends_at.map(until).unwrap_or_default(),
            reason: ban.reason,
        })
        .collect())
}

fn helpers(visit: &Visit, connection: &mut DbConn, group: ActorId) -> Result<Vec<Helper>, Failure> {
    let own = visit.reader.standing(group);
    let rows = memberships::with_roles(connection, group, &[Role::Facilitator, Role::Owner])?;
    let helper = |(row, actor): &(memberships::Membership, Actor)| Helper {
        id: actor.id.to_string(),
        person: cards::person(visit, actor),
        can_end: permission::may_appoint(own, hearth_domain::membership::Standing::of(row.role, row.state)).is_ok(),
    };
    Ok(rows.iter().map(helper).collect())
}

/// The name by which somebody would say "I hear you" in a group: the one they are known by there, or their only one.
pub(crate) fn voice(visit: &Visit, connection: &mut DbConn, group: ActorId) -> Result<Option<ActorId>, Failure> {
    let Some(me) = &visit.me else { return Ok(None) };
    let only = match me.personas.as_slice() {
        [only] => Some(only.id),
        _ => None,
    };
    Ok(persona::bound(connection, me.account.id, group)?.or(only))
}

/// "I hear you", or no longer.
pub(crate) async fn hear(visit: Visit, sent: Sent) -> Answer {
    let id = visit.part("id").to_owned();
    let page = format!("/p/{id}");
    let act = move |visit: &Visit, sent: &Sent| {
        let id: PostId = id.parse()?;
        let account = visit.account()?;
        let found = visit.read(|c| thread::find(visit, c, id))?;
        let persona = match visit.read(|c| voice(visit, c, found.group.id))? {
            Some(persona) => persona,
            None => {
                let mut form = hearth_actions::Form::default();
                let persona = read_persona(&mut form, sent.get("as"));
                form.finish()?;
                persona.ok_or_else(nothing)?
            }
        };
        reaction::hear(&visit.state.app, account, id, persona, sent.get("hear") != "no")?;
        Ok(Answer::see(&thread::place_of(&found.post).ok_or_else(nothing)?))
    };
    submit(visit, sent, Button { page, act }).await
}
