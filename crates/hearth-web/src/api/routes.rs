//! The table of routes. The server and the OpenAPI document are both made from it, so that neither can know a route
//! that the other does not.

use super::{
    account, admin, card, check_in, event, faded, group, identity, image, invite, joining, membership, moderation,
    people, persona, post, problem::ApiError, quiet, rsvp, safety, scheduled, server, servers, talk, token, topic,
};
use actix_web::{HttpResponse, web};

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// No token is looked at.
    Free,
    /// Anybody; with a token what its account may see.
    Open,
    /// Any token.
    Read,
    /// A token that may write.
    Write,
}

/// One method of a path.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operation {
    /// The method, lower case.
    pub method: &'static str,
    /// Who may call.
    pub access: Access,
}

/// One path with its methods.
#[derive(Debug, Clone, Copy)]
pub(super) struct Route {
    /// The path below `/api/v1`.
    pub path: &'static str,
    /// Its methods.
    pub operations: &'static [Operation],
}

impl Route {
    /// The methods for an `Allow` header.
    pub(super) fn allowed(&self) -> String {
        let mut methods = Vec::new();
        for operation in self.operations {
            methods.push(operation.method.to_ascii_uppercase());
            if operation.method == "get" {
                methods.push("HEAD".to_owned());
            }
        }
        methods.join(", ")
    }
}

macro_rules! add {
    ($resource:expr, get, $handler:path) => {
        $resource.route(web::get().to($handler)).route(web::head().to($handler))
    };
    ($resource:expr, $method:ident, $handler:path) => {
        $resource.route(web::$method().to($handler))
    };
}

macro_rules! routes {
    ($($path:literal { $($method:ident $access:ident $module:ident :: $handler:ident,)+ })+) => {
        /// Every route.
        pub(super) const ROUTES: &[Route] = &[$(
            Route {
                path: $path,
                operations: &[$(Operation { method: stringify!($method), access: Access::$access },)+],
            },
        )+];

        /// Adds every route to a scope.
        pub(super) fn add(cfg: &mut web::ServiceConfig) {
            $({
                let resource = web::resource($path);
                $(let resource = add!(resource, $method, $module::$handler);)+
                cfg.service(resource.default_service(web::route().to(|| bad_method($path))));
            })+
        }

        /// What the macro of utoipa reads the handlers' descriptions into.
        #[derive(utoipa::OpenApi)]
        #[openapi(paths($($($module::$handler,)+)+))]
        pub(super) struct Described;
    };
}

routes! {
    "/server" { get Open server::get_server, patch Write server::patch_server, }
    "/setup" { post Free server::set_up, }
    "/help" { get Open server::get_help, }
    "/accounts" { post Free account::sign_up, }
    "/account" { get Read account::get_account, }
    "/account/password" { post Write account::change_password, }
    "/account/reading" { get Read account::get_reading, patch Write account::patch_reading, }
    "/account/sessions" { get Read account::list_sessions, }
    "/account/sessions/{id}" { delete Write account::end_session, }
    "/account/invites" { get Read invite::list_invites, }
    "/account/invites/{id}" { post Write invite::answer_invite, }
    "/account/invitations" { post Write joining::use_group_invitation, }
    "/account/requests" { get Read joining::list_requests, }
    "/account/requests/{id}" { post Write joining::answer_questions, delete Write joining::end_request, }
    "/account/tokens" { get Read token::list_tokens, post Write token::create_token, }
    "/account/tokens/{id}" { delete Write token::revoke_token, }
    "/account/cards" { get Read card::list_own_cards, }
    "/account/faded" { get Read faded::list_faded, }
    "/account/faded/{id}" { delete Write faded::delete_faded, }
    "/account/people" { get Read people::get_people, }
    "/account/personas" { get Read persona::list_personas, post Write persona::create_persona, }
    "/account/personas/{id}" { patch Write persona::patch_persona, }
    "/account/personas/{id}/retire" { post Write persona::retire_persona, }
    "/account/personas/{id}/erase" { post Write identity::erase_persona, }
    "/account/personas/{id}/aliases" { put Write identity::put_persona_aliases, }
    "/account/personas/{id}/move" { post Write identity::move_persona, }
    "/admin/accounts/waiting" { get Read admin::list_waiting, }
    "/admin/accounts/{id}/approve" { post Write admin::approve_account, }
    "/admin/accounts/{id}/turn-away" { post Write admin::turn_away_account, }
    "/admin/reports" { get Read moderation::list_keepers_reports, }
    "/admin/health" { get Read admin::get_health, }
    "/admin/servers/trust" { post Write admin::trust_server, }
    "/admin/servers/try-again" { post Write admin::try_server_again, }
    "/admin/network" { get Read servers::get_network, patch Write servers::patch_network, }
    "/admin/network/follow" { post Write servers::follow_server, }
    "/admin/network/followed/{id}" { patch Write servers::patch_followed, delete Write servers::unfollow_server, }
    "/admin/network/followers/{id}" { post Write servers::answer_follower, }
    "/admin/network/meetups" { post Write servers::review_meetup, }
    "/admin/invitations" { get Read admin::list_invitations, post Write admin::create_invitation, }
    "/groups" { get Open group::list_groups, post Write group::create_group, }
    "/groups/lookup" { get Open group::look_up_groups, }
    "/groups/{id}" { get Open group::get_group, patch Write group::patch_group, }
    "/groups/{id}/join" { post Write group::join_group, }
    "/groups/{id}/leave" { post Write group::leave_group, }
    "/groups/{id}/door" { get Open joining::get_door, put Write joining::put_door, }
    "/groups/{id}/invitations" { get Read joining::list_group_invitations, post Write joining::make_group_invitation, }
    "/groups/{id}/invites" { get Read joining::list_sent_invites, post Write joining::send_invite, }
    "/invitations/{id}" { delete Write joining::revoke_group_invitation, }
    "/groups/{id}/follow" { post Write group::follow_group, }
    "/groups/{id}/unfollow" { post Write group::unfollow_group, }
    "/groups/{id}/ban" { post Write moderation::ban_person, }
    "/groups/{id}/let-in" { post Write moderation::let_person_in, }
    "/groups/{id}/bans" { get Read moderation::list_bans, }
    "/groups/{id}/team" { post Write moderation::change_team, patch Write moderation::patch_team, }
    "/groups/{id}/reports" { get Read moderation::list_reports, }
    "/reports/{id}/resolve" { post Write moderation::resolve_report, }
    "/groups/{id}/settings" { patch Write membership::patch_settings, }
    "/groups/{id}/waiting" { get Read membership::list_waiting_members, post Write membership::answer_request, }
    "/groups/{id}/members/remove" { post Write membership::remove_member, }
    "/groups/{id}/erase" { post Write identity::erase_group, }
    "/groups/{id}/aliases" { put Write identity::put_group_aliases, }
    "/groups/{id}/move" { post Write identity::move_group, }
    "/groups/{id}/quiet-words" { get Read quiet::list_quiet_words, post Write quiet::ask_team, }
    "/groups/{id}/cards" { get Read card::list_cards, }
    "/groups/{id}/topics" { get Read topic::get_topics, put Write topic::put_topics, }
    "/groups/{id}/talk" { get Open talk::get_talk, patch Write talk::patch_talk, }
    "/groups/{id}/notes" { get Read talk::get_notes, put Write talk::put_notes, }
    "/groups/{id}/posts" { get Open post::list_group_posts, post Write post::create_post, }
    "/groups/{id}/scheduled" { get Read scheduled::list_scheduled_in_group, post Write scheduled::schedule_post, }
    "/groups/{id}/check-ins" { get Read check_in::list_check_ins, post Write check_in::set_up_check_in, }
    "/check-ins/{id}" {
        get Read check_in::get_check_in, patch Write check_in::patch_check_in, delete Write check_in::end_check_in,
    }
    "/check-ins/{id}/paused" { put Write check_in::put_paused, }
    "/check-ins/{id}/take-over" { post Write check_in::take_check_in_over, }
    "/account/scheduled" { get Read scheduled::list_scheduled, }
    "/scheduled/{id}" {
        get Read scheduled::get_scheduled, patch Write scheduled::patch_scheduled,
        delete Write scheduled::take_scheduled_back,
    }
    "/scheduled/{id}/publish" { post Write scheduled::publish_scheduled, }
    "/groups/{id}/events" { get Open event::list_group_events, post Write event::create_event, }
    "/feed" { get Read post::get_feed, }
    "/images" { post Write image::send_image, }
    "/images/{id}" { get Open image::get_image, }
    "/posts/{id}" { get Open post::get_post, patch Write post::patch_post, delete Write post::delete_post, }
    "/posts/{id}/topics" { put Write topic::put_post_topics, }
    "/posts/{id}/moderate" { post Write moderation::moderate_post, }
    "/posts/{id}/report" { post Write moderation::report_post, }
    "/posts/{id}/hide" { post Write safety::hide_post, }
    "/reports/{id}/take" { post Write safety::take_report, }
    "/groups/{id}/care" { get Read safety::get_care, put Write safety::put_care, }
    "/groups/{id}/archive" { put Write safety::put_archive, }
    "/groups/{id}/roles" { post Write safety::give_role, }
    "/groups/{id}/offer" { post Write safety::offer_group, patch Write safety::answer_offer, }
    "/groups/{id}/warn" { post Write safety::warn_member, }
    "/groups/{id}/held" { get Read safety::list_held, post Write safety::decide_held, }
    "/groups/{id}/log" { get Read safety::get_group_log, }
    "/notices" { get Read safety::list_notices, }
    "/notices/seen" { post Write safety::mark_seen, }
    "/notices/quiet" { put Write safety::put_quiet, }
    "/admin/log" { get Read safety::get_server_log, }
    "/admin/helplines" { post Write safety::add_helpline, }
    "/admin/access" { get Read safety::list_access, post Write safety::ask_access, patch Write safety::change_access, }
    "/posts/{id}/hear" { put Write moderation::hear_post, }
    "/posts/{id}/conversation" { get Read talk::get_conversation, put Write talk::put_conversation, }
    "/posts/{id}/quiet-word" { post Write quiet::write_to_author, }
    "/posts/{id}/card" { post Write card::keep_card, }
    "/posts/{id}/card-request" { post Write card::ask_for_card, delete Write card::decline_card, }
    "/cards/{id}" { get Read card::get_card, patch Write card::patch_card, delete Write card::delete_card, }
    "/posts/{id}/versions" { get Read people::list_versions, }
    "/quiet-words/{id}" { get Read quiet::get_quiet_word, post Write quiet::answer_quiet_word, }
    "/people/{id}/mute" { put Write people::mute_person, }
    "/people/{id}/block" { put Write people::block_person, }
    "/posts/{id}/replies" { post Write post::reply_to_post, }
    "/events" { get Open event::list_events, }
    "/events/{id}" { get Open event::get_event, patch Write event::patch_event, delete Write event::delete_event, }
    "/events/{id}/cancel" { post Write event::cancel_event, }
    "/events/{id}/replies" { post Write post::reply_to_event, }
    "/events/{id}/rsvp" { put Write rsvp::put_rsvp, }
    "/events/{id}/people" { get Read rsvp::list_people, }
    "/events/{id}/people/decide" { post Write rsvp::decide, }
}

async fn bad_method(path: &'static str) -> Result<HttpResponse, ApiError> {
    let allowed = ROUTES.iter().find(|route| route.path == path).map(Route::allowed);
    Err(ApiError::BadMethod(allowed.unwrap_or_default()))
}
