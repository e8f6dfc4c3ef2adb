//! `hearth network`: what this server makes of others, and the relays it passes public meetups on to.

use crate::{
    cli::say,
    config::Config,
    server::{self, Parts},
};
use anyhow::{Context, bail};
use clap::{Subcommand, ValueEnum};
use hearth_actions::{App, network::Network, relay};
use hearth_db::tables::relays::{RelayState, RelayStyle};
use hearth_domain::{address::read_lookup, id::ActorId};
use hearth_federation::{Federation, probe::Probe};
use std::process::ExitCode;

/// What can be done about other servers.
#[derive(Debug, Subcommand)]
pub enum NetworkCommand {
    /// Look at a group, person, post or meetup on another server, and say what Hearth understands of it. Ends with 1 when
    /// it understands nothing. Nothing is written down.
    Probe {
        /// A name such as @tea@h.example, or a link.
        what: String,
        /// Print JSON, for programs.
        #[arg(long)]
        json: bool,
    },
    /// Relays: servers that pass on what is public. There is none unless you add one.
    #[command(subcommand)]
    Relay(RelayCommand),
}

/// What can be done about relays.
#[derive(Debug, Subcommand)]
pub enum RelayCommand {
    /// Pass the public meetups of this server's groups on to a relay, and take its hints. Posts are never passed on.
    Add {
        /// The address of the relay's actor, such as `https://relay.example/actor`.
        address: String,
        /// How the relay wants to be asked.
        #[arg(long, value_enum, default_value = "mastodon")]
        style: Style,
    },
    /// Leave a relay.
    Remove {
        /// The address of the relay's actor, as `list` prints it.
        address: String,
    },
    /// List the relays.
    List,
}

/// How a relay wants to be asked.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Style {
    /// As Mastodon asks.
    Mastodon,
    /// As Pleroma asks: it follows back.
    Litepub,
}

/// Runs a command.
///
/// # Errors
/// When the database can't be opened, or there is no such relay.
pub async fn run(config: &Config, command: NetworkCommand) -> anyhow::Result<ExitCode> {
    let parts = Parts::system();
    let app = server::open(config, &parts)?;
    let federation = server::federation(config, &app, &parts)?;
    match command {
        NetworkCommand::Probe { what, json } => {
            let probe = federation.probe(&read_lookup(&what)).await;
            say(&if json { format!("{}\n", serde_json::to_string_pretty(&probe)?) } else { words(&probe) });
            Ok(if probe.understood { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        NetworkCommand::Relay(command) => {
            relay_command(&app, &federation, command).await?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn relay_command(app: &App, federation: &Federation, command: RelayCommand) -> anyhow::Result<()> {
    match command {
        RelayCommand::Add { address, style } => {
            let found = federation.find(&read_lookup(&address)).await;
            let relay = found.with_context(|| format!("there is no relay to be found at {address}"))?;
            let style = match style {
                Style::Mastodon => RelayStyle::Mastodon,
                Style::Litepub => RelayStyle::LitePub,
            };
            relay::subscribe(app, None, relay, style)?;
            say(
                "The relay is asked as soon as the server runs. \"hearth network relay list\" says when it has answered.\n",
            );
        }
        RelayCommand::Remove { address } => {
            relay::unsubscribe(app, None, named(app, &address)?)?;
            say("The relay is left.\n");
        }
        RelayCommand::List => {
            for (actor, row) in app.db.read(relay::all)? {
                let state = match row.state {
                    RelayState::Asked => "asked, not answered yet",
                    RelayState::Accepted => "passes things on",
                    RelayState::Refused => "said no",
                };
                say(&format!("{}  {state}\n", actor.ap_id));
            }
        }
    }
    Ok(())
}

fn named(app: &App, address: &str) -> anyhow::Result<ActorId> {
    let relays = app.db.read(relay::all)?;
    match relays.iter().find(|(actor, _)| actor.ap_id.as_str() == address.trim()) {
        Some((actor, _)) => Ok(actor.id),
        None => bail!("there is no relay of that address; \"hearth network relay list\" names them"),
    }
}

/// A probe as people read it.
fn words(probe: &Probe) -> String {
    let mut text = match (&probe.found, probe.understood) {
        (Some(found), true) => format!("Found at {found}\n\n"),
        (Some(found), false) => format!("Found at {found}, but Hearth understands nothing of it.\n\n"),
        (None, _) => "Hearth found nothing that it understands.\n\n".to_owned(),
    };
    for fact in &probe.facts {
        text.push_str(&format!("  {:<13} {}\n", fact.about, fact.words));
    }
    let lists = [
        ("Refused here", &probe.refused),
        ("Sent there", &probe.sent),
        ("What may keep it from arriving", &probe.trouble),
    ];
    for (title, lines) in lists.into_iter().filter(|(_, lines)| !lines.is_empty()) {
        text.push_str(&format!("\n{title}:\n"));
        for line in lines {
            text.push_str(&format!("  - {line}\n"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use hearth_federation::probe::Fact;

    #[test]
    fn a_probe_reads_as_plain_text() {
        let probe = Probe {
            found: Some("https://elm.test/g/books".into()),
            understood: true,
            facts: vec![Fact { about: "Type", words: "a group (Group)".into() }],
            refused: Vec::new(),
            sent: vec!["Posts: the whole activity.".into()],
            trouble: vec!["elm.test is blocked here.".into()],
        };
        assert_eq!(
            words(&probe),
            "Found at https://elm.test/g/books\n\n  Type          a group (Group)\n\nSent there:\n  - Posts: the whole \
             activity.\n\nWhat may keep it from arriving:\n  - elm.test is blocked here.\n"
        );
        assert!(words(&Probe::default()).starts_with("Hearth found nothing that it understands.\n"));
    }
}
