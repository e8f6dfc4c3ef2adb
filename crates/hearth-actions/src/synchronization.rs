//! Followers synchronisation (FEP-8fcf) of groups that only members can read, where to follow is to be a member: each
//! delivery tells a short digest of who of the receiving server is a member, so that a lost Accept, Leave or Remove is
//! noticed and put right.
//!
//! Must never tell a server of anybody but its own people, or make somebody a member who did not ask.

use crate::{App, Result, membership_request, server::site};
use hearth_db::{
    DbConn,
    tables::{
        actors::{self, Actor},
        groups, memberships,
    },
};
use hearth_domain::{id::ActorId, membership::State};
use sha2::{Digest, Sha256};
use url::Url;

/// The last segment of a collection's address, for the part of it that one server may read.
const SUFFIX: &str = "_synchronization";

/// The name of the header, lower case.
pub const HEADER: &str = "collection-synchronization";

/// What a header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The followers collection.
    pub collection: Url,
    /// Where the part of it is that is ours.
    pub url: Url,
    /// The digest of that part.
    pub digest: String,
}

/// The digest of these ids: the SHA-256 of each, combined by exclusive or, hexadecimal.
pub fn digest<'a>(ids: impl IntoIterator<Item = &'a str>) -> String {
    let mut all = [0_u8; 32];
    for id in ids {
        for (byte, other) in all.iter_mut().zip(Sha256::digest(id.as_bytes())) {
            *byte ^= other;
        }
    }
    all.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a header. `None` when it is not whole.
#[must_use]
pub fn read(header: &str) -> Option<Said> {
    let mut parts = [None, None, None];
    for part in header.split(',') {
        let (name, value) = part.trim().split_once('=')?;
        let value = value.strip_prefix('"')?.strip_suffix('"')?;
        let place = ["collectionId", "url", "digest"].iter().position(|known| *known == name);
        if let Some(place) = place.and_then(|place| parts.get_mut(place)) {
            *place = Some(value);
        }
    }
    let [collection, url, digest] = parts;
    let digest = digest?.to_ascii_lowercase();
    let is_digest = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_digest.then_some(Said { collection: Url::parse(collection?).ok()?, url: Url::parse(url?).ok()?, digest })
}

/// The people of a server who are members of a group.
///
/// # Errors
/// Database errors.
pub fn people(connection: &mut DbConn, group: ActorId, host: &str) -> Result<Vec<Actor>> {
    Ok(memberships::on_host(connection, group, host)?)
}

/// The header for a delivery by this signer to this server; none but for groups here that only members can read.
///
/// # Errors
/// Database errors.
pub fn header(connection: &mut DbConn, signer: &Actor, host: &str) -> Result<Option<String>> {
    let closed = match groups::by_id(connection, signer.id)? {
        Some(row) => signer.local && !row.settings().is_public(),
        None => false,
    };
    let Some(followers) = signer.followers.as_ref().filter(|_| closed) else { return Ok(None) };
    let people = people(connection, signer.id, host)?;
    let digest = digest(people.iter().map(|person| person.ap_id.as_str()));
    Ok(Some(format!(r#"collectionId="{followers}", url="{followers}{SUFFIX}", digest="{digest}""#)))
}

/// Where to ask who of our people a group elsewhere takes for its members, when what it said differs from what is known
/// here. What is not the group's own collection on its own server counts for nothing.
///
/// # Errors
/// Database errors.
pub fn differs(connection: &mut DbConn, group: &Actor, said: &Said) -> Result<Option<Url>> {
    let own =
        group.followers.as_deref() == Some(said.collection.as_str()) && said.url.origin() == group.ap_id.url().origin();
    let closed = groups::by_id(connection, group.id)?.is_some_and(|row| !row.settings().is_public());
    if !own || !closed || group.local {
        return Ok(None);
    }
    let here = site(connection)?.host();
    let people = people(connection, group.id, &here)?;
    let known = digest(people.iter().map(|person| person.ap_id.as_str()));
    Ok((known != said.digest).then(|| said.url.clone()))
}

/// Puts right who is a member of a group elsewhere, by the list that its server gave: who asked and is listed was let
/// in, who is not listed is no member any more, and who is listed without a reason known here leaves.
///
/// # Errors
/// Database errors.
pub fn repair(app: &App, group: ActorId, listed: &[Url]) -> Result<()> {
    app.db.write(|tx| {
        let Some(group) = actors::by_id(tx, group)?.filter(|group| !group.local) else { return Ok(()) };
        let here = site(tx)?.host();
        for person in people(tx, group.id, &here)? {
            if !listed.contains(person.ap_id.url()) {
                memberships::delete(tx, group.id, person.id)?;
            }
        }
        for id in listed {
            let Some(person) = actors::by_ap_id(tx, id.as_str())?.filter(|person| person.local) else { continue };
            match memberships::get(tx, group.id, person.id)?.map(|row| row.state) {
                Some(State::Waiting) => {
                    memberships::set_state(tx, group.id, person.id, State::Active, app.now())?;
                }
                Some(_) => {}
                None => membership_request::leave_again(app, tx, &group, &person)?,
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests() {
        // The example of the FEP holds for the one and for the two together.
        let ids = ["https://testing.example.org/users/1", "https://testing.example.org/users/2"];
        assert_eq!(digest([]), "0".repeat(64));
        assert_eq!(digest(ids), digest([ids[1], ids[0]]), "in any order");
        assert_eq!(digest([ids[0], ids[1], ids[1]]), digest([ids[0]]), "twice is not at all");
        assert_eq!(digest(["abc"]), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn headers() {
        let digest = "c".repeat(64);
        let whole = |name: &str, digest: &str| {
            format!(r#"{name}="https://x.example/g/followers", url="https://x.example/s", digest="{digest}""#)
        };
        let said = read(&whole("collectionId", &digest)).unwrap();
        assert_eq!((said.url.as_str(), said.digest.as_str()), ("https://x.example/s", digest.as_str()));
        for bad in [whole("other", &digest), whole("collectionId", "c"), String::new(), "collectionId=x".into()] {
            assert_eq!(read(&bad), None, "{bad}");
        }
    }
}
