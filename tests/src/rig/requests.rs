//! What other servers will send, written and signed before the clock starts.

use super::town::{HOST, Town};
use crate::keys::SharedKeys;
use anyhow::Context;
use chrono::{DateTime, Utc};
use hearth_actions::{KeyMaker, KeyPair};
use hearth_federation::signing::{Scheme, SigningKey, generate_keypair};
use reqwest::Method;
use serde_json::json;
use std::thread;
use url::Url;

/// Somebody elsewhere who writes in the group.
pub(crate) struct Member {
    /// Their id on the network.
    pub id: Url,
    /// The public half of their key.
    pub public_pem: String,
    key: SigningKey,
}

/// People on several servers. All of one server share a key, and with `quick` everybody does: making keys takes time
/// and is not what is measured.
pub(crate) fn members(servers: usize, people: usize, quick: bool) -> anyhow::Result<Vec<Member>> {
    let mut members = Vec::new();
    for server in 0..servers {
        let pair = if quick { SharedKeys.make().context("no key")? } else { made()? };
        for person in 0..people {
            let id: Url = format!("https://m{server}.test/u/p{person}").parse()?;
            let key = SigningKey::from_pem(&format!("{id}#main-key").parse()?, &pair.private_pem)?;
            members.push(Member { id, public_pem: pair.public_pem.clone(), key });
        }
    }
    Ok(members)
}

/// Somebody on this server, with the key that all of [`members`] share with `quick`.
pub(crate) fn member(id: &str) -> anyhow::Result<Member> {
    let pair = SharedKeys.make().context("no key")?;
    let key = SigningKey::from_pem(&format!("{id}#main-key").parse()?, &pair.private_pem)?;
    Ok(Member { id: id.parse()?, public_pem: pair.public_pem, key })
}

fn made() -> anyhow::Result<KeyPair> {
    let pair = generate_keypair()?;
    Ok(KeyPair { private_pem: pair.private_pem, public_pem: pair.public_pem })
}

/// Requests as bytes, each a new reply (every eighth a new post) of another member, signed now.
pub(crate) fn signed(town: &Town, members: &[Member], series: &str, count: usize) -> anyhow::Result<Vec<Vec<u8>>> {
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = count.div_ceil(threads).max(1);
    let parts: Vec<anyhow::Result<Vec<Vec<u8>>>> = thread::scope(|scope| {
        let running: Vec<_> = (0..count)
            .step_by(share)
            .map(|from| {
                let numbers = from..(from + share).min(count);
                scope.spawn(move || numbers.map(|number| request(town, members, series, number)).collect())
            })
            .collect();
        running.into_iter().map(|thread| thread.join().expect("signing does not panic")).collect()
    });
    Ok(parts.into_iter().collect::<anyhow::Result<Vec<_>>>()?.concat())
}

fn request(town: &Town, members: &[Member], series: &str, number: usize) -> anyhow::Result<Vec<u8>> {
    let author = &members[number % members.len()];
    packed(author, &activity(town, author, series, number).to_string(), town.app.clock.now())
}

/// A request to the inbox with this body, signed by somebody.
pub(crate) fn packed(author: &Member, body: &str, now: DateTime<Utc>) -> anyhow::Result<Vec<u8>> {
    let inbox: Url = format!("https://{HOST}/inbox").parse()?;
    let headers = author.key.sign(Scheme::Cavage, &Method::POST, &inbox, Some(body.as_bytes()), now)?;
    let mut request = String::from("POST /inbox HTTP/1.1\r\n");
    for (name, value) in &headers {
        request.push_str(&format!("{name}: {}\r\n", value.to_str().context("a header that is no text")?));
    }
    request.push_str(&format!("accept: */*\r\nuser-agent: Load/1.0\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
    Ok(request.into_bytes())
}

/// The id of what [`activity`] makes.
pub(crate) fn object_id(author: &Member, series: &str, number: usize) -> String {
    format!("https://{}/o/{series}-{number}", author.id.host_str().unwrap_or_default())
}

/// A new reply, every eighth a new post.
pub(crate) fn activity(town: &Town, author: &Member, series: &str, number: usize) -> serde_json::Value {
    let host = author.id.host_str().unwrap_or_default();
    let group = town.group.ap_id.as_str();
    let public = "https://www.w3.org/ns/activitystreams#Public";
    let id = object_id(author, series, number);
    let mut object = json!({
        "id": id, "type": "Note", "attributedTo": author.id, "to": [public, group], "cc": [], "audience": group,
        "content": format!("<p>Thank you, number {number}. I will be there on Tuesday and bring <em>scones</em>.</p>"),
        "mediaType": "text/html", "published": town.app.clock.now(),
    });
    if number.is_multiple_of(8) {
        object["type"] = json!("Page");
        object["name"] = json!(format!("A question, number {number}"));
    } else {
        object["inReplyTo"] = json!(town.welcome.ap_id.as_str());
    }
    json!({
        "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
        "id": format!("https://{host}/activities/create/{series}-{number}"), "type": "Create", "actor": author.id,
        "to": [public, group], "cc": [], "audience": group, "object": object,
    })
}
