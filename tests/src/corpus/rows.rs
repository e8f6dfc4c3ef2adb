//! Which effect each row has to have. A row is found by its name or by the beginning of it; the first entry counts. A row
//! without an entry fails.

use super::effect::{
    Effect::{self, *},
    Who::{Alice, Mallory},
};

const TEXT_MAX: usize = 64 * 1024 + 64;

/// Beginnings of file names with what has to hold.
const ROWS: &[(&str, &[Effect])] = &[
    // Good requests.
    ("ok-11", &[Noted, AllTaken]),
    ("ok-12", &[Followed, AllTaken]),
    ("ok-", &[Shown(Alice), AllTaken]),
    // Signatures.
    ("sig-30", &[AtMostShown(Alice)]),
    ("sig-38", &[AtMostShown(Alice)]),
    ("sig-40", &[Shown(Alice), AllTaken]),
    ("sig-47", &[Nothing, AnsweredWithin(50)]),
    ("sig-49", &[AtMostShown(Alice)]),
    ("sig-52", &[AtMostShown(Alice)]),
    ("sig-54", &[AtMostShown(Alice)]),
    // With a wrong signature under a known key, the key is asked for once more: it may be a new one.
    ("sig-05", &[Nothing, Fetched("peer.test", 1)]),
    ("sig-", &[Nothing]),
    // Requests that are bent.
    ("http-01", &[Nothing, OneAnswer]),
    ("http-05", &[Nothing, ClosedWithin(30)]),
    ("http-06", &[Nothing, GrewLess(4)]),
    ("http-07", &[Nothing, GrewLess(4)]),
    ("http-12", &[Nothing, NotContinued]),
    ("http-15", &[Nothing, AnswerLacks("\"type\"")]),
    ("http-17", &[Nothing, AnswerLacks("abc")]),
    ("http-18", &[Nothing, AnswerLacks("evil.test")]),
    ("http-20", &[Nothing, AnswerLacks("root:")]),
    ("http-23", &[Nothing, ClosedWithin(10)]),
    ("http-26", &[AtMostShown(Alice), SecondRefused]),
    ("http-27", &[Nothing, NotContinued]),
    ("http-28", &[Nothing, ClosedWithin(30)]),
    ("http-30", &[Nothing, AnswerLacks("Set-Cookie"), AnswerLacks("set-cookie")]),
    ("http-31", &[Nothing, AnswerLacks("subject")]),
    ("http-", &[Nothing]),
    // JSON that is bent.
    ("json-09", &[AtMostShown(Alice)]),
    ("json-12", &[AtMostShown(Alice), TextLacks("\0")]),
    ("json-18", &[AtMostShown(Alice)]),
    ("json-19", &[AtMostShown(Alice), AnsweredWithin(200)]),
    ("json-21", &[Noted]),
    ("json-22", &[AtMostShown(Alice)]),
    ("json-24", &[AtMostShown(Alice), AnsweredWithin(300)]),
    ("json-25", &[AtMostShown(Alice)]),
    ("json-26", &[AtMostShown(Alice)]),
    ("json-", &[Nothing]),
    // Activities of wrong shape.
    ("as-03", &[Noted]),
    ("as-04", &[AtMostShown(Mallory)]),
    ("as-05", &[Noted]),
    ("as-14", &[AtMostShown(Mallory)]),
    ("as-20", &[AtMostShown(Mallory)]),
    ("as-23", &[Noted]),
    ("as-24", &[Noted]),
    ("as-25", &[Noted]),
    ("as-26", &[AtMostShown(Mallory)]),
    ("as-27", &[AtMostShown(Mallory)]),
    ("as-28", &[AtMostShown(Mallory)]),
    ("as-29", &[Noted]),
    ("as-30", &[Noted]),
    ("as-31", &[AtMostShown(Mallory), RelayLacks("\"bto\""), RelayLacks("\"bcc\"")]),
    ("as-32", &[Noted]),
    ("as-33", &[Noted]),
    ("as-", &[Nothing]),
    // Contexts: only the plain keys mean anything.
    ("ctx-03", &[Noted]),
    ("ctx-05", &[AtMostShown(Mallory), TextLacks("forged"), RelayLacks("forged")]),
    ("ctx-08", &[Noted]),
    ("ctx-09", &[Noted]),
    ("ctx-", &[AtMostShown(Mallory)]),
    // Speaking for others.
    ("auth-03", &[AtMostShown(Mallory)]),
    ("auth-06", &[AtMostShown(Mallory)]),
    ("auth-17", &[Renewed(Mallory)]),
    ("auth-18", &[Renewed(Mallory)]),
    ("auth-19", &[Renewed(Mallory)]),
    // Nothing is known of what runs there, so it may not have what is for members (profile 7.3).
    ("auth-33", &[Refused("evil.test", "/users/mallory/inbox"), Fetched("evil.test", 1)]),
    ("auth-34", &[Nothing]),
    // The target is asked whether it points back, and nothing more.
    ("auth-36", &[Noted, Fetched("victim.test", 1)]),
    ("auth-48", &[Reported]),
    ("auth-49", &[Noted, Fetched("victim.test", 1)]),
    ("auth-50", &[Nothing]),
    ("auth-51", &[Noted, LikeUnknown]),
    ("auth-52", &[Noted, LikeUnknown]),
    ("auth-53", &[Noted, LikeUnknown]),
    ("auth-54", &[Noted, LikeUnknown]),
    ("auth-55", &[Noted, CalendarStands, Fetched("evil.test", 1)]),
    ("auth-56", &[Noted, CalendarStands]),
    ("auth-57", &[Nothing]),
    ("auth-59", &[Noted, LikeUnknown]),
    ("auth-62", &[Nothing]),
    ("auth-64", &[Refused("peer.test", "/users/suspended/inbox")]),
    ("auth-65", &[Nothing]),
    ("auth-", &[Noted]),
    // Markup.
    ("html-07", &[AtMostShown(Mallory), Inert, TextLacks("<form"), TextLacks("<input"), TextLacks("<button")]),
    ("html-08", &[AtMostShown(Mallory), Inert, TextLacks("style"), TextLacks("evil.test")]),
    ("html-14", &[AtMostShown(Mallory), Inert, TextLacks("class")]),
    ("html-15", &[AtMostShown(Mallory), Inert, TextSays("evil.test")]),
    ("html-16", &[AtMostShown(Mallory), Inert, TextLacks("id="), TextLacks("name=")]),
    ("html-17", &[AtMostShown(Mallory), Inert, AnsweredWithin(200)]),
    ("html-18", &[AtMostShown(Mallory), Inert, AnsweredWithin(200)]),
    ("html-19", &[AtMostShown(Mallory), Inert, TextSays("&lt;script&gt;"), TextSays("&amp;lt;b")]),
    ("html-20", &[AtMostShown(Mallory), Inert, TextLacks("evil.test")]),
    ("html-", &[AtMostShown(Mallory), Inert]),
    // Texts and names. What an Update says of its own author is only a reason to ask their server.
    ("text-01", &[Renewed(Mallory)]),
    ("text-02", &[Renewed(Mallory)]),
    ("text-03", &[Renewed(Mallory)]),
    ("text-05", &[Renewed(Mallory)]),
    ("text-06", &[Renewed(Mallory)]),
    ("text-04", &[AtMostShown(Mallory), Inert, TextAtMost(TEXT_MAX)]),
    ("text-07", &[AtMostShown(Mallory), Inert, TextLacks("49"), TextSays("7*7")]),
    ("text-08", &[AtMostShown(Mallory), Inert, TextSays("DROP TABLE posts;--")]),
    ("text-09", &[AtMostShown(Mallory), Inert, TextLacks("\u{1}"), TextLacks("\u{fffe}")]),
    ("text-10", &[AtMostShown(Mallory), Inert, TextAtMost(TEXT_MAX)]),
    ("text-12", &[AtMostShown(Mallory), AnsweredWithin(300)]),
    ("text-15", &[AtMostShown(Mallory), TextLacks("x.svg"), TextLacks("x.html")]),
    ("text-17", &[AtMostBegun(Mallory), Inert]),
    ("text-18", &[Noted, Fetched("evil.test", 1)]),
    ("text-19", &[Parked, Fetched("evil.test", 20)]),
    ("text-20", &[AtMostShown(Mallory), NotFromTomorrow]),
    ("text-21", &[AtMostShown(Mallory), NotFromTomorrow]),
    ("text-", &[AtMostShown(Mallory), Inert]),
    // Meetups of a member elsewhere.
    ("event-01", &[Noted, CalendarStands]),
    ("event-03", &[Noted, CalendarStands]),
    ("event-", &[AtMostMeetup]),
    // Addresses that must never be asked.
    ("fetch-", &[Noted]),
];

/// What has to hold for a file.
#[must_use]
pub fn effects(file: &str) -> Option<&'static [Effect]> {
    ROWS.iter().find(|(beginning, _)| file.starts_with(beginning)).map(|(_, effects)| *effects)
}

/// Rows whose activity id is not at the usual place.
#[must_use]
pub fn has_id_of_its_own(file: &str) -> bool {
    ["as-14", "json-22", "ctx-06"].iter().any(|name| file.starts_with(name))
}
