//! Coming into a group and going: what members agree to, its questions, invitations and cards, the waiting room as seen
//! from both sides, and leaving.
//!
//! Must never show a code again after it was made, nor the name of a group to who may not know of it.

use askama::Template;

use super::{
    FieldErrors, SafeHtml, filters,
    parts::{Choice, Door, HelpBox, Helpline, PersonaOption},
    shell::Shell,
};

/// `/g/{name}/join` and `/i/{code}`: what comes before joining.
#[derive(Debug, Clone, Template)]
#[template(path = "group_join.html")]
pub struct GroupJoinPage {
    /// The frame.
    pub shell: Shell,
    /// Where the form posts to.
    pub action: String,
    /// The group's page; `None` for who may not see it yet.
    pub back: Option<String>,
    /// Its name.
    pub name: String,
    /// Its door.
    pub door: Door,
    /// What it says about itself, sanitised.
    pub words: SafeHtml,
    /// The four settings as sentences.
    pub settings: String,
    /// Whether this is an invitation.
    pub invited: bool,
    /// Whether a facilitator looks first.
    pub waits: bool,
    /// What the reader is to the group already: `member`, `waiting`, or empty.
    pub present: String,
    /// Where a visitor signs in, and opens an account (`None` where nobody can).
    pub visitor: Option<(String, Option<String>)>,
    /// What members agree to: the version and the words, sanitised.
    pub agreement: Option<(i32, SafeHtml)>,
    /// Whether the box was ticked.
    pub agreed: bool,
    /// The questions: field, question, what was typed.
    pub questions: Vec<(String, String, String)>,
    /// What was typed as hello, where there are no questions.
    pub hello: String,
    /// The names it can be joined as.
    pub personas: Vec<PersonaOption>,
    /// What is wrong.
    pub errors: FieldErrors,
}

/// `/i`: typing the code of a card.
#[derive(Debug, Clone, Template)]
#[template(path = "code.html")]
pub struct CodePage {
    /// The frame.
    pub shell: Shell,
    /// What is wrong, under `code`.
    pub errors: FieldErrors,
    /// The helpline panel.
    pub help: HelpBox,
}

/// `/g/{name}/agreement`: what members agree to.
#[derive(Debug, Clone, Template)]
#[template(path = "group_agreement.html")]
pub struct AgreementPage {
    /// The frame.
    pub shell: Shell,
    /// The group's page.
    pub href: String,
    /// Its name.
    pub name: String,
    /// The words, sanitised.
    pub words: SafeHtml,
    /// Since when.
    pub since: String,
    /// The version to which the reader is still to agree.
    pub due: Option<i32>,
    /// What is wrong.
    pub errors: FieldErrors,
}

/// `/g/{name}/terms`: the agreement and the questions, for who looks after the group.
#[derive(Debug, Clone, Template)]
#[template(path = "group_terms.html")]
pub struct TermsPage {
    /// The frame.
    pub shell: Shell,
    /// The group's page.
    pub href: String,
    /// Its name.
    pub name: String,
    /// What members agree to, as typed.
    pub agreement: String,
    /// Whether there is an agreement already.
    pub has_agreement: bool,
    /// Whether only the wording is put right.
    pub only_wording: bool,
    /// Whether the questions are asked: where a facilitator lets people in.
    pub asks: bool,
    /// The questions: field, label, as typed.
    pub questions: Vec<(String, String, String)>,
    /// What is wrong.
    pub errors: FieldErrors,
}

/// `/g/{name}/invitations`: invitations to the group, for who looks after it.
#[derive(Debug, Clone, Template)]
#[template(path = "group_invitations.html")]
pub struct GroupInvitationsPage {
    /// The frame.
    pub shell: Shell,
    /// The group's page.
    pub href: String,
    /// Its name.
    pub name: String,
    /// Those that can still be used: id, name, what it does.
    pub invitations: Vec<(String, String, String)>,
    /// What was typed.
    pub values: InvitationValues,
    /// Whether people of other servers can be invited.
    pub reaches: bool,
    /// Who was invited from elsewhere: id, handle, when.
    pub invited: Vec<(String, String, String)>,
    /// What was typed as a handle.
    pub who: String,
    /// Who was found: id, name, server.
    pub found: Option<(String, String, String)>,
    /// What is wrong.
    pub errors: FieldErrors,
}

/// The fields of a new invitation.
#[derive(Debug, Clone, Default)]
pub struct InvitationValues {
    /// `label`
    pub label: String,
    /// `uses`
    pub uses: String,
    /// `days`
    pub days: String,
    /// `skips_approval` was ticked.
    pub skips_approval: bool,
}

/// The card of an invitation that was just made, to be printed.
#[derive(Debug, Clone, Template)]
#[template(path = "card.html")]
pub struct CardPage {
    /// The frame.
    pub shell: Shell,
    /// The list of invitations.
    pub back: String,
    /// The group's name.
    pub name: String,
    /// Its door.
    pub door: Door,
    /// What it says about itself, in a few words.
    pub words: String,
    /// When it meets. May be empty.
    pub rhythm: String,
    /// The link.
    pub link: String,
    /// The QR code of the link.
    pub qr: SafeHtml,
    /// Where the code is typed: "oak.example/i".
    pub place: String,
    /// The code.
    pub code: String,
    /// For how many people, and until when.
    pub terms: String,
    /// A helpline.
    pub line: Option<Helpline>,
}

/// `/invitations`: what the reader was invited to, and what they asked.
#[derive(Debug, Clone, Template)]
#[template(path = "invitations.html")]
pub struct InvitationsPage {
    /// The frame.
    pub shell: Shell,
    /// What they were invited to.
    pub invites: Vec<InviteCard>,
    /// What they asked.
    pub requests: Vec<RequestCard>,
    /// The helpline panel.
    pub help: HelpBox,
    /// What is wrong.
    pub errors: FieldErrors,
}

/// An invitation from elsewhere.
#[derive(Debug, Clone)]
pub struct InviteCard {
    /// Its id.
    pub id: String,
    /// To what: a name.
    pub to: String,
    /// The page about it; `None` where it is not known here.
    pub href: Option<String>,
    /// Its address, where it is not known here.
    pub address: String,
    /// Who invites, with their server.
    pub by: String,
    /// The name that is invited.
    pub persona: String,
    /// When it came.
    pub when: String,
    /// Whether it is to a group.
    pub group: bool,
}

/// A request to join a group.
#[derive(Debug, Clone)]
pub struct RequestCard {
    /// The group's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The name that asked.
    pub persona: String,
    /// The server of the group, if it is not this one.
    pub from: Option<String>,
    /// Whether it waits; otherwise this is not the group for them.
    pub waits: bool,
    /// A kind word from those who look after it. May be empty.
    pub note: String,
    /// What is asked: field, question, what was typed.
    pub questions: Vec<(String, String, String)>,
    /// Whether the form of this request was sent and is shown again.
    pub again: bool,
}

/// `/g/{name}/leave`.
#[derive(Debug, Clone, Template)]
#[template(path = "group_leave.html")]
pub struct GroupLeavePage {
    /// The frame.
    pub shell: Shell,
    /// The group's page.
    pub href: String,
    /// Its name.
    pub name: String,
    /// The name the reader has there.
    pub persona: String,
    /// What can become of what they wrote.
    pub choices: Vec<Choice>,
    /// What is chosen.
    pub value: String,
    /// What is to be known about copies elsewhere. May be empty.
    pub elsewhere: String,
    /// What is wrong.
    pub errors: FieldErrors,
}
