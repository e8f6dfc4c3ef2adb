//! What happened with the form that was sent last, said on the page it led to.
//!
//! The address carries a key, never words: nobody can put a sentence of their own onto one of our pages.

use crate::views::parts::{Notice, Tone};

/// The notice of a key; nothing for a key that is not known.
pub(crate) fn notice(key: &str) -> Option<Notice> {
    let (tone, lead, more) = match key {
        "posted" => (Tone::Good, "Your post is there.", "You can edit or delete it at any time."),
        "replied" => (Tone::Good, "Your reply is there.", "You can edit or delete it at any time."),
        "waits" => (
            Tone::Plain,
            "A person looks at it first.",
            "It is not lost. You’ll find a notice here when somebody has looked.",
        ),
        "worried" => (
            Tone::Good,
            "Thank you. Those who look after the group have been told at once.",
            "Usually somebody looks within two hours. You don’t have to carry this alone: these lines are for you too.",
        ),
        "taken" => (
            Tone::Good,
            "You have this.",
            "The others can see that. It goes back after a day, or when you give it back.",
        ),
        "given-back" => (Tone::Good, "Given back.", "Somebody else can take it now."),
        "rephrase" => (Tone::Good, "Asked.", "It is hidden until its author has found other words."),
        "hidden" => (Tone::Good, "Hidden.", "Its author sees why. Any of you can show it again."),
        "warned" => (Tone::Good, "Your words are in their notices.", ""),
        "paused" => (Tone::Good, "Paused.", "They can read, and write again afterwards."),
        "held-shown" => (Tone::Good, "It is shown now.", ""),
        "held-declined" => (Tone::Good, "It is not shown.", "Its author has your words."),
        "taken-back" => (Tone::Good, "Taken back.", "Its words are gone."),
        "card-asked" => (
            Tone::Good,
            "Thank you. They are asked, if they weren’t before.",
            "If they agree, you’ll find it among what helped.",
        ),
        "card-kept" => (Tone::Good, "Kept.", "You can change it or take it back at any time."),
        "card-declined" => (Tone::Good, "That’s fine.", "Nobody is told, and you won’t be asked about it again."),
        "card-gone" => (Tone::Good, "The card is gone.", "Whoever wrote it is told."),
        "check-in-set-up" => {
            (Tone::Good, "It is set up.", "It opens by itself. Until then only those who look after the group see it.")
        }
        "check-in-paused" => (Tone::Good, "Paused.", "It opens when one of you goes on with it."),
        "check-in-goes-on" => (Tone::Good, "It goes on.", ""),
        "check-in-taken-over" => (Tone::Good, "You keep it now.", "It opens in your name."),
        "check-in-ended" => (Tone::Good, "It is over.", "What it opened stays."),
        "planned" => {
            (Tone::Good, "It is planned.", "Until then only you can see it. You can change it or take it back.")
        }
        "offered" => (Tone::Good, "Offered.", "It stays yours until they say yes."),
        "saved" => (Tone::Good, "Saved.", ""),
        "removed" => (Tone::Good, "Removed.", "We ask other servers to remove their copies too. Most will."),
        "joined" => (Tone::Good, "Welcome in.", "You can leave at any time, and nobody will ask why."),
        "asked" => (Tone::Plain, "We’ve asked.", "There’s no need to keep checking."),
        "left" => (Tone::Good, "You’ve left.", "You don’t need a reason, and nobody is told."),
        "followed" => (Tone::Good, "You follow this group.", "What it shares will be on your front page."),
        "made" => (Tone::Good, "The group is there.", "A host’s hello is often the easiest first post."),
        "announced" => (Tone::Good, "The meetup is announced.", ""),
        "cancelled" => (Tone::Good, "The meetup is cancelled.", "Its page stays and says so."),
        "answered" => (Tone::Good, "Thank you.", "You can change your answer at any time."),
        "password" => (Tone::Good, "Your password is changed.", "Every other device is signed out."),
        "ended" => (Tone::Good, "That device is signed out.", ""),
        "named" => (Tone::Good, "The name is yours.", "Nobody else can see that it belongs to you."),
        "retired" => (Tone::Good, "The name is put away.", ""),
        "signed-out" => (Tone::Good, "You’re signed out.", ""),
        "welcome" => (Tone::Good, "The door is open.", "Everything else can be changed later."),
        "let-in" => (Tone::Good, "They’re in.", ""),
        "trying" => (Tone::Good, "Trying again now.", "In a minute this page says what came of it."),
        "reported" => (Tone::Good, "Thank you. Somebody will look.", "Nobody is told that it was you."),
        "looked" => (Tone::Good, "Done.", "Thank you for looking."),
        "taken-down" => (Tone::Good, "It is removed.", "You can bring it back for 30 days."),
        "restored" => (Tone::Good, "It is back.", ""),
        "closed" => (Tone::Good, "It takes no more replies.", ""),
        "opened" => (Tone::Good, "It takes replies again.", ""),
        "pinned" => (Tone::Good, "It stands first in the group now.", ""),
        "unpinned" => (Tone::Good, "It goes with time again.", ""),
        "kept-out" => (Tone::Good, "They are kept out.", "They are not told."),
        "said" => (Tone::Good, "Sent.", "There’s no need to keep checking."),
        "agreed" => (Tone::Good, "Thank you.", "You can write as before."),
        "question-sent" => (Tone::Good, "We’ve asked them.", "Their answer will be on this page."),
        "answer-sent" => (Tone::Good, "Your answer is sent.", "There’s no need to keep checking."),
        "request-back" => (Tone::Good, "Taken back.", ""),
        "put-away" => (Tone::Good, "Put away.", ""),
        "invited" => (Tone::Good, "The invitation is on its way.", "They are let in when they accept."),
        "accepted" => (Tone::Good, "We’ve told them.", "A group lets you in as soon as its server has heard."),
        "declined" => (Tone::Good, "Done.", "You don’t need a reason."),
        "turned-away" => (Tone::Good, "Done.", "Nothing of what they answered is kept."),
        _ => return None,
    };
    Some(Notice { tone, lead: lead.to_owned(), more: more.to_owned() })
}
