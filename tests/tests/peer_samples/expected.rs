//! What a document of another server says, read by rules written for that software and not by Hearth's readers: a few
//! plain looks at the JSON. Whatever Hearth understood has to agree with it.

use std::collections::BTreeMap;

use chrono::DateTime;
use serde_json::Value;
use url::Url;

use crate::PUBLIC;

/// What is said, by name. A fact that is not said is not there.
pub(crate) type Facts = BTreeMap<String, String>;

/// One value or many, as a list.
pub(crate) fn many(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(values)) => values.iter().collect(),
        Some(one) => vec![one],
    }
}

/// The address that a value is, or that it carries as `id`.
pub(crate) fn address(value: &Value) -> Option<String> {
    let text = value.as_str().or_else(|| value.get("id")?.as_str())?;
    Url::parse(text).ok().map(String::from)
}

fn first_address(value: Option<&Value>) -> Option<String> {
    many(value).into_iter().find_map(address)
}

/// The type, where it is one word.
pub(crate) fn kind(json: &Value) -> Option<&str> {
    let known = |name: &&str| !name.contains(':');
    many(json.get("type")).into_iter().filter_map(Value::as_str).find(known)
}

/// Collects facts; what is not said is left out.
struct Saying<'a> {
    json: &'a Value,
    facts: Facts,
}

impl<'a> Saying<'a> {
    fn of(json: &'a Value) -> Self {
        Self { json, facts: Facts::new() }
    }

    fn fact(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.facts.insert(name.to_owned(), value);
        }
    }

    fn at(&self, key: &str) -> Option<&'a Value> {
        self.json.get(key).filter(|value| !value.is_null())
    }

    fn word(&self, key: &str) -> Option<&'a str> {
        self.at(key)?.as_str()
    }

    fn flag(&self, key: &str) -> bool {
        self.at(key).and_then(Value::as_bool).unwrap_or(false)
    }

    /// The text under `key`, or the first one in its map of languages.
    fn text(&self, key: &str) -> Option<&'a str> {
        let mapped = || self.json.get(format!("{key}Map"))?.as_object()?.values().find_map(Value::as_str);
        self.word(key).or_else(mapped)
    }

    fn instant(&self, key: &str) -> Option<String> {
        let at = DateTime::parse_from_rfc3339(self.word(key)?.trim()).ok()?;
        Some(at.to_utc().to_rfc3339())
    }

    /// Everybody in `to` and `cc` but the public, and whether the public is among them.
    fn audience(&mut self) {
        let all = many(self.at("to")).into_iter().chain(many(self.at("cc")));
        let names: Vec<&str> = all.filter_map(|value| value.as_str().or_else(|| value.get("id")?.as_str())).collect();
        let public = names.iter().any(|name| PUBLIC.contains(name));
        self.fact("public", Some(public.to_string()));
        let mut people: Vec<String> = names
            .iter()
            // An address with a fragment is no actor's: an old Mastodon's slip for the public collection.
            .filter(|name| !PUBLIC.contains(name) && !name.contains('#'))
            .filter_map(|name| Url::parse(name).ok())
            .map(String::from)
            .collect();
        people.sort();
        people.dedup();
        self.fact("addressed to", Some(people.join(" ")));
    }

    fn tags(&mut self) {
        let tags = many(self.at("tag"));
        let of = |name: &str| {
            let name = name.to_owned();
            let tags = tags.clone();
            tags.into_iter().filter(move |tag| kind(tag) == Some(&*name)).collect::<Vec<_>>()
        };
        let mut mentions: Vec<String> = of("Mention")
            .iter()
            .filter_map(|tag| Url::parse(tag.get("href")?.as_str()?).ok())
            .map(String::from)
            .collect();
        mentions.sort();
        mentions.dedup();
        let mut hashtags: Vec<String> = of("Hashtag")
            .iter()
            .filter_map(|tag| tag.get("name")?.as_str())
            .map(|name| line(name.trim_start_matches('#')))
            .collect();
        hashtags.sort();
        hashtags.dedup();
        self.fact("mentions", Some(mentions.join(" ")));
        self.fact("hashtags", Some(hashtags.join(" ")));
    }
}

/// One line of text, as a title has to be.
pub(crate) fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

/// A web address, wherever a link keeps it.
fn web(value: &Value) -> Option<String> {
    let text = value.as_str().or_else(|| value.get("href")?.as_str());
    match text {
        Some(text) => Url::parse(text).ok().map(String::from),
        None => many(value.get("url")).into_iter().find_map(web),
    }
}

/// The facts of an actor.
pub(crate) fn actor(json: &Value) -> Facts {
    let mut say = Saying::of(json);
    say.fact("id", address(json));
    say.fact("type", kind(json).map(str::to_owned));
    for key in ["inbox", "outbox", "followers", "featured", "movedTo"] {
        say.fact(key, first_address(say.at(key)));
    }
    say.fact("username", say.word("preferredUsername").map(str::to_owned));
    say.fact("title", say.text("name").map(|name| line(name).chars().take(128).collect()));
    say.fact("text", say.text("summary").map(str::to_owned));
    say.fact("asks before it is followed", Some(say.flag("manuallyApprovesFollowers").to_string()));
    let endpoints = say.at("endpoints").and_then(|endpoints| first_address(endpoints.get("sharedInbox")));
    say.fact("shared inbox", endpoints.or_else(|| first_address(say.at("sharedInbox"))));
    let keys = many(say.at("publicKey"))
        .into_iter()
        .filter_map(|key| Some((address(key)?, key.get("publicKeyPem")?.as_str()?)));
    let keys: Vec<String> = keys
        .filter(|(_, pem)| pem.contains("PUBLIC KEY-----"))
        .map(|(id, pem)| format!("{id} {}", pem.trim()))
        .collect();
    say.fact("keys", Some(keys.join(" ")));
    let owner = || say.word("attributedTo").filter(|_| kind(json) == Some("Group"));
    let moderators = say.word("moderators").or_else(owner).and_then(|text| Url::parse(text).ok());
    say.fact("moderators", moderators.map(String::from));
    say.fact("picture", many(say.at("icon")).into_iter().find_map(web));
    say.fact("published", say.instant("published"));
    say.facts
}

/// The facts of a post. `around` is the activity it came in, if any: what says nothing of its audience shares that of
/// the activity (Discourse).
pub(crate) fn post(software: &str, json: &Value, around: Option<&Value>) -> Facts {
    let mut say = Saying::of(json);
    let authors = many(say.at("attributedTo"));
    let typed = |name: &str| authors.iter().copied().find(|author| kind(author) == Some(name)).and_then(address);
    let first = || authors.iter().copied().find_map(address);
    let actor = first_address(say.at("actor"));
    let audience = first_address(say.at("audience"));
    let (author, group) = match software {
        // A video has its account and its channel as authors.
        "peertube" => (typed("Person").or_else(first), typed("Group")),
        // What stands in a group is attributed to the group, and its author is the actor.
        "mobilizon" => {
            (actor.clone().or_else(first), first().filter(|owner| actor.as_ref().is_some_and(|actor| actor != owner)))
        }
        _ => (first(), audience),
    };
    let title = say.text("name").map(line).filter(|name| !name.is_empty());
    let reply = first_address(say.at("inReplyTo"));
    // A microblog's summary is its content warning; of something with a title it is an extract.
    let micro = matches!(kind(json), Some("Note" | "Question")) && title.is_none();
    let noted = micro || reply.is_some() || say.flag("sensitive");
    let note = say.text("summary").map(str::trim).filter(|_| noted).map(str::to_owned);

    say.fact("id", address(json));
    say.fact("type", kind(json).map(str::to_owned));
    say.fact("author", author);
    say.fact("group", group);
    say.fact("title", title.map(|title| title.chars().take(200).collect::<String>().trim().to_owned()));
    say.fact("text", say.text("content").map(str::to_owned));
    say.fact("content note", note);
    say.fact("answers", reply);
    for key in ["published", "updated"] {
        say.fact(key, say.instant(key));
    }
    let own_audience = say.at("to").or_else(|| say.at("cc")).is_some();
    match around.filter(|_| !own_audience) {
        Some(activity) => {
            let mut outer = Saying::of(activity);
            outer.audience();
            say.facts.append(&mut outer.facts);
        }
        None => say.audience(),
    }
    say.tags();
    say.fact("link", link(&say));
    say.facts
}

/// What a link post leads to: an attached link, or an address of another server than its own (Lotide, Friendica).
fn link(say: &Saying<'_>) -> Option<String> {
    let attached = many(say.at("attachment")).into_iter().find(|one| kind(one) == Some("Link")).and_then(web);
    let host = |text: &str| Url::parse(text).ok()?.host_str().map(str::to_owned);
    let own = host(say.word("id")?);
    let elsewhere = || say.word("url").filter(|url| kind(say.json) == Some("Page") && host(url) != own);
    attached.or_else(|| elsewhere().and_then(|url| Url::parse(url).ok()).map(String::from))
}

/// The facts of a meetup.
pub(crate) fn event(json: &Value, around: Option<&Value>) -> Facts {
    let mut say = Saying::of(json);
    let owner = first_address(say.at("attributedTo"));
    let actor = first_address(say.at("actor"));
    // Mobilizon: the group owns what a person of it does; without a group the person is named twice.
    let owned = owner.clone().filter(|owner| actor.as_ref().is_some_and(|actor| actor != owner));
    let group = first_address(say.at("audience")).or(owned);
    say.fact("id", address(json));
    say.fact("owner", owner);
    say.fact("actor", actor);
    say.fact("group", group);
    say.fact("title", say.text("name").map(|name| line(name).chars().take(200).collect()));
    say.fact("text", say.text("content").map(str::to_owned));
    say.fact("starts", say.instant("startTime"));
    say.fact("ends", say.instant("endTime"));
    say.fact("zone", say.word("timezone").map(str::to_owned));
    for key in ["published", "updated"] {
        say.fact(key, say.instant(key));
    }
    let places: Vec<String> = many(say.at("location")).into_iter().filter_map(place).collect();
    say.fact("place", Some(places.join("; ")));
    let cancelled = ["eventStatus", "status", "ical:status"]
        .iter()
        .filter_map(|key| say.word(key))
        .any(|word| word.to_ascii_lowercase().ends_with("cancelled"));
    say.fact("cancelled", Some(cancelled.to_string()));
    let room = say.at("maximumAttendeeCapacity").and_then(Value::as_u64).filter(|room| *room > 0);
    say.fact("room for", room.map(|room| room.to_string()));
    say.fact(
        "page to join",
        say.word("externalParticipationUrl").filter(|_| say.word("joinMode") == Some("external")).map(str::to_owned),
    );
    let own_audience = say.at("to").or_else(|| say.at("cc")).is_some();
    match around.filter(|_| !own_audience) {
        Some(activity) => {
            let mut outer = Saying::of(activity);
            outer.audience();
            say.facts.append(&mut outer.facts);
        }
        None => say.audience(),
    }
    say.tags();
    say.facts
}

/// A place in one line: its name, its address, and where on earth.
fn place(json: &Value) -> Option<String> {
    if let Some(name) = json.as_str() {
        return Some(line(name));
    }
    let mut words: Vec<String> = Vec::new();
    let mut push =
        |value: Option<&Value>| words.extend(value.and_then(Value::as_str).map(line).filter(|word| !word.is_empty()));
    push(json.get("name"));
    let address = json.get("address").filter(|address| !address.is_null());
    push(address);
    for key in ["streetAddress", "postalCode", "addressLocality", "addressRegion", "addressCountry"] {
        push(address.and_then(|address| address.get(key)));
    }
    let degrees = |key: &str| json.get(key).and_then(Value::as_f64);
    if let (Some(north), Some(east)) = (degrees("latitude"), degrees("longitude")) {
        words.push(format!("{north} {east}"));
    }
    Some(words.join(", "))
}

/// The facts of an activity itself; what it holds is judged apart.
pub(crate) fn activity(json: &Value) -> Facts {
    let mut say = Saying::of(json);
    say.fact("id", address(json));
    say.fact("type", kind(json).map(str::to_owned));
    say.fact("actor", first_address(say.at("actor")));
    say.fact("group", first_address(say.at("audience")));
    say.fact("target", first_address(say.at("target")));
    say.fact("published", say.instant("published"));
    let mut objects: Vec<String> = many(say.at("object")).into_iter().filter_map(address).collect();
    objects.sort();
    say.fact("objects", Some(objects.join(" ")));
    if kind(json) == Some("Flag") {
        say.fact("reason", say.word("content").or_else(|| say.word("summary")).map(str::to_owned));
    }
    say.audience();
    say.facts
}

/// The facts of a collection.
pub(crate) fn collection(json: &Value) -> Facts {
    let mut say = Saying::of(json);
    say.fact("id", address(json));
    say.fact("type", kind(json).map(str::to_owned));
    say.fact("total", say.at("totalItems").and_then(Value::as_u64).map(|total| total.to_string()));
    say.fact("items", Some(items(json).len().to_string()));
    for key in ["next", "partOf"] {
        say.fact(key, first_address(say.at(key)));
    }
    say.facts
}

/// The items given in a collection.
pub(crate) fn items(json: &Value) -> Vec<&Value> {
    many(json.get("orderedItems").or_else(|| json.get("items")))
}
