//! Invitations to a group: the list of those who look after it and the card to print, `/i` where a code is used, and
//! `/invitations` where people see what they were invited to and what they asked.

use super::{
    cards,
    group::{self, persona_of},
    joining::{self, Way},
};
use crate::{
    answer::Answer,
    error::Failure,
    protect::FormNonce,
    qr,
    sent::Sent,
    submit::{Button, Flaws, Form, submit},
    viewer::{Shown, Visit},
    views::{
        joining::{
            CardPage, CodePage, GroupInvitationsPage, InvitationValues, InvitationsPage, InviteCard, RequestCard,
        },
        shell::Nav,
    },
    words::{When, count_words, date_words},
};
use hearth_actions::{
    ActionError,
    group_invitation::{self as invitation, InvitationForm, Offer},
    invite::{self, Invited, InvitedTo, sent as sent_invite},
    join_request::{self, Pending},
    markdown, membership,
    network::NotFound,
    tries,
};
use hearth_db::tables::{
    actors::{self, Actor},
    group_invitations::GroupInvitation,
};
use hearth_domain::{
    address::{Lookup, read_lookup},
    audience,
    id::ActorId,
    join_request::Outcome,
    membership::State,
    permission,
};
use std::time::Duration;

/// How long a page waits for another server.
const PATIENCE: Duration = Duration::from_secs(8);

// For those who look after a group

pub(crate) async fn list(visit: Visit) -> Answer {
    let typed = visit.query("who").to_owned();
    if typed.trim().is_empty() || visit.me.is_none() {
        return visit.show(|visit| list_page(visit, visit.part("name"), &Sent::default(), Flaws::none(), None)).await;
    }
    let state = visit.state.clone();
    let wanted = read_lookup(&typed);
    let asked = wanted.clone();
    let Ok((visit, known)) = actix_web::web::block(move || {
        let known = known(&visit, &asked);
        (visit, known)
    })
    .await
    else {
        return Answer::nothing().status(503);
    };
    let found = match known {
        Ok(None) => tokio::time::timeout(PATIENCE, state.network.find(&wanted))
            .await
            .unwrap_or(Err(NotFound::Unreachable))
            .map_err(missed),
        Ok(Some(id)) => Ok(id),
        Err(failure) => return visit.show(move |_| Err(failure)).await,
    };
    visit
        .show(move |visit| {
            let name = visit.part("name");
            let sent = Sent::of(vec![("who".to_owned(), typed)]);
            let mut flaws = Flaws::none();
            match found {
                Ok(id) => list_page(visit, name, &sent, flaws, Some(id)),
                Err(sentence) => {
                    flaws.errors.add("who", sentence);
                    list_page(visit, name, &sent, flaws, None)
                }
            }
        })
        .await
}

const fn missed(why: NotFound) -> &'static str {
    match why {
        NotFound::Unknown | NotFound::Unusable | NotFound::BadAddress => {
            "Nobody was found there. An address looks like @kim@elm.example."
        }
        NotFound::Unreachable => "Their server does not answer at the moment. Try again later.",
        NotFound::Refused => "Their server said no.",
    }
}

/// Somebody who is known here already. Only those who let people into the group make this server ask another one.
fn known(visit: &Visit, wanted: &Lookup) -> Result<Option<ActorId>, Failure> {
    let account = visit.account()?;
    let found = visit.read(|c| {
        let (group, _) = cards::find_group(visit, c, visit.part("name"))?;
        permission::may_let_in(visit.reader.standing(group.id))?;
        Ok(match wanted {
            Lookup::Handle(handle) => match actors::remote_by_handle(c, &handle.name, &handle.host)? {
                Some(found) => Some(found),
                None => actors::local_by_name(c, &handle.name)?.filter(|actor| actor.host == handle.host),
            },
            Lookup::Link(link) => actors::by_ap_id(c, link.as_str())?,
            Lookup::Words(_) => None,
        })
    })?;
    if found.is_none() {
        tries::count(&visit.state.app, &[(tries::LOOK_UP, &account.to_string())])?;
    }
    Ok(found.map(|actor| actor.id))
}

fn list_page(visit: &Visit, name: &str, sent: &Sent, flaws: Flaws, found: Option<ActorId>) -> Shown {
    let flaws = flaws.named(&[("person", "who")]);
    let (app, account) = (&visit.state.app, visit.account()?);
    let (actor, row) = visit.read(|c| cards::find_group(visit, c, name))?;
    let invitations = invitation::all(app, account, actor.id)?;
    let invited = sent_invite::all(app, account, actor.id)?;
    let found = match found {
        Some(id) => visit.read(|c| Ok(actors::by_id(c, id)?))?,
        None => None,
    };
    let when = |time: hearth_db::Time| When::written(time.utc(), visit.zone(), visit.now).words;
    visit.page(&GroupInvitationsPage {
        shell: visit.shell_again("Invitations", Nav::Groups, flaws.any(), flaws.notice.clone()),
        href: cards::group_href(&actor),
        name: actor.display_name.clone(),
        invitations: invitations.iter().map(|(one, maker)| listed(visit, one, maker)).collect(),
        values: InvitationValues {
            label: sent.text("label"),
            uses: sent.or("uses", "1"),
            days: sent.or("days", "30"),
            skips_approval: sent.get("skips_approval") == "yes",
        },
        reaches: audience::group_is_on_the_network(row.settings()),
        invited: invited
            .iter()
            .map(|(one, person)| (person.id.to_string(), handle(person), when(one.created_at)))
            .collect(),
        who: sent.text("who"),
        found: found.map(|person| (person.id.to_string(), person.display_name, person.host)),
        errors: flaws.errors,
    })
}

fn handle(actor: &Actor) -> String {
    format!("@{}@{}", actor.name, actor.host)
}

fn listed(visit: &Visit, one: &GroupInvitation, maker: &Actor) -> (String, String, String) {
    let label = if one.label.is_empty() { "An invitation".to_owned() } else { one.label.clone() };
    let at_once = if one.skips_approval { " Lets in at once." } else { "" };
    (one.id.to_string(), label, format!("{}{at_once} Made by {}.", limits(visit, one), maker.display_name))
}

fn limits(visit: &Visit, one: &GroupInvitation) -> String {
    let people = count_words(u64::try_from(one.uses_left).unwrap_or_default(), "person", "people");
    format!("For {people}, until {}.", date_words(one.expires_at.utc(), visit.zone(), visit.now))
}

pub(crate) async fn take_list(visit: Visit, sent: Sent) -> Answer {
    let name = visit.part("name").to_owned();
    submit(visit, sent, Invitations { name }).await
}

struct Invitations {
    name: String,
}

impl Form for Invitations {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        list_page(
            visit,
            &self.name,
            sent,
            flaws,
            sent.get("person").parse().ok().filter(|_| sent.get("do") == "invite"),
        )
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let (app, account) = (&visit.state.app, visit.account()?);
        let (group, row) = visit.read(|c| cards::find_group(visit, c, &self.name))?;
        let said = match sent.get("do") {
            "make" => {
                let typed = InvitationForm {
                    label: sent.text("label"),
                    uses: sent.text("uses"),
                    days: sent.text("days"),
                    skips_approval: sent.text("skips_approval"),
                };
                let (made, code) = invitation::make(app, account, group.id, &typed)?;
                return card(visit, &group, &row.rhythm, &made, &code);
            }
            "revoke" => {
                invitation::revoke(app, account, sent.get("invitation").parse()?)?;
                "request-back"
            }
            "invite" => {
                sent_invite::send(app, account, group.id, sent.get("person").parse()?)?;
                "invited"
            }
            "withdraw" => {
                sent_invite::withdraw(app, account, group.id, sent.get("person").parse()?)?;
                "request-back"
            }
            _ => return Err(Failure::Unreadable("Press one of the buttons on the page.")),
        };
        Ok(Answer::see(&format!("{}/invitations?said={said}", cards::group_href(&group))))
    }
}

fn card(visit: &Visit, group: &Actor, rhythm: &str, made: &GroupInvitation, code: &str) -> Shown {
    let at = &visit.site()?.at;
    let link = at.page(&format!("i/{}", invitation::plain_code(code)));
    let place = at.page("i").to_string();
    visit.page(&CardPage {
        shell: visit.shell("The invitation is ready", Nav::Groups),
        back: format!("{}/invitations", cards::group_href(group)),
        name: group.display_name.clone(),
        door: cards::door(group),
        words: cards::shorten(&markdown::plain(&group.summary_html), 200),
        rhythm: rhythm.to_owned(),
        qr: qr::svg(link.as_str()).unwrap_or_default(),
        link: link.into(),
        place: place.split_once("://").map_or(place.as_str(), |(_, rest)| rest).to_owned(),
        code: code.to_owned(),
        terms: limits(visit, made),
        line: visit.lines.first().cloned(),
    })
}

// For whoever has a code

pub(crate) async fn code(visit: Visit) -> Answer {
    visit
        .show(|visit| match invitation::plain_code(visit.query("code")).as_str() {
            "" => code_page(visit, ""),
            code => Ok(Answer::see(&format!("/i/{code}"))),
        })
        .await
}

fn code_page(visit: &Visit, wrong: &str) -> Shown {
    visit.site()?;
    let mut flaws = Flaws::none();
    if !wrong.is_empty() {
        flaws.errors.add("code", wrong);
    }
    visit.page(&CodePage {
        shell: visit.shell_again("Come in with a card", Nav::Elsewhere, flaws.any(), None),
        errors: flaws.errors,
        help: visit.help_box(),
    })
}

/// The same for every code that opens nothing.
fn opens_nothing(visit: &Visit) -> Shown {
    let sentence = "That code opens nothing. Look whether every letter is right, or ask for a new card.";
    Ok(code_page(visit, sentence)?.status(404))
}

pub(crate) async fn open(visit: Visit) -> Answer {
    let code = invitation::plain_code(visit.part("code"));
    visit.show(move |visit| Use { code }.show(visit, &Sent::default(), Flaws::none())).await
}

pub(crate) async fn take_open(visit: Visit, sent: Sent) -> Answer {
    let code = invitation::plain_code(visit.part("code"));
    submit(visit, sent, Use { code }).await
}

/// The page of a code, filled with what was typed before signing in.
pub(crate) fn open_form(visit: &Visit, code: &str, sent: &Sent, flaws: Flaws) -> Shown {
    Use { code: invitation::plain_code(code) }.show(visit, sent, flaws)
}

struct Use {
    code: String,
}

impl Form for Use {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        let account = visit.me.as_ref().map(|me| me.account.id);
        let offer = match invitation::look(&visit.state.app, &visit.asked.network, account, &self.code) {
            Ok(offer) => offer,
            Err(ActionError::NotFound) => return opens_nothing(visit),
            Err(other) => return Err(other.into()),
        };
        let Offer { group, row, terms, leads_to, present, .. } = &offer;
        let (leads_to, present) = (*leads_to, *present);
        joining::page(visit, &Way { group, row, terms, leads_to, present, code: Some(&self.code) }, sent, flaws)
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let (app, network) = (&visit.state.app, &visit.asked.network);
        let typed = joining::typed(sent);
        match invitation::accept(app, network, visit.account()?, &self.code, persona_of(sent)?, &typed) {
            Ok((group, State::Active)) => Ok(Answer::see(&format!("{}?said=joined", cards::group_href(&group)))),
            Ok(_) => Ok(Answer::see("/invitations?said=asked")),
            Err(ActionError::NotFound) => opens_nothing(visit),
            Err(other) => Err(other.into()),
        }
    }
}

// For who was invited, or asked

pub(crate) async fn mine(visit: Visit) -> Answer {
    visit.show(|visit| mine_page(visit, "", &Sent::default(), Flaws::none())).await
}

/// The page; `again` is the group whose form is shown once more.
fn mine_page(visit: &Visit, again: &str, sent: &Sent, flaws: Flaws) -> Shown {
    let (app, account) = (&visit.state.app, visit.account()?);
    let requests = join_request::pending(app, account)?;
    let card = |one: Pending| {
        let again = one.group.id.to_string() == again;
        let field = |position: &i32| format!("a-{}-{position}", one.group.id);
        let typed = |field: &str| if again { sent.text(field) } else { String::new() };
        RequestCard {
            questions: one
                .questions
                .iter()
                .map(|(position, question)| (field(position), question.clone(), typed(&field(position))))
                .collect(),
            id: one.group.id.to_string(),
            name: one.group.display_name.clone(),
            persona: one.persona.display_name.clone(),
            from: cards::from(&one.group),
            waits: one.outcome == Outcome::Waiting,
            note: one.note,
            again,
        }
    };
    visit.page(&InvitationsPage {
        shell: visit.shell_again("Invitations and requests", Nav::Elsewhere, flaws.any(), flaws.notice.clone()),
        invites: invite::all(app, account)?.into_iter().map(|one| invite_card(visit, one)).collect(),
        requests: requests.into_iter().map(card).collect(),
        help: visit.help_box(),
        errors: flaws.errors,
    })
}

fn invite_card(visit: &Visit, one: Invited) -> InviteCard {
    let Invited { invite, inviter, invitee, to } = one;
    let (to, href, address, group) = match to {
        InvitedTo::Event(event) => (event.title.clone(), Some(format!("/e/{}", event.id)), String::new(), false),
        InvitedTo::Group(group) => (group.display_name.clone(), Some(cards::group_href(&group)), String::new(), true),
        InvitedTo::Elsewhere(url) => {
            (url.host_str().unwrap_or("Something elsewhere").to_owned(), None, url.to_string(), false)
        }
    };
    InviteCard {
        id: invite.id.to_string(),
        to,
        href,
        address,
        by: format!("{} ({})", inviter.display_name, inviter.host),
        persona: invitee.display_name,
        when: When::written(invite.created_at.utc(), visit.zone(), visit.now).words,
        group,
    }
}

pub(crate) async fn answer(visit: Visit, sent: Sent) -> Answer {
    let id = visit.part("id").to_owned();
    let act = move |visit: &Visit, sent: &Sent| {
        let (yes, said) = match sent.get("answer") {
            "yes" => (true, "accepted"),
            "no" => (false, "declined"),
            _ => return Err(Failure::Unreadable("Press one of the two buttons beside the invitation.")),
        };
        invite::answer(&visit.state.app, visit.account()?, id.parse()?, yes)?;
        Ok(Answer::see(&format!("/invitations?said={said}")))
    };
    submit(visit, sent, Button { page: "/invitations".to_owned(), act }).await
}

pub(crate) async fn request(visit: Visit, sent: Sent) -> Answer {
    let id = visit.part("id").to_owned();
    submit(visit, sent, Request { id }).await
}

struct Request {
    id: String,
}

impl Form for Request {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        mine_page(visit, &self.id, sent, flaws)
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let (app, account) = (&visit.state.app, visit.account()?);
        let group_id: ActorId = self.id.parse()?;
        let said = match sent.get("do") {
            "answer" => {
                let typed = sent.with_prefix(&format!("a-{group_id}-"));
                let answers = typed.into_iter().filter_map(|(place, words)| Some((place.parse().ok()?, words)));
                join_request::answer(app, account, group_id, &answers.collect::<Vec<_>>())?;
                "answer-sent"
            }
            "withdraw" => {
                // Who was let in meanwhile does not leave by this.
                if visit.read(|c| group::told(visit, c, group_id))? == Some(State::Waiting) {
                    membership::leave(app, account, group_id)?;
                }
                "request-back"
            }
            "put_away" => {
                join_request::put_away(app, account, group_id)?;
                "put-away"
            }
            _ => return Err(Failure::Unreadable("Press one of the buttons on the page.")),
        };
        Ok(Answer::see(&format!("/invitations?said={said}")))
    }
}

/// What waits for the reader on that page, in words; for the front page.
pub(crate) fn waits_for(visit: &Visit) -> Result<Option<&'static str>, Failure> {
    let (app, account) = (&visit.state.app, visit.account()?);
    if !invite::all(app, account)?.is_empty() {
        return Ok(Some("Somebody invites you."));
    }
    let pending = join_request::pending(app, account)?;
    Ok(match pending.iter().find(|one| !one.questions.is_empty() || one.outcome == Outcome::NotHere) {
        Some(one) if one.questions.is_empty() => Some("A group you asked has answered."),
        Some(_) => Some("A facilitator would like to know something before they let you in."),
        None => None,
    })
}
