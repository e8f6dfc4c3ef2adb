//! The handlers of the pages, one file for each noun.
//!
//! Addresses are those of `federation/profile.md`, shared with the documents other servers ask for (those are answered
//! before, by `Accept`). A group of another server is shown here under `/g/{name}@{host}`, its posts and meetups under
//! the number of our copy: `/p/{id}`, `/e/{id}`. Nothing here writes but through [`crate::submit`].

pub(crate) mod account;
mod admin;
pub(crate) mod cards;
mod check_ins;
mod conversation;
mod event;
mod event_form;
mod faded;
mod follow;
mod group;
mod group_form;
mod health;
mod held;
mod home;
mod ics;
mod invitations;
mod joining;
mod keeper;
mod keeping;
mod library;
mod lookup;
mod media;
mod meetups;
mod moderation;
mod notes;
mod notices;
mod people;
mod person;
pub(crate) mod pictures;
mod post;
mod quiet;
mod report;
mod safety;
mod scheduled;
mod search;
mod series;
mod servers;
mod settings;
mod setup;
mod talk;
mod thread;
mod topics;
pub(crate) mod words;

use crate::{
    answer::Answer,
    error::nothing,
    sent::Sent,
    submit::Flaws,
    viewer::{Shown, Visit},
};
use actix_web::{FromRequest, Handler, Resource, Responder, web};

/// A page that answers GET and HEAD alike; other methods are answered 405.
fn get<F, Args>(path: &str, handler: F) -> Resource
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::resource(path).route(web::get().to(handler.clone())).route(web::head().to(handler))
}

/// A page with a form that is sent to its own address.
fn form<F, Args, P, PostArgs>(path: &str, show: F, take: P) -> Resource
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
    P: Handler<PostArgs>,
    PostArgs: FromRequest + 'static,
    P::Output: Responder + 'static,
{
    get(path, show).route(web::post().to(take))
}

/// Something that is only sent.
fn post<P, Args>(path: &str, take: P) -> Resource
where
    P: Handler<Args>,
    Args: FromRequest + 'static,
    P::Output: Responder + 'static,
{
    web::resource(path).route(web::post().to(take))
}

/// Registers all pages, and the page for everything else.
pub(crate) fn configure(config: &mut web::ServiceConfig) {
    config
        .service(get("/", home::show))
        .service(form("/setup", setup::show, setup::take))
        .service(form("/join", account::join, account::take_join))
        .service(form("/sign-in", account::sign_in, account::take_sign_in))
        .service(post("/sign-out", account::sign_out))
        .service(get("/leave", account::leave))
        .service(get("/help", words::help))
        .service(get("/about", words::about))
        .service(get("/privacy", words::privacy))
        .service(form("/follow", follow::show, follow::take))
        .service(get("/i", invitations::code))
        .service(form("/i/{code}", invitations::open, invitations::take_open))
        .service(get("/invitations", invitations::mine))
        .service(post("/invitations/{id}", invitations::answer))
        .service(post("/invitations/requests/{id}", invitations::request))
        .service(get("/authorize_interaction", lookup::arrive))
        .service(get("/u/{name}", person::show))
        .service(get("/admin", health::show))
        .service(get("/admin/servers/{host}", health::server_page))
        .service(post("/admin/servers/{host}/try", health::try_again))
        .service(post("/admin/servers/{host}/trust", health::trust))
        .service(get("/admin/network", servers::show))
        .service(post("/admin/network/follow", servers::follow))
        .service(post("/admin/network/followed", servers::followed))
        .service(post("/admin/network/followers", servers::followers))
        .service(post("/admin/network/rule", servers::rule))
        .service(post("/admin/network/meetups", servers::meetup))
        .service(get("/admin/people", admin::show))
        .service(get("/admin/reports", report::keepers))
        .service(post("/admin/reports/{id}", report::resolve))
        .service(form("/admin/helplines", keeper::lines, keeper::take_line))
        .service(post("/admin/helplines/{id}", keeper::change_line))
        .service(get("/admin/log", safety::server_log))
        .service(form("/admin/access", keeper::access_page, keeper::ask_access))
        .service(post("/admin/access/{id}", keeper::change_access))
        .service(get("/notices", notices::show))
        .service(post("/notices/seen", notices::seen))
        .service(form("/notices/quiet", notices::show, notices::quiet))
        .service(post("/admin/people/{id}", admin::answer))
        .service(post("/admin/invitations", admin::invite));
    groups(config);
    conversations(config);
    meetups_(config);
    settings_(config);
    config.default_service(web::to(not_found));
}

fn groups(config: &mut web::ServiceConfig) {
    config
        .service(get("/groups", lookup::show))
        .service(get("/groups/lookup", lookup::show))
        .service(post("/groups/follow", lookup::follow))
        .service(form("/groups/new", group_form::new, group_form::take_new))
        .service(get("/g/{name}", group::show))
        .service(form("/g/{name}/edit", group_form::edit, group_form::take_edit))
        .service(form("/g/{name}/quiet", quiet::list, quiet::begin))
        .service(form("/g/{name}/quiet/{id}", quiet::show, quiet::answer))
        .service(get("/g/{name}/cards", library::show))
        .service(form("/g/{name}/topics", library::topics, library::take_topics))
        .service(get("/g/{name}/cards/{id}", library::card))
        .service(form("/g/{name}/cards/{id}/edit", keeping::edit, keeping::take_edit))
        .service(form("/g/{name}/cards/{id}/remove", library::ask_remove, library::remove))
        .service(form("/g/{name}/notes", notes::show, notes::take))
        .service(form("/g/{name}/talk", notes::show_talk, notes::take_talk))
        .service(get("/g/{name}/waiting", group::waiting))
        .service(post("/g/{name}/waiting/{id}", group::answer_waiting))
        .service(form("/g/{name}/join", joining::join, group::join))
        .service(form("/g/{name}/leave", joining::ask_leave, joining::leave))
        .service(form("/g/{name}/agreement", joining::agreement, joining::agree))
        .service(form("/g/{name}/terms", joining::terms, joining::take_terms))
        .service(form("/g/{name}/invitations", invitations::list, invitations::take_list))
        .service(post("/g/{name}/follow", group::follow))
        .service(post("/g/{name}/unfollow", joining::leave))
        .service(form("/g/{name}/care", moderation::group, moderation::take_group))
        .service(post("/g/{name}/reports/{id}", report::resolve))
        .service(form("/g/{name}/safety", safety::show, safety::take))
        .service(get("/g/{name}/log", safety::group_log))
        .service(post("/g/{name}/export", safety::export))
        .service(post("/g/{name}/offer", safety::answer_offer))
        .service(post("/g/{name}/held/{id}", held::decide))
        .service(get("/g/{name}/meetups.ics", ics::of_group))
        .service(get("/g/{name}/meetups", meetups::of_group))
        .service(form("/g/{name}/meetups/new", event_form::new, event_form::take_new))
        .service(get("/g/{name}/planned", scheduled::in_group))
        .service(get("/g/{name}/search", search::show))
        .service(form("/g/{name}/check-ins", check_ins::list, check_ins::take_list))
        .service(form("/g/{name}/check-ins/new", check_ins::new, check_ins::take_new))
        .service(form("/g/{name}/check-ins/{id}", check_ins::edit, check_ins::take_edit))
        .service(form("/g/{name}/check-ins/{id}/end", check_ins::ask_end, check_ins::end))
        .service(form("/g/{name}/new", post::new, post::take_new));
}

fn conversations(config: &mut web::ServiceConfig) {
    config.service(get("/p/{id}", thread::show)).service(get("/n/{id}", thread::place));
    config.service(get("/media/{id}", media::show));
    config
        .service(get("/planned", scheduled::everywhere))
        .service(form("/planned/{id}", scheduled::edit, scheduled::take_edit))
        .service(post("/planned/{id}/publish", scheduled::publish))
        .service(post("/planned/{id}/take-back", scheduled::take_back));
    for kind in ["p", "n"] {
        config
            .service(form(&format!("/{kind}/{{id}}/reply"), post::reply, post::take_reply))
            .service(form(&format!("/{kind}/{{id}}/edit"), post::edit, post::take_edit))
            .service(form(&format!("/{kind}/{{id}}/report"), report::ask, report::take))
            .service(form(&format!("/{kind}/{{id}}/care"), moderation::post, moderation::take_post))
            .service(form(&format!("/{kind}/{{id}}/person"), people::ask, people::take))
            .service(form(&format!("/{kind}/{{id}}/card"), keeping::ask, keeping::take))
            .service(get(&format!("/{kind}/{{id}}/history"), people::history))
            .service(post(&format!("/{kind}/{{id}}/hear"), moderation::hear))
            .service(post(&format!("/{kind}/{{id}}/conversation"), conversation::choose))
            .service(post(&format!("/{kind}/{{id}}/take-back"), held::take_back))
            .service(form(&format!("/{kind}/{{id}}/delete"), post::ask_delete, post::delete));
    }
}

fn meetups_(config: &mut web::ServiceConfig) {
    config
        .service(get("/meetups", meetups::everywhere))
        .service(get("/e/{id}.ics", ics::show))
        .service(get("/e/{id}", event::show))
        .service(post("/e/{id}/rsvp", event::rsvp))
        .service(form("/e/{id}/people", event::people, event::decide))
        .service(form("/e/{id}/reply", post::reply_to_event, post::take_reply_to_event))
        .service(form("/e/{id}/edit", event_form::edit, event_form::take_edit))
        .service(form("/e/{id}/cancel", event::ask_cancel, event::cancel))
        .service(form("/e/{id}/stop", event::ask_stop, event::stop))
        .service(form("/e/{id}/delete", event::ask_delete, event::delete))
        .service(get("/s/{id}.ics", ics::of_series))
        .service(form("/s/{id}", series::show, series::take));
}

fn settings_(config: &mut web::ServiceConfig) {
    config
        .service(get("/settings", settings::show))
        .service(post("/settings/reading", settings::reading))
        .service(post("/settings/discreet", settings::discreet))
        .service(post("/settings/password", settings::password))
        .service(form("/settings/people", people::list, people::take_list))
        .service(get("/settings/cards", library::own))
        .service(get("/settings/faded", faded::show))
        .service(form("/settings/faded/{id}", faded::ask_delete, faded::delete))
        .service(form("/settings/cards/{id}", library::ask_take_back, library::take_back))
        .service(form("/settings/sessions", settings::show, settings::end_session))
        .service(form("/settings/names", settings::names, settings::take_name))
        .service(post("/settings/names/{id}", settings::rename))
        .service(form("/settings/names/{id}/retire", settings::ask_retire, settings::retire));
}

async fn not_found(visit: Visit) -> Answer {
    visit.show(|_| Err(nothing())).await
}

/// The form at this address, filled with what was typed before signing in; where it is only a button, its page.
fn shown_again(visit: &Visit, address: &str, sent: &Sent) -> Shown {
    let path = address.split('?').next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let flaws = Flaws::none();
    match parts.as_slice() {
        ["g", name, "new"] => post::new_form(visit, name, sent, flaws),
        ["g", name, "join"] => joining::join_page(visit, name, sent, flaws),
        ["g", name, "terms"] => joining::terms_form(visit, name, sent, flaws),
        ["g", name, page @ ("waiting" | "invitations" | "agreement" | "leave")] => {
            Ok(Answer::see(&format!("/g/{name}/{page}")))
        }
        ["i", code] => invitations::open_form(visit, code, sent, flaws),
        ["invitations", ..] => Ok(Answer::see("/invitations")),
        ["g", name, "edit"] => group_form::edit_form(visit, name, sent, flaws),
        ["g", name, "meetups", "new"] => event_form::new_form(visit, name, sent, flaws),
        ["g", name, "quiet"] => quiet::list_page(visit, name, sent, flaws),
        ["g", name, "quiet", id] => quiet::page(visit, name, id, sent, flaws),
        ["g", name, "notes"] => notes::page(visit, name, sent, flaws),
        ["g", name, "topics"] => library::topics_page(visit, name, sent, flaws),
        ["g", name, "cards", id, "edit"] => keeping::edit_form(visit, name, id, sent, flaws),
        ["g", name, "cards", ..] => Ok(Answer::see(&format!("/g/{name}/cards"))),
        ["p" | "n", id, "card"] => keeping::again(visit, id, sent, flaws),
        ["g", name, "check-ins", "new"] => check_ins::new_form(visit, name, sent, flaws),
        ["g", name, "check-ins", id] => check_ins::edit_form(visit, name, id, sent, flaws),
        ["g", name, "check-ins", ..] => Ok(Answer::see(&format!("/g/{name}/check-ins"))),
        ["g", name, "talk"] => notes::talk_page(visit, name, sent, flaws),
        ["groups", "new"] => group_form::new_form(visit, sent, flaws),
        ["p" | "n", id, "reply"] => thread::reply_form(visit, id, sent, flaws),
        ["p" | "n", id, "report"] => report::form(visit, id, sent, flaws),
        ["p" | "n", id, "edit"] => post::edit_form(visit, id, sent, flaws),
        ["e", id, "reply"] => post::event_reply_form(visit, id, sent, flaws),
        ["e", id, "edit"] => event_form::edit_form(visit, id, sent, flaws),
        ["e", id, "people"] => Ok(Answer::see(&format!("/e/{id}/people"))),
        ["e", id, "rsvp"] => event::page(visit, id, sent, flaws),
        ["settings", "names"] => settings::names_page(visit, sent, flaws),
        ["planned", id] => scheduled::form_of(visit, id, sent, flaws),
        ["planned", ..] => Ok(Answer::see("/planned")),
        ["g", name, _] => Ok(Answer::see(&format!("/g/{name}"))),
        ["p" | "n", id, _] => Ok(Answer::see(&format!("/p/{id}"))),
        ["s", id] => Ok(Answer::see(&format!("/s/{id}"))),
        ["e", id, _] => Ok(Answer::see(&format!("/e/{id}"))),
        ["g", name, "reports" | "held", _] => Ok(Answer::see(&format!("/g/{name}/care"))),
        ["admin", "reports", _] => Ok(Answer::see("/admin/reports")),
        ["notices", ..] => Ok(Answer::see("/notices")),
        ["groups", ..] => Ok(Answer::see("/groups")),
        ["settings", ..] => Ok(Answer::see("/settings")),
        _ => Ok(Answer::see("/")),
    }
}
