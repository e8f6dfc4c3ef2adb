//! Checking what people typed: every problem of a form is found at once, and each sentence says what to do.

use crate::{ActionError, Result};
use hearth_domain::text::{self, TextProblem};

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FieldProblem {
    /// The field's name, as in the form and in the API.
    pub field: &'static str,
    /// What is wrong and what to do, in one sentence. Never repeats what was typed.
    pub sentence: String,
}

/// Collects the problems of a form while it is read.
#[derive(Debug, Default)]
pub struct Form {
    problems: Vec<FieldProblem>,
}

impl Form {
    /// Notes a problem.
    pub fn problem(&mut self, field: &'static str, sentence: impl Into<String>) {
        self.problems.push(FieldProblem { field, sentence: sentence.into() });
    }

    /// The value, or its default after a problem was noted.
    pub fn take<T: Default, E>(
        &mut self,
        field: &'static str,
        value: std::result::Result<T, E>,
        sentence: impl FnOnce(E) -> String,
    ) -> T {
        value.unwrap_or_else(|error| {
            self.problem(field, sentence(error));
            T::default()
        })
    }

    /// The value, or nothing after a problem was noted.
    pub fn keep<T, E>(
        &mut self,
        field: &'static str,
        value: std::result::Result<T, E>,
        sentence: impl FnOnce(E) -> String,
    ) -> Option<T> {
        value.map_err(|error| self.problem(field, sentence(error))).ok()
    }

    /// One line of between `min` and `max` characters. `what` begins the sentence: "A title".
    pub fn line(&mut self, field: &'static str, what: &str, typed: &str, min: usize, max: usize) -> String {
        self.take(field, text::bounded_line(typed, min, max), |problem| length_sentence(what, problem))
    }

    /// Paragraphs of between `min` and `max` characters.
    pub fn paragraphs(&mut self, field: &'static str, what: &str, typed: &str, min: usize, max: usize) -> String {
        self.take(field, text::bounded_paragraphs(typed, min, max), |problem| length_sentence(what, problem))
    }

    /// One word of a closed set.
    pub fn word<T: std::str::FromStr>(&mut self, field: &'static str, what: &str, typed: &str) -> Option<T> {
        self.keep(field, typed.trim().parse(), |_| format!("Choose {what} from the list."))
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// `Invalid` with every problem that was noted.
    pub fn finish(self) -> Result<()> {
        if self.problems.is_empty() { Ok(()) } else { Err(ActionError::Invalid(self.problems)) }
    }
}

/// A sentence about a length.
#[must_use]
pub fn length_sentence(what: &str, problem: TextProblem) -> String {
    match problem {
        TextProblem::Empty => format!("{what} is needed here."),
        TextProblem::TooShort(min) => format!("{what} needs at least {min} characters."),
        TextProblem::TooLong(max) => {
            format!("{what} can have {max} characters at most. Everything you typed is still here.")
        }
    }
}
