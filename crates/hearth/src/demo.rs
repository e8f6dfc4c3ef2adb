//! `hearth demo`: two servers in one process, on this machine only, that follow each other and show it.

use crate::{
    cli::say,
    config::Config,
    logging,
    server::{self, Parts, Running},
};
use anyhow::Context;
use hearth_actions::network::Network;
use hearth_actions::{
    event::EventForm, follow, group::GroupForm, membership, persona, post::PostForm, server::SetupForm,
};
use hearth_domain::{
    address::read_lookup,
    id::{AccountId, ActorId},
};
use std::{net::TcpListener, path::Path, time::Duration};

/// A server of the demo with its first account.
struct Place {
    running: Running,
    account: AccountId,
    persona: ActorId,
}

const PASSWORD: &str = "a quiet evening by the fire";

/// Runs the demo until it is stopped. Everything it writes is in a temporary folder that goes when it ends.
///
/// # Errors
/// When the servers can't be started or do not find each other.
pub async fn run() -> anyhow::Result<()> {
    logging::start("warn");
    let folder = tempfile::tempdir().context("no temporary folder can be made")?;
    let (oak, elm) = start_both(folder.path()).await?;
    let group =
        oak.make_group("tea_and_talk", "Tea and Talk", "Peer support for low mood. Tuesdays, with biscuits.")?;
    elm.make_group("night_owls", "Night Owls", "For people who sleep badly, and would rather not be alone with it.")?;
    let found = elm
        .running
        .federation
        .find(&read_lookup("@tea_and_talk@oak.test"))
        .await
        .context("elm could not find the group on oak")?;
    follow::follow(&elm.running.app, elm.account, found, elm.persona)?;
    elm.running.federation.wake();
    wait_until("elm's follow to be accepted", || {
        let rows = elm.running.app.db.read(|c| hearth_db::tables::follows::of_account(c, elm.account));
        Ok(rows?.iter().any(|row| row.state == hearth_db::tables::follows::FollowState::Accepted))
    })
    .await?;
    let post = oak.post(group)?;
    let event = oak.announce(group)?;
    oak.running.federation.wake();
    wait_until("the post and the meetup to arrive on elm", || {
        elm.running.app.db.read(|c| {
            let post = hearth_db::tables::posts::by_ap_id(c, &post)?;
            Ok(post.is_some() && hearth_db::tables::events::by_ap_id(c, &event)?.is_some())
        })
    })
    .await?;
    say(&words(&oak, &elm));
    tokio::signal::ctrl_c().await?;
    oak.running.stop().await?;
    elm.running.stop().await
}

fn words(oak: &Place, elm: &Place) -> String {
    let (oak, elm) = (oak.running.listens_at, elm.running.listens_at);
    format!(
        "\nTwo servers run on this machine: oak and elm. Nothing leaves it.\n\n\
         On oak, the group and what was written there:\n  http://{oak}/g/tea_and_talk\n\n\
         On elm, the same, as it arrived:\n  http://{elm}/g/tea_and_talk@oak.test\n  http://{elm}/meetups\n\n\
         Sign in on either with the name  demo  and the password  {PASSWORD}\n\
         (oak and elm share one name on this machine: use a private window for the second one.)\n\
         Write on oak and look at elm. Ctrl-C ends the demo; nothing is kept.\n\n"
    )
}

async fn start_both(folder: &Path) -> anyhow::Result<(Place, Place)> {
    let (oak, elm) = (listener(8081)?, listener(8082)?);
    let peers = format!("oak.test=http://{},elm.test=http://{}", oak.local_addr()?, elm.local_addr()?);
    let oak = start_one(folder, "oak", "Oak House", oak, &peers).await?;
    let elm = start_one(folder, "elm", "Elm Lodge", elm, &peers).await?;
    Ok((oak, elm))
}

/// The usual port, or any that is free.
fn listener(port: u16) -> anyhow::Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port))
        .or_else(|_| TcpListener::bind(("127.0.0.1", 0)))
        .context("no port is free on this machine")
}

async fn start_one(
    folder: &Path,
    name: &str,
    title: &str,
    listener: TcpListener,
    peers: &str,
) -> anyhow::Result<Place> {
    let config = Config {
        data_dir: folder.join(name),
        address: format!("https://{name}.test"),
        dev: true,
        dev_peers: peers.to_owned(),
        ..Config::default()
    };
    let running = server::start_on(listener, &config, Parts::system())?;
    let app = running.app.clone();
    let title = title.to_owned();
    let (account, persona) = tokio::task::spawn_blocking(move || set_up(&app, &title)).await??;
    Ok(Place { running, account, persona })
}

fn set_up(app: &hearth_actions::App, title: &str) -> anyhow::Result<(AccountId, ActorId)> {
    let code = hearth_actions::server::new_setup_code(app)?.context("the demo's server is set up already")?;
    let typed = SetupForm {
        code,
        name: title.to_owned(),
        summary: "A demonstration on this machine.".to_owned(),
        contact: "nobody: this is a demonstration".to_owned(),
        zone: "Europe/London".to_owned(),
        sign_up: "open".to_owned(),
        helpline_name: "A sample helpline".to_owned(),
        helpline_about: "This number is invented.".to_owned(),
        helpline_hours: "Day and night".to_owned(),
        helpline_number: "01632 960 000".to_owned(),
        sign_in_name: "demo".to_owned(),
        password: PASSWORD.to_owned(),
        persona_name: "wren".to_owned(),
        persona_display_name: "Wren".to_owned(),
        ..SetupForm::default()
    };
    let account = hearth_actions::server::set_up(app, &typed)?;
    let persona = persona::all(app, account)?.first().context("the account has no persona")?.id;
    Ok((account, persona))
}

impl Place {
    fn make_group(&self, name: &str, display_name: &str, about: &str) -> anyhow::Result<ActorId> {
        let typed = GroupForm {
            name: name.to_owned(),
            display_name: display_name.to_owned(),
            about: about.to_owned(),
            rhythm: "Tuesdays, 6.30 pm".to_owned(),
            guidelines: "Listen first. What is said here stays here.".to_owned(),
            template: "open_community".to_owned(),
            persona: self.persona.to_string(),
            ..GroupForm::default()
        };
        let group = hearth_actions::group::create(&self.running.app, self.account, &typed)?.id;
        membership::join(&self.running.app, self.account, group, self.persona)?;
        Ok(group)
    }

    /// Writes a sample post; returns its address.
    fn post(&self, group: ActorId) -> anyhow::Result<String> {
        let typed = PostForm {
            title: "What helps you sleep?".to_owned(),
            text: "I have been awake since four again.\n\nWhat has helped **you**?".to_owned(),
            content_note: "insomnia".to_owned(),
            persona: self.persona.to_string(),
            ..PostForm::default()
        };
        Ok(hearth_actions::post::publish(&self.running.app, self.account, group, &typed)?.ap_id.to_string())
    }

    /// Announces a sample meetup next week; returns its address.
    fn announce(&self, group: ActorId) -> anyhow::Result<String> {
        let soon = self.running.app.clock.now().date_naive() + chrono::Duration::days(2);
        let tuesday = |date: &chrono::NaiveDate| chrono::Datelike::weekday(date) == chrono::Weekday::Tue;
        let date = soon.iter_days().find(tuesday).unwrap_or(soon);
        let typed = EventForm {
            title: "Tuesday tea".to_owned(),
            text: "Drop in, no need to talk.".to_owned(),
            date: date.to_string(),
            start: "18:30".to_owned(),
            end: "20:00".to_owned(),
            zone: "Europe/London".to_owned(),
            place_kind: "in_person".to_owned(),
            area: "Northside, near the library".to_owned(),
            address: "12 Sample Street, ring twice".to_owned(),
            access: "Step-free. A quiet corner.".to_owned(),
            capacity: "12".to_owned(),
            persona: self.persona.to_string(),
            ..EventForm::default()
        };
        Ok(hearth_actions::event::announce(&self.running.app, self.account, group, &typed)?.ap_id.to_string())
    }
}

/// Waits for something that happens by itself within a few seconds.
async fn wait_until(what: &str, mut happened: impl FnMut() -> hearth_db::Result<bool>) -> anyhow::Result<()> {
    for _ in 0..200 {
        if happened()? {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("waited 20 seconds for {what}, in vain")
}
