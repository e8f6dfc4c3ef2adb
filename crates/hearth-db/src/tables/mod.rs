//! One file for each table: the row, and the few statements that touch it.
//!
//! Rows have no `Debug` on purpose: they hold names, texts and keys, and nothing of that may reach a log.

use crate::Time;
use hearth_domain::{
    address::ApId, audience, care, check_in, event, group, id, image, join_request, log, membership, note, notice,
    recurrence, report, rsvp, scheduled_post, series, server as server_words,
};

/// The last result of a row in a queue whose lease ran out, so that another took it over.
pub const TAKEN_OVER: &str = "taken_over";
/// The last result of a row in a queue that was given back at an orderly stop.
pub const GIVEN_BACK: &str = "given_back";

/// How a value of the domain is written into a column.
pub(crate) trait Sql {
    /// What diesel binds.
    type Out<'a>
    where
        Self: 'a;
    /// The value to bind.
    fn sql(&self) -> Self::Out<'_>;
}

macro_rules! sql {
    ($($t:ty => $out:ty: |$value:ident| $expression:expr;)+) => { $(
        impl Sql for $t {
            type Out<'a> = $out;
            fn sql(&self) -> $out { let $value = self; $expression }
        }
    )+ };
}
macro_rules! sql_ids { ($($t:ident)+) => { sql! { $(id::$t => i64: |id| id.get();)+ } }; }
macro_rules! sql_words { ($($t:ty,)+) => { sql! { $($t => &'static str: |word| word.as_str();)+ } }; }

sql! {
    bool => bool: |v| *v;
    i32 => i32: |v| *v;
    i64 => i64: |v| *v;
    Time => Time: |v| *v;
    recurrence::Rule => String: |rule| rule.to_string();
    series::SeriesRule => String: |rule| rule.to_string();
}
sql_ids! { AccountId ActorId SessionId TokenId PostId EventId RsvpId FollowId ActivityId InvitationId HelplineId CardId TopicId
    ReportId InviteId PostVersionId QuietWordId QuietMessageId NoticeId LogId HouseReplyId AccessId
    GroupInvitationId ScheduledPostId CheckInId SeriesId ImageId
}
sql_words! {
    actors::ActorKind, audience::Visibility, deliveries::DeliveryState, event::JoinMode, event::PlaceKind, event::Status,
    follows::FollowState, group::Joining, group::Posting, group::Readable, group::Reach, incoming::IncomingState,
    care::Access, care::Cause, care::Waiting, check_in::Rest, image::ImageState, log::Logged, notice::Kind, report::Kind, report::Withheld,
    join_request::Outcome,
    membership::Asking,
    membership::Role, membership::State, relays::RelayState, relays::RelayStyle, repairs::RepairKind, report::State, rsvp::Answer,
    server_words::AccountState, server_words::HelplineKind, server_words::SignUp, api_tokens::Scope,
    note::NoteChoice, notice::ThreadChoice, scheduled_post::Returned, server_words::FollowedBy,
    server_words::TakesMeetups, network_meetups::MeetupState,
}
impl Sql for String {
    type Out<'a> = &'a str;
    fn sql(&self) -> &str {
        self
    }
}
impl Sql for Vec<u8> {
    type Out<'a> = &'a [u8];
    fn sql(&self) -> &[u8] {
        self
    }
}
impl Sql for ApId {
    type Out<'a> = &'a str;
    fn sql(&self) -> &str {
        self.as_str()
    }
}
impl<T: Sql> Sql for Option<T> {
    type Out<'a>
        = Option<T::Out<'a>>
    where
        T: 'a;
    fn sql(&self) -> Option<T::Out<'_>> {
        self.as_ref().map(Sql::sql)
    }
}

/// Declares the row of a table: a struct that is read whole and inserted whole.
/// `as` names the raw type of a column whose Rust type belongs to the domain.
macro_rules! row {
    ($(#[$meta:meta])* $name:ident in $table:ident { $($(#[$fmeta:meta])* $field:ident: $type:ty $(as $raw:ty)?,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, diesel::Queryable, diesel::Selectable)]
        #[diesel(table_name = crate::schema::$table)]
        pub struct $name {
            $($(#[$fmeta])* $(#[diesel(deserialize_as = $raw)])? pub $field: $type,)+
        }

        impl $name {
            /// Inserts this row.
            ///
            /// # Errors
            /// `Duplicate` when a unique column is taken; database errors.
            pub fn insert(&self, tx: &mut $crate::Tx<'_>) -> $crate::Result<()> {
                use crate::{schema::$table, tables::Sql as _};
                use diesel::{ExpressionMethods as _, RunQueryDsl as _};
                diesel::insert_into($table::table).values(($($table::$field.eq(self.$field.sql()),)+)).execute(&mut **tx)?;
                Ok(())
            }
        }
    };
}

/// Whether a text from outside can be the key of a row: PostgreSQL takes no NUL, not even to look for it.
pub(crate) fn can_be_key(text: &str) -> bool {
    !text.contains('\0')
}

pub mod accounts;
pub mod activities;
pub mod actors;
pub mod agreements;
pub mod aliases;
pub mod api_tokens;
pub mod audit_log;
pub mod bans;
pub mod blocks;
pub mod card_owners;
pub mod card_requests;
pub mod cards;
pub mod check_ins;
pub mod deliveries;
pub mod delivery_hours;
pub mod emergency_access;
pub mod event_series;
pub mod event_terms;
pub mod events;
pub mod faded_posts;
pub mod fadings;
pub mod followed_servers;
pub mod follows;
pub mod group_care;
pub mod group_invitations;
pub mod group_log;
pub mod groups;
pub mod handovers;
pub mod held_posts;
pub mod helplines;
pub mod host_minutes;
pub mod hosts;
pub mod house_replies;
pub mod images;
pub mod incidents;
pub mod incoming;
pub mod invitations;
pub mod invites;
pub mod jobs;
pub mod join_questions;
pub mod join_requests;
pub mod locks;
pub mod membership_requests;
pub mod memberships;
pub mod moves;
pub mod mutes;
pub mod network_meetups;
pub mod note_choices;
pub mod notices;
pub mod pauses;
pub mod personas;
pub mod pins;
pub mod post_marks;
pub mod post_versions;
pub mod posts;
pub mod proof_keys;
pub mod quiet_hours;
pub mod quiet_words;
pub mod reactions;
pub mod relays;
pub mod removals;
pub mod repairs;
pub mod replaced_keys;
pub mod reports;
pub mod rsvps;
pub mod scheduled_posts;
pub mod seals;
pub mod seen_activities;
pub mod sent_invites;
pub mod server;
pub mod sessions;
pub mod setup_codes;
pub mod talk_rules;
pub mod teams;
pub mod thread_choices;
pub mod topics;
pub mod tries;
pub mod voices;
