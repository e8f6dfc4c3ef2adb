//! Settings of the program. Nothing is required: `hearth serve` runs with none.
//!
//! They come from one TOML file and from `HEARTH_*` variables, which win. What a keeper decides about the community is
//! not here: it is set in the browser and lives in the database.

use anyhow::{Context, bail};
use hearth_db::DbUrl;
use hearth_domain::address::ApId;
use serde::{Deserialize, Serialize};
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

/// All settings.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The folder for everything Hearth keeps. Made at the first start, readable by nobody else.
    pub data_dir: PathBuf,
    /// The database: `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`. Empty: `hearth.db` in the data folder.
    pub database_url: String,
    /// A file that holds the address of the database, for addresses with a password. Wins over `database_url`.
    pub database_url_file: PathBuf,
    /// Most connections to the database.
    pub database_connections: u32,
    /// Where Hearth listens. A reverse proxy that speaks HTTPS stands before it.
    pub listen: String,
    /// Where the figures for Prometheus can be read: a port of this machine, or an address and a port. Empty: nowhere. They
    /// name no group, person or other server; still, keep the port closed to others.
    pub metrics_listen: String,
    /// After how many seconds in which nothing goes out, though something is due, `/healthz` says so.
    pub stuck_after_seconds: u32,
    /// The public address, `https://groups.example.org`. Empty: it is asked for at the set-up in the browser. It can't
    /// be changed after the set-up.
    pub address: String,
    /// Where the exact source of the running program can be had. If you change Hearth, the licence asks you to say where.
    pub source_url: String,
    /// What is logged: `error`, `warn`, `info`, `debug`, or a filter such as `info,hearth_federation=debug`. No text,
    /// name, address or token is ever logged, at any level.
    pub log: String,
    /// For local trials only (`--dev`): plain http, and other servers on this machine. Refuses to run on a public name.
    #[serde(skip)]
    pub dev: bool,
    /// With `--dev`: where other names are reached, as `elm.test=http://127.0.0.1:8002,…`.
    pub dev_peers: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("./hearth-data"),
            database_url: String::new(),
            database_url_file: PathBuf::new(),
            database_connections: 8,
            listen: "127.0.0.1:8080".to_owned(),
            metrics_listen: String::new(),
            stuck_after_seconds: 120,
            address: String::new(),
            source_url: "https://hearth.invalid/source".to_owned(),
            log: "info".to_owned(),
            dev: false,
            dev_peers: String::new(),
        }
    }
}

/// One setting for people: name, example value, what it is.
struct Field {
    name: &'static str,
    help: &'static str,
}

const FIELDS: &[Field] = &[
    Field {
        name: "data_dir",
        help: "The folder for everything Hearth keeps. Made at the first start, readable by nobody else.",
    },
    Field {
        name: "database_url",
        help: "The database: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME. Empty: hearth.db in the data folder.",
    },
    Field {
        name: "database_url_file",
        help: "A file that holds the address of the database, for addresses with a password. Wins over database_url.",
    },
    Field { name: "database_connections", help: "Most connections to the database." },
    Field { name: "listen", help: "Where Hearth listens. A reverse proxy that speaks HTTPS stands before it." },
    Field {
        name: "metrics_listen",
        help: "Where the figures for Prometheus can be read: a port of this machine, as 9464, or an address and a port. \
               Empty: nowhere. They name no group, person or other server; still, keep the port closed to others.",
    },
    Field {
        name: "stuck_after_seconds",
        help: "After how many seconds in which nothing goes out, though something is due, /healthz says so.",
    },
    Field {
        name: "address",
        help: "The public address, https://groups.example.org. Empty: it is asked for at the set-up in the browser. \
               It can't be changed after the set-up.",
    },
    Field {
        name: "source_url",
        help: "Where the exact source of the running program can be had. If you change Hearth, the licence asks you to say where.",
    },
    Field {
        name: "log",
        help: "What is logged: error, warn, info, debug, or a filter such as info,hearth_federation=debug. \
               No text, name, address or token is ever logged, at any level.",
    },
    Field {
        name: "dev_peers",
        help: "With --dev, for local trials: where other names are reached, as elm.test=http://127.0.0.1:8002,…",
    },
];

impl Config {
    /// Reads the file, if there is one, and the environment.
    ///
    /// # Errors
    /// When the file can't be read or holds a setting that does not exist; when a variable can't be read.
    pub fn load(file: Option<&Path>, environment: impl Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        let mut config = match file {
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("the settings file {} can't be read", path.display()))?;
                toml::from_str(&text).with_context(|| format!("the settings file {} is not right", path.display()))?
            }
            None => Self::default(),
        };
        config.take_environment(environment)?;
        config.check()?;
        Ok(config)
    }

    fn take_environment(&mut self, environment: impl Fn(&str) -> Option<String>) -> anyhow::Result<()> {
        for field in FIELDS {
            let variable = variable(field.name);
            let Some(value) = environment(&variable) else { continue };
            match field.name {
                "data_dir" => self.data_dir = value.into(),
                "database_url" => self.database_url = value,
                "database_url_file" => self.database_url_file = value.into(),
                "database_connections" => {
                    self.database_connections = value.parse().with_context(|| format!("{variable} is not a number"))?;
                }
                "listen" => self.listen = value,
                "metrics_listen" => self.metrics_listen = value,
                "stuck_after_seconds" => {
                    self.stuck_after_seconds = value.parse().with_context(|| format!("{variable} is not a number"))?;
                }
                "address" => self.address = value,
                "source_url" => self.source_url = value,
                "log" => self.log = value,
                _ => self.dev_peers = value,
            }
        }
        Ok(())
    }

    /// Checks what can be checked without opening anything.
    ///
    /// # Errors
    /// Says which setting is wrong.
    pub fn check(&self) -> anyhow::Result<()> {
        self.listen_address()?;
        self.metrics_address()?;
        self.origin()?;
        if !(10..=86_400).contains(&self.stuck_after_seconds) {
            bail!("stuck_after_seconds must be between 10 and 86400");
        }
        if !(2..=200).contains(&self.database_connections) {
            bail!("database_connections must be between 2 and 200");
        }
        if self.database_url_file.as_os_str().is_empty() {
            self.database()?;
        }
        Ok(())
    }

    /// Where to listen.
    ///
    /// # Errors
    /// When it is not an address with a port.
    pub fn listen_address(&self) -> anyhow::Result<SocketAddr> {
        self.listen.parse().context("listen must be an address and a port, for example 127.0.0.1:8080")
    }

    /// Where the figures can be read, if anywhere. A port alone is one of this machine only.
    ///
    /// # Errors
    /// When it is neither a port nor an address with a port, or the address people use.
    pub fn metrics_address(&self) -> anyhow::Result<Option<SocketAddr>> {
        let typed = self.metrics_listen.trim();
        if typed.is_empty() {
            return Ok(None);
        }
        let address = match typed.parse::<u16>() {
            Ok(port) => SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            Err(_) => {
                typed.parse().context("metrics_listen must be a port, for example 9464, or an address and a port")?
            }
        };
        if address.port() != 0 && address.port() == self.listen_address()?.port() {
            bail!("metrics_listen and listen must have different ports");
        }
        Ok(Some(address))
    }

    /// The public address, if it is fixed here.
    ///
    /// # Errors
    /// When it is not `https://NAME`, or with `--dev` when the name is a public one.
    pub fn origin(&self) -> anyhow::Result<Option<ApId>> {
        if self.address.is_empty() {
            return Ok(None);
        }
        let wrong = "address must be https:// and a name, for example https://groups.example.org";
        let name = self.address.trim_end_matches('/').strip_prefix("https://").context(wrong)?;
        let host = hearth_domain::address::canonical_host(name).context(wrong)?;
        if self.dev && !is_private_name(&host) {
            bail!(
                "--dev is for local trials: the name must be localhost or end in .test, .localhost, .example, .invalid or .internal"
            );
        }
        Ok(Some(format!("https://{host}/").parse().context(wrong)?))
    }

    /// The database.
    ///
    /// # Errors
    /// When its address is of no known kind, or the file that holds it can't be read.
    pub fn database(&self) -> anyhow::Result<DbUrl> {
        let file = &self.database_url_file;
        let url = if file.as_os_str().is_empty() {
            self.database_url.clone()
        } else {
            std::fs::read_to_string(file).with_context(|| format!("{} can't be read", file.display()))?
        };
        match url.trim() {
            "" => Ok(DbUrl::file(&self.data_dir.join("hearth.db"))),
            url => url.parse().context("database_url must begin with sqlite: or postgres:"),
        }
    }

    /// The settings file with every setting, its meaning and its default.
    #[must_use]
    pub fn example() -> String {
        let defaults = toml::Value::try_from(Self::default()).ok();
        let mut out = String::from(
            "# Settings of Hearth. Nothing here is required.\n# Each can also be given as a variable: HEARTH_ and the name in capitals.\n",
        );
        for field in FIELDS {
            let value = defaults.as_ref().and_then(|table| table.get(field.name)).map(ToString::to_string);
            out.push_str(&format!("\n# {}\n# {} = {}\n", field.help, field.name, value.unwrap_or_default()));
        }
        out
    }
}

fn variable(name: &str) -> String {
    format!("HEARTH_{}", name.to_uppercase())
}

/// Names that can't be anybody's on the public network (RFC 2606, RFC 6761, and `.internal`).
fn is_private_name(host: &str) -> bool {
    let name = host.split(':').next().unwrap_or_default();
    name == "localhost"
        || [".test", ".localhost", ".example", ".invalid", ".internal"].iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_required() {
        let config = Config::load(None, |_| None).unwrap();
        assert_eq!(config, Config::default());
        assert_eq!(config.origin().unwrap(), None);
    }

    #[test]
    fn the_example_holds_every_setting_and_is_the_default() {
        let uncommented: String = Config::example()
            .lines()
            .filter_map(|line| {
                line.strip_prefix("# ")
                    .filter(|rest| FIELDS.iter().any(|f| rest.starts_with(&format!("{} = ", f.name))))
            })
            .fold(String::new(), |text, line| text + line + "\n");
        let read: Config = toml::from_str(&uncommented).unwrap();
        assert_eq!(read, Config::default());
        assert_eq!(
            uncommented.lines().count(),
            toml::Value::try_from(Config::default()).unwrap().as_table().unwrap().len()
        );
    }

    #[test]
    fn the_documentation_is_the_example() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
        let written = format!(
            "# Settings\n\nWhat `hearth config example` prints. Nothing is required.\n\n```toml\n{}```\n",
            Config::example()
        );
        if std::env::var_os("HEARTH_WRITE_DOCS").is_some() {
            std::fs::write(file, &written).unwrap();
        }
        assert!(std::fs::read_to_string(file).unwrap() == written, "run this test with HEARTH_WRITE_DOCS=1");
    }

    #[test]
    fn variables_win_and_wrong_ones_are_named() {
        let listen = |name: &str| (name == "HEARTH_LISTEN").then(|| "0.0.0.0:80".to_owned());
        assert_eq!(Config::load(None, listen).unwrap().listen, "0.0.0.0:80");
        let wrong = |name: &str| (name == "HEARTH_DATABASE_CONNECTIONS").then(|| "many".to_owned());
        let error = format!("{:#}", Config::load(None, wrong).unwrap_err());
        assert!(error.contains("HEARTH_DATABASE_CONNECTIONS"), "{error}");
    }

    #[test]
    fn figures_are_read_on_this_machine_or_where_it_is_said_in_full() {
        for (typed, address) in [
            ("", Some("")),
            ("9464", Some("127.0.0.1:9464")),
            ("0.0.0.0:9464", Some("0.0.0.0:9464")),
            ("[::1]:9464", Some("[::1]:9464")),
            ("8080", None),
            ("localhost", None),
            ("99999", None),
        ] {
            let config = Config { metrics_listen: typed.to_owned(), ..Config::default() };
            let read = config.metrics_address().ok().map(|at| at.map(|at| at.to_string()).unwrap_or_default());
            assert_eq!(read.as_deref(), address, "{typed}");
        }
    }

    #[test]
    fn unknown_settings_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("hearth.toml");
        std::fs::write(&file, "lisen = \"x\"").unwrap();
        let error = format!("{:#}", Config::load(Some(&file), |_| None).unwrap_err());
        assert!(error.contains("lisen"), "{error}");
    }

    #[test]
    fn dev_never_runs_under_a_public_name() {
        for (address, good) in [
            ("https://oak.test", true),
            ("https://localhost", true),
            ("https://hearth.internal/", true),
            ("https://charity.org", false),
            ("https://nottest", false),
            ("http://oak.test", false),
            ("https://127.0.0.1", false),
        ] {
            let config = Config { dev: true, address: address.to_owned(), ..Config::default() };
            assert_eq!(config.origin().is_ok(), good, "{address}");
        }
    }
}
