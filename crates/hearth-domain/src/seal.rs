//! Speaking without one's name: who may, and how it holds through a conversation (decision 13).
//!
//! In one conversation a person speaks with their name or without it, never both: otherwise one slip, or the sudden
//! silence of a name, would tell who it was.

use crate::membership::Standing;

/// How somebody has spoken in a conversation so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoken {
    /// Under their name.
    Named,
    /// Without it.
    Unnamed,
}

/// Why somebody can't speak without their name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotUnnamed {
    /// The group lives on another server, which would have to seal it.
    GroupElsewhere,
    /// Only members are spoken for by the group.
    MembersOnly,
    /// The group does without it.
    NotHere,
    /// They have spoken under their name in this conversation.
    SpokeByName,
}

/// What a group is, for this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Whether it lives here.
    pub local: bool,
    /// Whether it takes what is written without a name.
    pub allowed: bool,
}

/// Whether what somebody writes now goes out without their name. Who has spoken so in a conversation goes on so, whatever
/// they ask for and whatever the group chose since.
///
/// # Errors
/// See [`NotUnnamed`]; only when it was asked for.
pub const fn is_unnamed(
    asked: bool,
    before: Option<Spoken>,
    place: Place,
    standing: Standing,
) -> Result<bool, NotUnnamed> {
    match (before, asked) {
        (Some(Spoken::Unnamed), _) => Ok(true),
        (_, false) => Ok(false),
        (_, true) if !place.local => Err(NotUnnamed::GroupElsewhere),
        (_, true) if !standing.is_member() => Err(NotUnnamed::MembersOnly),
        (_, true) if !place.allowed => Err(NotUnnamed::NotHere),
        (Some(Spoken::Named), true) => Err(NotUnnamed::SpokeByName),
        (None, true) => Ok(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::membership::Role;

    #[test]
    fn with_a_name_or_without() {
        use NotUnnamed::{GroupElsewhere, MembersOnly, NotHere, SpokeByName};
        use Spoken::{Named, Unnamed};
        let here = Place { local: true, allowed: true };
        let off = Place { allowed: false, ..here };
        let elsewhere = Place { local: false, ..here };
        let member = Standing::Member(Role::Member);
        for (asked, before, place, standing, expected) in [
            (false, None, here, member, Ok(false)),
            (true, None, here, member, Ok(true)),
            (true, Some(Unnamed), here, member, Ok(true)),
            // Forgetting to ask again must not give the name away, nor may a change of the group's mind.
            (false, Some(Unnamed), here, member, Ok(true)),
            (false, Some(Unnamed), off, member, Ok(true)),
            (true, Some(Named), here, member, Err(SpokeByName)),
            (false, Some(Named), here, member, Ok(false)),
            (true, None, off, member, Err(NotHere)),
            (false, None, off, member, Ok(false)),
            (true, None, elsewhere, member, Err(GroupElsewhere)),
            (true, None, here, Standing::Stranger, Err(MembersOnly)),
            (true, None, here, Standing::Banned, Err(MembersOnly)),
            (true, None, here, Standing::Waiting, Err(MembersOnly)),
        ] {
            assert_eq!(
                is_unnamed(asked, before, place, standing),
                expected,
                "{asked} {before:?} {place:?} {standing:?}"
            );
        }
    }
}
