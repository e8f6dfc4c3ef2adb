//! Ids: one newtype per table, random, made before inserting.
//!
//! An id is 63 random bits. It carries no time and no order, so that two pseudonyms made one after the other cannot be
//! linked and nothing can be counted by its ids. It must never be derived from anything else.

use crate::clock::Entropy;

/// Crockford's base 32 in lower case: no `i`, `l`, `o`, `u`, so that an id can be read out over the telephone.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Thirteen digits of five bits hold the 63.
const DIGITS: usize = 13;

/// The text is not an id of this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not an id")]
pub struct BadId;

fn encode(value: i64) -> String {
    let mut out = String::with_capacity(DIGITS);
    for position in (0..DIGITS).rev() {
        let digit = (value >> (position * 5)) & 31;
        let letter = usize::try_from(digit).ok().and_then(|index| ALPHABET.get(index)).copied().unwrap_or(b'0');
        out.push(char::from(letter));
    }
    out
}

fn decode(text: &str) -> Result<i64, BadId> {
    if text.len() != DIGITS {
        return Err(BadId);
    }
    let mut value: i64 = 0;
    for byte in text.bytes() {
        let digit = ALPHABET.iter().position(|letter| *letter == byte).ok_or(BadId)?;
        let digit = i64::try_from(digit).map_err(|_| BadId)?;
        value = value.checked_mul(32).and_then(|high| high.checked_add(digit)).ok_or(BadId)?;
    }
    Ok(value)
}

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident,)+) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(i64);

        impl $name {
            /// A new random id.
            #[must_use]
            pub fn random(entropy: &dyn Entropy) -> Self {
                let mut bytes = [0; 8];
                entropy.fill(&mut bytes);
                Self(i64::from_le_bytes(bytes) & i64::MAX)
            }
            /// The number as the database keeps it.
            #[must_use]
            pub const fn get(self) -> i64 { self.0 }
        }

        impl TryFrom<i64> for $name {
            type Error = BadId;
            fn try_from(value: i64) -> Result<Self, BadId> { if value < 0 { Err(BadId) } else { Ok(Self(value)) } }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(&encode(self.0)) }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), encode(self.0))
            }
        }
        impl std::str::FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> { decode(text).map(Self) }
        }
    )+ };
}

ids! {
    /// An account: it signs in, and is never shown or federated.
    AccountId,
    /// A persona, group or server, here or elsewhere: anything that acts on the network.
    ActorId,
    /// One signed-in device.
    SessionId,
    /// A bearer token of the JSON API.
    TokenId,
    /// A titled post or a reply.
    PostId,
    /// A meetup.
    EventId,
    /// One persona's answer to one meetup.
    RsvpId,
    /// One actor following another.
    FollowId,
    /// An activity this server sent.
    ActivityId,
    /// One activity on its way to one inbox.
    DeliveryId,
    /// A received activity that waits for something to be fetched.
    IncomingId,
    /// An invitation to open an account.
    InvitationId,
    /// An invitation to a group, as a link or card.
    GroupInvitationId,
    /// A helpline shown under "Get help".
    HelplineId,
    /// A report to those who look after a group.
    ReportId,
    /// An earlier version of a post.
    PostVersionId,
    /// A card in the library of a group.
    CardId,
    /// A topic of the cards of a group.
    TopicId,
    /// A quiet word.
    QuietWordId,
    /// Something said in a quiet word.
    QuietMessageId,
    /// An invitation from elsewhere to a meetup or a group.
    InviteId,
    /// Something a person is told of in the app.
    NoticeId,
    /// A line of a log.
    LogId,
    /// A ready text of a group.
    HouseReplyId,
    /// A keeper's asking to read a group they are not in.
    AccessId,
    /// A post that is written now and published later.
    ScheduledPostId,
    /// A post that opens by itself again and again.
    CheckInId,
    /// A meetup that comes again and again.
    SeriesId,
    /// A picture in a post.
    ImageId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back_and_refuse_everything_else() {
        for value in [0, 1, 31, 32, 0x1234_5678_9abc, i64::MAX] {
            let id = PostId::try_from(value).unwrap();
            assert_eq!(id.to_string().len(), DIGITS);
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        for text in ["", "1", "zzzzzzzzzzzzz", "000000000000I", "0000000000000 ", "00000000000000", "０００"] {
            assert_eq!(text.parse::<PostId>(), Err(BadId), "{text}");
        }
        assert_eq!(PostId::try_from(-1), Err(BadId));
    }
}
