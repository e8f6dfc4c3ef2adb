//! Coming in and going: joining, signing in and out, leaving quickly.
//!
//! Must never say which part of a sign-in was wrong, put anything typed into an address, or lead to another site.

use super::{setup::EXITS, shown_again};
use crate::{
    answer::Answer,
    cookies,
    error::Failure,
    protect::FormNonce,
    sent::Sent,
    submit::{Button, Flaws, Form, Senders, submit, warm},
    viewer::{Anyway, Shown, Visit},
    views::{
        account::{JoinDoor, JoinPage, JoinPageValues, JoinWaitingPage, SignInPage},
        shell::Nav,
    },
};
use actix_web::http::header::{CACHE_CONTROL, HeaderName};
use hearth_actions::{
    ActionError,
    account::{self, SignUpForm, SignedUp},
    group_invitation, secret,
    server::DEFAULT_EXIT,
    session::{self, SignIn},
    tries,
};
use hearth_db::tables::actors;
use hearth_domain::{
    clock::Entropy,
    id::AccountId,
    persona::{NAME_MIN, PERSON_NAME_MAX},
    server::SignUp,
    text,
};

/// A local path, if that is what it is: one slash first, nothing a browser could read as another host (threats AC-04).
pub(crate) fn local_path(next: &str) -> Option<&str> {
    let mut letters = next.chars();
    let starts = letters.next() == Some('/') && !matches!(letters.next(), Some('/' | '\\'));
    let plain = next.len() <= 2_000 && !next.chars().any(|c| c.is_control() || c == '\\');
    (starts && plain).then_some(next)
}

/// The sign-in page that leads back to this address.
pub(crate) fn sign_in_address(address: &str) -> String {
    let next: String = url::form_urlencoded::byte_serialize(address.as_bytes()).collect();
    format!("/sign-in?next={next}")
}

/// The name in an address and the shown name, from the one name a person types. A name in a script or of a length that
/// can't stand in an address gets one drawn at random.
pub(crate) fn names_from(typed: &str, entropy: &dyn Entropy) -> (String, String) {
    let shown = text::line(typed);
    let mut name = String::new();
    for letter in shown.to_lowercase().chars() {
        match letter {
            'a'..='z' | '0'..='9' => name.push(letter),
            _ if name.ends_with('_') || name.is_empty() => {}
            _ => name.push('_'),
        }
    }
    let name = text::cut(name.trim_end_matches('_'), PERSON_NAME_MAX);
    if shown.is_empty() || name.len() >= NAME_MIN {
        return (name, shown);
    }
    let code = secret::code(entropy).replace('-', "");
    (format!("friend_{}", text::cut(&code, 8)), shown)
}

// Joining

pub(crate) async fn join(visit: Visit) -> Answer {
    visit
        .show(|visit| {
            visit.site()?;
            if visit.me.is_some() {
                return Ok(Answer::see("/"));
            }
            let code = vec![("invitation".to_owned(), visit.query("code").to_owned())];
            Join.show(visit, &Sent::of(code), Flaws::none())
        })
        .await
}

pub(crate) async fn take_join(visit: Visit, sent: Sent) -> Answer {
    submit(visit, sent, Join).await
}

struct Join;

impl Form for Join {
    const SENDERS: Senders = Senders::Anyone;

    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        let flaws = flaws.named(&[("persona_name", "name"), ("persona_display_name", "name")]);
        let name = if sent.get("pick").is_empty() { sent.text("name") } else { sent.text("pick") };
        let free_names = if flaws.errors.get("name").is_some() { free_names(visit, &name)? } else { Vec::new() };
        visit.page(&JoinPage {
            shell: visit.shell_again("Join", Nav::SignIn, flaws.any(), flaws.notice.clone()),
            door: match visit.site()?.row.sign_up {
                SignUp::Open => JoinDoor::Open,
                SignUp::Approval => JoinDoor::Approval,
                SignUp::Invitation => JoinDoor::Invitation,
                SignUp::Closed => JoinDoor::Closed,
            },
            values: JoinPageValues {
                invitation: sent.text("invitation"),
                name,
                sign_in_name: sent.text("sign_in_name"),
                hello: sent.text("hello"),
                agree: sent.get("agree") == "yes",
            },
            errors: flaws.errors,
            free_names,
        })
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        if !sent.get("pick").is_empty() || visit.site()?.row.sign_up == SignUp::Closed {
            return self.show(visit, sent, Flaws::none());
        }
        let app = &visit.state.app;
        tries::count(&visit.state.app, &[(tries::JOIN, &visit.asked.network)])?;
        let (persona_name, persona_display_name) = names_from(sent.get("name"), &*app.entropy);
        let typed = SignUpForm {
            sign_in_name: sent.text("sign_in_name"),
            password: sent.text("password"),
            persona_name,
            persona_display_name: persona_display_name.clone(),
            hello: sent.text("hello"),
            invitation: sent.text("invitation"),
            agree: sent.text("agree"),
        };
        match account::sign_up(app, &typed)? {
            SignedUp::Active(account) => {
                let token = session::open(app, account, &visit.asked.device)?;
                let next = invited_to(visit, account, sent.get("invitation"));
                Ok(Answer::see(&next).cookie(cookies::session(&token, visit.https())))
            }
            SignedUp::Waiting => visit.page(&JoinWaitingPage {
                shell: visit.shell("Thank you", Nav::SignIn),
                name: persona_display_name,
                help: visit.help_box(),
            }),
        }
    }
}

/// Where somebody goes on who came by an invitation to a group: into it.
fn invited_to(visit: &Visit, account: AccountId, code: &str) -> String {
    let code = group_invitation::plain_code(code);
    let offer = group_invitation::look(&visit.state.app, &visit.asked.network, Some(account), &code);
    if !code.is_empty() && offer.is_ok() { format!("/i/{code}") } else { "/?said=joined".to_owned() }
}

/// Up to three names like the one that is taken.
fn free_names(visit: &Visit, typed: &str) -> Result<Vec<String>, Failure> {
    let shown = text::line(typed);
    visit.read(|c| {
        let mut free = Vec::new();
        for end in ["2", "of the lane", "3", "by the sea", "7"] {
            let name = format!("{shown} {end}");
            let (address, _) = names_from(&name, &*visit.state.app.entropy);
            if address.len() < PERSON_NAME_MAX && actors::local_by_name(c, &address)?.is_none() && free.len() < 3 {
                free.push(name);
            }
        }
        Ok(if shown.is_empty() { Vec::new() } else { free })
    })
}

// Signing in

pub(crate) async fn sign_in(visit: Visit) -> Answer {
    visit
        .show(|visit| {
            visit.site()?;
            let next = local_path(visit.query("next")).unwrap_or_default();
            if visit.me.is_some() {
                return Ok(Answer::see(if next.is_empty() { "/" } else { next }));
            }
            EnterIt.show(visit, &Sent::of(vec![("next".to_owned(), next.to_owned())]), Flaws::none())
        })
        .await
}

pub(crate) async fn take_sign_in(visit: Visit, sent: Sent) -> Answer {
    submit(visit, sent, EnterIt).await
}

/// The sign-in page in place of a form that was sent without a session: what was typed goes along.
pub(crate) fn sign_in_first(visit: &Visit, sent: &Sent) -> Shown {
    visit.site()?;
    let mut fields = vec![("kept_for".to_owned(), visit.asked.address.clone())];
    fields.extend(sent.to_keep().into_iter().map(|(name, value)| (format!("kept.{name}"), value)));
    let notice = warm("You’re signed out.", "Sign in, and what you wrote is still here.");
    let flaws = Flaws { notice: Some(notice), ..Flaws::none() };
    Ok(EnterIt.show(visit, &Sent::of(fields), flaws)?.status(403))
}

struct EnterIt;

impl Form for EnterIt {
    const SENDERS: Senders = Senders::Anyone;

    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        visit.page(&SignInPage {
            shell: visit.shell_again("Sign in", Nav::SignIn, !flaws.errors.is_empty(), flaws.notice),
            sign_in_name: sent.text("sign_in_name"),
            next: local_path(sent.get("next")).unwrap_or_default().to_owned(),
            kept: sent.with_prefix("kept."),
            kept_for: local_path(sent.get("kept_for")).unwrap_or_default().to_owned(),
            errors: flaws.errors,
            can_join: visit.can_join(),
        })
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        visit.site()?;
        let name = secret::hash(&text::line(sent.get("sign_in_name")).to_lowercase());
        let app = &visit.state.app;
        tries::count(app, &[(tries::SIGN_IN, &visit.asked.network), (tries::SIGN_IN_NAME, &name)])?;
        let signed_in = session::sign_in(app, sent.get("sign_in_name"), sent.get("password"), &visit.asked.device)?;
        let token = signed_in.map_err(|why| ActionError::field("sign_in_name", why_not(why)))?;
        // The device's earlier session, if it had one, ends here: a cookie from before signing in is worth nothing.
        if let Some(me) = &visit.me {
            session::end(app, me.account.id, me.session.id)?;
        }
        let cookie = cookies::session(&token, visit.https());
        let kept_for = local_path(sent.get("kept_for")).unwrap_or_default();
        if kept_for.is_empty() {
            let next = local_path(sent.get("next")).unwrap_or("/");
            return Ok(Answer::see(next).cookie(cookie));
        }
        let visit = visit.again(&token)?;
        let shown = shown_again(&visit, kept_for, &Sent::of(sent.with_prefix("kept.")));
        Ok(visit.settle(shown).cookie(cookie))
    }
}

const fn why_not(why: SignIn) -> &'static str {
    match why {
        SignIn::Wrong => "That name and password don’t go together. Both may have been mistyped.",
        SignIn::Waiting => "Your request is still being read. Try again tomorrow.",
        SignIn::Suspended => "This account is paused. Ask whoever runs this place.",
    }
}

pub(crate) async fn sign_out(visit: Visit, sent: Sent) -> Answer {
    if visit.me.is_none() {
        return Answer::see("/").cookie(cookies::no_session(visit.https()));
    }
    let out = Button {
        page: "/".to_owned(),
        act: |visit: &Visit, _: &Sent| {
            let me = visit.me()?;
            session::end(&visit.state.app, me.account.id, me.session.id)?;
            Ok(Answer::see("/?said=signed-out").cookie(cookies::no_session(visit.https())))
        },
    };
    submit(visit, sent, out).await
}

/// The one GET that changes something: leads to a page that gives nothing away, and ends the session.
pub(crate) async fn leave(Anyway(visit, _): Anyway) -> Answer {
    if visit.asked.ahead {
        return Answer::nothing().header(CACHE_CONTROL, "no-store");
    }
    visit
        .show(|visit| {
            let reading = visit.asked.reading;
            let of_place = visit.site.as_ref().map_or(DEFAULT_EXIT, |site| site.row.exit_url.as_str());
            let chosen = reading.exit.checked_sub(1).and_then(|at| EXITS.get(at)).map_or(of_place, |(url, _)| *url);
            let answer = Answer::see(chosen)
                .header(HeaderName::from_static("clear-site-data"), "\"cache\"")
                .header(CACHE_CONTROL, "no-store");
            if reading.stay {
                return Ok(answer);
            }
            if let Some(me) = &visit.me {
                // The way out stays open when the database does not answer: the cookie goes in any case.
                let _ = session::end(&visit.state.app, me.account.id, me.session.id);
            }
            Ok(answer.cookie(cookies::no_session(visit.https())))
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sevens;
    impl Entropy for Sevens {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(7);
        }
    }

    #[test]
    fn only_local_paths_are_gone_back_to() {
        for good in ["/", "/g/tea", "/p/1?a=b#c", "/%2f%2fevil.test", "/authorize_interaction?uri=https%3A%2F%2Fa.test"]
        {
            assert_eq!(local_path(good), Some(good));
        }
        for bad in [
            "",
            "//evil.test",
            "/\\evil.test",
            "https:evil.test",
            "https://evil.test",
            "evil.test",
            "\\/evil.test",
            "/\t/evil.test",
            "/\n/evil.test",
            " /x",
            "javascript:alert(1)",
            "/a\\b",
        ] {
            assert_eq!(local_path(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn one_name_makes_two() {
        for (typed, address, shown) in [
            ("Wren", "wren", "Wren"),
            ("  Wren of the lane ", "wren_of_the_lane", "Wren of the lane"),
            ("Zoë!", "zo", ""),
            ("", "", ""),
        ] {
            let (name, display) = names_from(typed, &Sevens);
            if shown.is_empty() && !typed.is_empty() {
                assert!(name.starts_with("friend_") && display == typed && name.len() == 15, "{name} for {address}");
            } else {
                assert_eq!((name.as_str(), display.as_str()), (address, shown));
            }
        }
    }
}
