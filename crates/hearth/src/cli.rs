//! The command line: what a keeper can do without a browser.

use crate::{
    config::Config,
    demo, doctor, logging, network, panics,
    server::{self, Parts},
};
use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use hearth_actions::{App, account::SignUpForm, group::GroupForm};
use hearth_db::tables::api_tokens::Scope;
use std::{
    io::{Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

/// A server for community groups.
#[derive(Debug, Parser)]
#[command(name = "hearth", version)]
pub struct Cli {
    /// The settings file. Without one, everything has a default.
    #[arg(long, global = true, env = "HEARTH_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (this is what `hearth` alone does).
    Serve {
        /// For trials on this machine only: plain http and other servers on loopback.
        #[arg(long)]
        dev: bool,
    },
    /// Show two servers that know each other, on this machine, with sample groups.
    Demo,
    /// Accounts.
    #[command(subcommand)]
    Account(AccountCommand),
    /// Groups.
    #[command(subcommand)]
    Group(GroupCommand),
    /// Tokens of the JSON API.
    #[command(subcommand)]
    Token(TokenCommand),
    /// The keys by which other servers know who is here.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// The settings of the program.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Other servers: what Hearth makes of them, and relays.
    Network {
        /// For trials on this machine only, as with `serve`.
        #[arg(long)]
        dev: bool,
        #[command(subcommand)]
        command: network::NetworkCommand,
    },
    /// Say in plain words whether everything is well.
    Doctor,
    /// Ask a running server whether it is well; for health checks. Ends with 0 or 1.
    Health,
}

#[derive(Debug, Subcommand)]
enum AccountCommand {
    /// Make an account that can be used at once.
    Create {
        /// The private name for signing in.
        sign_in_name: String,
        /// The name of its first persona, in addresses.
        persona: String,
        /// Let it keep the server.
        #[arg(long)]
        keeper: bool,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// List accounts by their sign-in names.
    List,
    /// Set a new password, and sign the account out everywhere.
    ResetPassword {
        /// The private name for signing in.
        sign_in_name: String,
        #[command(flatten)]
        password: PasswordArgs,
    },
}

#[derive(Debug, Args)]
struct PasswordArgs {
    /// Read the password from standard input. Otherwise a random one is made and printed once.
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, Subcommand)]
enum GroupCommand {
    /// Make a public group.
    Create {
        /// The account that makes it.
        sign_in_name: String,
        /// The name in its address: a to z, 0 to 9 and _.
        name: String,
        /// The name that is shown.
        display_name: String,
        /// `open_community` or `public_noticeboard`.
        #[arg(long, default_value = "open_community")]
        template: String,
        /// What it is about.
        #[arg(long, default_value = "")]
        about: String,
    },
    /// List the groups of this server.
    List,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Make a token for an account. It is printed once.
    Create {
        /// The private name for signing in.
        sign_in_name: String,
        /// What it is for.
        #[arg(long, default_value = "made on the command line")]
        label: String,
        /// It may only read.
        #[arg(long)]
        read_only: bool,
    },
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    /// Replace keys by new ones, and tell the servers that know the old ones.
    Rotate {
        /// The name in the address of a persona or group, or `relay` for the server itself.
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        actor: Option<String>,
        /// All keys of this server.
        #[arg(long)]
        all: bool,
    },
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Print a settings file with everything in it.
    Example,
    /// Check the settings.
    Check,
}

/// Runs the command line. Prints what went wrong in one sentence, and why.
#[must_use]
pub fn run(cli: Cli) -> ExitCode {
    match dispatch(cli) {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "hearth: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(cli: Cli) -> anyhow::Result<ExitCode> {
    if let Some(Command::Config(ConfigCommand::Example)) = cli.command {
        say(&Config::example());
        return Ok(ExitCode::SUCCESS);
    }
    let mut config = Config::load(cli.config.as_deref(), |name| std::env::var(name).ok())?;
    match cli.command.unwrap_or(Command::Serve { dev: false }) {
        Command::Serve { dev } => {
            config.dev = dev;
            config.check()?;
            runtime()?.block_on(serve(&config))?;
        }
        Command::Demo => runtime()?.block_on(demo::run())?,
        Command::Account(command) => account(&app(&config)?, command)?,
        Command::Group(command) => group(&app(&config)?, command)?,
        Command::Token(command) => token(&app(&config)?, command)?,
        Command::Keys(command) => keys(&app(&config)?, &command)?,
        Command::Config(ConfigCommand::Example) => {}
        Command::Config(ConfigCommand::Check) => say("The settings are right.\n"),
        Command::Network { dev, command } => {
            config.dev = dev;
            config.check()?;
            return runtime()?.block_on(network::run(&config, command));
        }
        Command::Doctor => return doctor::run(&config),
        Command::Health => return Ok(health(&config)),
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes to standard output; a closed pipe is no error.
pub(crate) fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// The threads everything runs on. Public so that what is measured runs as the program does.
///
/// # Errors
/// When the system gives no threads.
pub fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("the program can't start its threads")
}

fn app(config: &Config) -> anyhow::Result<App> {
    server::open(config, &Parts::system())
}

async fn serve(config: &Config) -> anyhow::Result<()> {
    logging::start(&config.log);
    panics::watch();
    crate::machine::open_many_files();
    let running = server::start(config, Parts::system())?;
    let at = running.listens_at;
    match hearth_actions::server::new_setup_code(&running.app)? {
        Some(code) => say(&format!(
            "Hearth is ready to be set up. Open this link in a browser:\n\n  http://{at}/setup?code={code}\n\n"
        )),
        None => say(&format!("Hearth listens at http://{at}\n")),
    }
    wait_for_stop().await?;
    tracing::info!("Stopping");
    running.stop().await
}

/// Waits for Ctrl-C or the signal that service managers send.
async fn wait_for_stop() -> anyhow::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result?,
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// The password from standard input, or a new random one, which is printed.
fn password(app: &App, args: &PasswordArgs) -> anyhow::Result<String> {
    if args.password_stdin {
        let mut typed = String::new();
        std::io::stdin().read_line(&mut typed).context("no password came on standard input")?;
        return Ok(typed.trim_end_matches(['\r', '\n']).to_owned());
    }
    let made = hearth_actions::secret::code(&*app.entropy);
    say(&format!("The password is {made}\nIt is shown only now.\n"));
    Ok(made)
}

fn account(app: &App, command: AccountCommand) -> anyhow::Result<()> {
    match command {
        AccountCommand::Create { sign_in_name, persona, keeper, password: args } => {
            let typed = SignUpForm {
                password: password(app, &args)?,
                persona_display_name: persona.clone(),
                persona_name: persona,
                sign_in_name,
                agree: "yes".to_owned(),
                ..SignUpForm::default()
            };
            plainly(hearth_actions::account::create(app, &typed, keeper))?;
            say("The account is made.\n");
        }
        AccountCommand::List => {
            for row in app.db.read(hearth_db::tables::accounts::all)? {
                let keeper = if row.keeper { ", keeper" } else { "" };
                say(&format!("{}  {}{keeper}\n", row.sign_in_name, row.state));
            }
        }
        AccountCommand::ResetPassword { sign_in_name, password: args } => {
            let new = password(app, &args)?;
            plainly(hearth_actions::account::reset_password(app, &sign_in_name, &new))?;
            say("The password is set. The account is signed out everywhere, and its tokens are gone.\n");
        }
    }
    Ok(())
}

fn group(app: &App, command: GroupCommand) -> anyhow::Result<()> {
    match command {
        GroupCommand::Create { sign_in_name, name, display_name, template, about } => {
            let account = plainly(hearth_actions::token::account_named(app, &sign_in_name))?;
            let personas = plainly(hearth_actions::persona::all(app, account))?;
            let persona = personas.first().context("this account has no persona")?.id.to_string();
            let typed = GroupForm { name, display_name, about, template, persona, ..GroupForm::default() };
            let made = plainly(hearth_actions::group::create(app, account, &typed))?;
            say(&format!("The group is made. Its address is {}\n", made.url));
        }
        GroupCommand::List => {
            for (actor, row) in app.db.read(hearth_db::tables::groups::local)? {
                say(&format!("{}  {}  {}\n", actor.name, actor.display_name, row.settings().sentence()));
            }
        }
    }
    Ok(())
}

fn token(app: &App, command: TokenCommand) -> anyhow::Result<()> {
    let TokenCommand::Create { sign_in_name, label, read_only } = command;
    let account = plainly(hearth_actions::token::account_named(app, &sign_in_name))?;
    let scope = if read_only { Scope::Read } else { Scope::Write };
    say(&format!("{}\n", plainly(hearth_actions::token::create(app, account, &label, scope))?));
    Ok(())
}

fn keys(app: &App, KeysCommand::Rotate { actor, .. }: &KeysCommand) -> anyhow::Result<()> {
    let actors = plainly(hearth_actions::keys::actors_named(app, actor.as_deref()))?;
    for actor in &actors {
        plainly(hearth_actions::keys::rotate(app, actor.id))?;
    }
    let keys = if actors.len() == 1 {
        "1 actor has new keys".to_owned()
    } else {
        format!("{} actors have new keys", actors.len())
    };
    say(&format!("{keys}. Other servers are told while Hearth runs.\n"));
    Ok(())
}

/// An action's error as sentences for the terminal.
fn plainly<T>(result: hearth_actions::Result<T>) -> anyhow::Result<T> {
    match result {
        Err(hearth_actions::ActionError::Invalid(problems)) => {
            let lines: Vec<String> = problems.into_iter().map(|p| format!("{}: {}", p.field, p.sentence)).collect();
            bail!("{}", lines.join("\n        "))
        }
        Err(hearth_actions::ActionError::NotFound) => bail!("there is nothing of that name here"),
        other => Ok(other?),
    }
}

/// Asks the server that listens where these settings say.
fn health(config: &Config) -> ExitCode {
    let asked = || -> anyhow::Result<bool> {
        let mut address = config.listen_address()?;
        if address.ip().is_unspecified() {
            address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
        }
        let wait = Duration::from_secs(5);
        let mut stream = TcpStream::connect_timeout(&address, wait)?;
        stream.set_read_timeout(Some(wait))?;
        write!(stream, "GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.take(4_096).read_to_string(&mut answer)?;
        Ok(answer.starts_with("HTTP/1.1 200"))
    };
    if asked().unwrap_or(false) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
