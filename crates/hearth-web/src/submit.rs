//! The one way of every form that changes something: from our own page, by somebody signed in, with a good token, and
//! never twice. What can't be taken is shown again with everything that was typed.
//!
//! Must never write anything before the token was checked, and never lose what somebody typed.

use crate::{
    answer::Answer,
    error::Failure,
    pages,
    protect::FormNonce,
    sent::{Fault, Sent},
    viewer::{Shown, Visit},
    views::{
        FieldErrors,
        parts::{Notice, Tone},
    },
};
use hearth_actions::ActionError;
use hearth_db::DbError;
use sha2::{Digest, Sha256};

/// What is wrong with a form, for the page that shows it again.
#[derive(Debug, Clone, Default)]
pub(crate) struct Flaws {
    /// What is wrong with its fields.
    pub(crate) errors: FieldErrors,
    /// What is to be said about it as a whole.
    pub(crate) notice: Option<Notice>,
    /// Whether a preview was asked for.
    pub(crate) preview: bool,
}

impl Flaws {
    /// Nothing is wrong.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    fn said(lead: &str, more: &str) -> Self {
        Self { notice: Some(warm(lead, more)), ..Self::default() }
    }

    fn preview() -> Self {
        Self { preview: true, ..Self::default() }
    }

    /// With the fields' names as the page has them: pairs of the action's name and the page's.
    pub(crate) fn named(self, names: &[(&str, &str)]) -> Self {
        let mut errors = FieldErrors::none();
        for (field, sentence) in self.errors.iter() {
            let name = names.iter().find(|(from, _)| *from == field).map_or(field, |(_, to)| *to);
            errors.add(name, sentence);
        }
        Self { errors, ..self }
    }

    /// Whether something is to be put right.
    pub(crate) fn any(&self) -> bool {
        !self.errors.is_empty() || self.notice.as_ref().is_some_and(|notice| notice.tone == Tone::Warm)
    }
}

/// A notice that something is still to be done.
pub(crate) fn warm(lead: &str, more: &str) -> Notice {
    Notice { tone: Tone::Warm, lead: lead.to_owned(), more: more.to_owned() }
}

/// Who may send a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Senders {
    /// Anybody.
    Anyone,
    /// Somebody signed in: everybody else is asked to sign in, and the text is carried along.
    SignedIn,
}

/// What a page does with its form.
pub(crate) trait Form: Send + 'static {
    /// Who may send it.
    const SENDERS: Senders = Senders::SignedIn;
    /// Whether pictures can come with it.
    const PICTURES: bool = false;

    /// Shows the form with what was typed.
    ///
    /// # Errors
    /// When the form itself is not for the reader.
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown;

    /// Does what the form asks for.
    ///
    /// # Errors
    /// What the action returns.
    fn act(&self, visit: &Visit, sent: &Sent, nonce: FormNonce) -> Shown;
}

/// A button without fields: there is nothing to show again but a page that asks to press it once more.
pub(crate) struct Button<A> {
    /// Where the button is.
    pub(crate) page: String,
    /// What it does.
    pub(crate) act: A,
}

impl<A: Fn(&Visit, &Sent) -> Shown + Send + 'static> Form for Button<A> {
    fn show(&self, visit: &Visit, _: &Sent, flaws: Flaws) -> Shown {
        let more = flaws.errors.iter().next().map(|(_, sentence)| sentence.to_owned());
        let words = flaws.notice.map(|notice| format!("{} {}", notice.lead, notice.more)).or(more);
        pages::words::go_back(visit, &words.unwrap_or_default(), &self.page)
    }
    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        (self.act)(visit, sent)
    }
}

/// Takes a form.
pub(crate) async fn submit<F: Form>(visit: Visit, mut sent: Sent, form: F) -> Answer {
    let wake = visit.state.wake.clone();
    let answer = visit.show(move |visit| {
        let answer = take(visit, &mut sent, &form);
        wake();
        answer
    });
    answer.await
}

fn take<F: Form>(visit: &Visit, sent: &mut Sent, form: &F) -> Shown {
    match sent.fault {
        Some(Fault::TooLarge) => return Err(Failure::TooLarge),
        Some(Fault::NotAForm) => {
            return Err(Failure::Unreadable(
                "What was sent is not one of our forms. Go back and use the page’s own button.",
            ));
        }
        _ => {}
    }
    if !visit.is_from_own_page() {
        return Err(Failure::NotOurForm);
    }
    if F::SENDERS == Senders::SignedIn && visit.me.is_none() {
        return pages::account::sign_in_first(visit, sent);
    }
    if sent.fault == Some(Fault::Garbled) {
        let flaws = Flaws::said(
            "Some of what was sent can’t be read.",
            "Look through what is here, put right what looks odd, and send it again.",
        );
        return Ok(form.show(visit, sent, flaws)?.status(422));
    }
    let Ok(nonce) = visit.check_token(sent.get("token")) else {
        let flaws = Flaws::said(
            "Please press the button once more.",
            match sent.file {
                Some(_) => {
                    "This page had been open for a while. Everything you typed is still here; only the picture has to be \
                     chosen again."
                }
                None => {
                    "This page had been open for a while. Everything you typed is still here, and nothing was sent yet."
                }
            },
        );
        return Ok(form.show(visit, sent, flaws)?.status(422));
    };
    // A picture is taken in first, whatever becomes of the rest: then it is still there with the words.
    let received = if F::PICTURES { pages::pictures::take_in(visit, sent, nonce) } else { Ok(()) };
    let done = match received {
        Ok(()) if sent.get("do") == "preview" => return form.show(visit, sent, Flaws::preview()),
        Ok(()) => form.act(visit, sent, nonce),
        Err(failure) => Err(failure),
    };
    match done {
        Err(Failure::Action(ActionError::Invalid(problems))) => {
            let mut flaws = Flaws::none();
            for problem in problems {
                flaws.errors.add(problem.field, problem.sentence);
            }
            Ok(form.show(visit, sent, flaws)?.status(422))
        }
        Err(Failure::Action(ActionError::Conflict(words))) => {
            Ok(form.show(visit, sent, Flaws::said(&sentence(words), ""))?.status(422))
        }
        Err(Failure::Action(error)) if is_about_room(visit, &error) => {
            let flaws = Flaws::said(
                "There is no room to keep this at the moment: this place’s disk is full.",
                "Everything you typed is still here. Keep this page open, or copy what you wrote, and send it again later.",
            );
            Ok(form.show(visit, sent, flaws)?.status(507))
        }
        done => done,
    }
}

/// Whether an action was not done for want of room: it was refused at once, or it is the one that found out.
fn is_about_room(visit: &Visit, error: &ActionError) -> bool {
    match error {
        ActionError::ShortOfRoom => true,
        ActionError::Database(DbError::Unavailable(_)) => visit.state.app.db.room().is_short(),
        _ => false,
    }
}

/// With a capital and a full stop.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if words.ends_with('.') { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

/// The number of what a form makes: the same form with the same words, sent twice, makes one thing. It follows from
/// the form's own random nonce, so nobody else can know it, and from the words, so that somebody who goes back and
/// writes something else makes another.
pub(crate) fn draft(nonce: FormNonce, words: &[&str]) -> i64 {
    let mut hash = Sha256::new_with_prefix(nonce.0);
    for word in words {
        hash.update(word.len().to_le_bytes());
        hash.update(word);
    }
    let first = hash.finalize().first_chunk::<8>().copied().unwrap_or_default();
    i64::from_le_bytes(first) & i64::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_form_makes_one_thing() {
        let (one, other) = (FormNonce([1; 16]), FormNonce([2; 16]));
        assert_eq!(draft(one, &["a", "b"]), draft(one, &["a", "b"]));
        for different in [draft(other, &["a", "b"]), draft(one, &["a", "c"]), draft(one, &["ab", ""])] {
            assert_ne!(draft(one, &["a", "b"]), different);
        }
        assert!(draft(one, &[]) >= 0);
    }

    #[test]
    fn sentences() {
        assert_eq!(sentence("this server is set up already"), "This server is set up already.");
        assert_eq!(sentence("That was sent already."), "That was sent already.");
    }
}
