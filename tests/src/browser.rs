//! A real browser for the tests: headless Chromium, driven through chromedriver as a person would use it, by what the
//! page says and never by its markup. It never reaches beyond the one server a test gives it, and never waits for a
//! fixed time: it looks again until a thing is there or ten seconds have passed.
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! use tests::browser::{Browser, JavaScript, Window};
//! let browser = Browser::start("http://127.0.0.1:8080/".parse()?, Window::Phone, JavaScript::Off).await?;
//! browser.open("/sign-up").await?;
//! browser.fill("Name", "Wren").await?;
//! browser.press("Join").await?;
//! browser.see("Welcome, Wren").await?;
//! browser.close().await
//! # }
//! ```

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use fantoccini::elements::Element;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

/// How long a page may take to show what is expected of it.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often a page is looked at again.
const GLANCE: Duration = Duration::from_millis(50);

/// How much of a page's text a failure quotes, in characters.
const QUOTE: usize = 3000;

/// Keeps Chromium quiet and offline but for the page it is told to open. Containers need the two about the sandbox and
/// `/dev/shm`.
const FLAGS: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--lang=en-GB",
];

/// Whether pages may run scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JavaScript {
    /// Scripts run.
    On,
    /// Scripts are refused, as by a careful visitor; every page must work so.
    Off,
}

/// The size of the visible page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// 390 × 844 CSS pixels: a common phone. Without touch events, which hang chromedriver where scripts are refused.
    Phone,
    /// 1280 × 900 CSS pixels, with the browser's own bars taken off.
    Desktop,
}

/// One browser with an empty profile, looking at one server. Dropping it ends chromedriver and Chromium.
pub struct Browser {
    client: Client,
    base: Url,
    // The order matters: the browser has ended when its profile is removed.
    _driver: Driver,
    _profile: TempDir,
}

impl Browser {
    /// Starts chromedriver on a free port and a new Chromium. `base` is the server's address; paths are relative to it.
    ///
    /// # Errors
    /// Names the Debian package to install when chromedriver or Chromium is missing.
    pub async fn start(base: Url, window: Window, scripts: JavaScript) -> Result<Self> {
        let chromium = on_path("chromium").context("install the Debian package chromium")?;
        let mut driver = Driver::start()?;
        let profile = TempDir::with_prefix("hearth-browser-").context("a folder for the browser's profile")?;
        let options = options(&chromium, &profile, window, scripts);
        let capabilities: Capabilities = [("goog:chromeOptions".to_owned(), options)].into_iter().collect();
        let address = format!("http://127.0.0.1:{}", driver.port);
        let mut builder = ClientBuilder::rustls().context("no connection to chromedriver")?;
        let client = builder.capabilities(capabilities).connect(&address).await.context("chromium did not start")?;
        driver.browser = client.capabilities().and_then(|reply| reply.get("goog:processID")).and_then(Value::as_u64);
        Ok(Self { client, base, _driver: driver, _profile: profile })
    }

    /// Opens a path of the server, such as `/g/tea_and_talk`.
    pub async fn open(&self, path: &str) -> Result<()> {
        let url = self.base.join(path)?;
        self.client.goto(url.as_str()).await.with_context(|| format!("{url} did not open"))
    }

    /// The path and query of the page now shown.
    pub async fn path(&self) -> Result<String> {
        let url = self.client.current_url().await?;
        Ok(url.query().map_or(url.path().to_owned(), |query| format!("{}?{query}", url.path())))
    }

    /// The visible text of the page, with white space folded to single spaces.
    pub async fn text(&self) -> Result<String> {
        let body = self.client.find(Locator::Css("body")).await?;
        Ok(folded(&body.text().await?))
    }

    /// Waits until the page shows the text.
    pub async fn see(&self, text: &str) -> Result<()> {
        let wanted = folded(text);
        let limit = Instant::now() + PATIENCE;
        while !self.text().await.is_ok_and(|shown| shown.contains(&wanted)) {
            if Instant::now() > limit {
                return self.fail(&format!("the page does not say {wanted:?}")).await;
            }
            tokio::time::sleep(GLANCE).await;
        }
        Ok(())
    }

    /// Makes sure that the page as it stands does not show the text. See something else of the page first.
    pub async fn see_no(&self, text: &str) -> Result<()> {
        if self.text().await?.contains(&folded(text)) {
            return self.fail(&format!("the page says {text:?}")).await;
        }
        Ok(())
    }

    /// Puts a value into the field with this label: types over what is there, picks the option of that name in a list,
    /// sets a date or time written as in HTML (`2026-03-10`, `18:30`, `2026-03-10T18:30`).
    pub async fn fill(&self, label: &str, value: &str) -> Result<()> {
        let field = self.field(label).await?;
        if field.tag_name().await? == "select" {
            return field.select_by_label(value).await.with_context(|| format!("{label:?} has no option {value:?}"));
        }
        if matches!(field.attr("type").await?.as_deref(), Some("date" | "time" | "datetime-local")) {
            return self.set(&field, value).await;
        }
        // A file is chosen by its path.
        if field.attr("type").await?.as_deref() == Some("file") {
            return field.send_keys(value).await.with_context(|| format!("{label:?} takes no file"));
        }
        field.clear().await.with_context(|| format!("{label:?} cannot be cleared"))?;
        field.send_keys(value).await.with_context(|| format!("{label:?} cannot be filled"))
    }

    /// Sets a value as a date picker does: what typing would mean depends on the machine's language.
    async fn set(&self, field: &Element, value: &str) -> Result<()> {
        let script = "arguments[0].value = arguments[1]; \
                      for (const kind of ['input', 'change']) arguments[0].dispatchEvent(new Event(kind, { bubbles: true }))";
        let arguments = vec![serde_json::to_value(field)?, json!(value)];
        self.client.execute(script, arguments).await.map(drop).context("a date cannot be set")
    }

    /// What the field with this label holds now.
    pub async fn value(&self, label: &str) -> Result<String> {
        Ok(self.field(label).await?.prop("value").await?.unwrap_or_default())
    }

    /// Ticks the box or chooses the round button with this label; does nothing where it is ticked already.
    pub async fn tick(&self, label: &str) -> Result<()> {
        let field = self.field(label).await?;
        if !field.is_selected().await? {
            let arguments = vec![serde_json::to_value(&field)?];
            self.client.execute("arguments[0].scrollIntoView({block: 'center'})", arguments).await?;
            field.click().await.with_context(|| format!("{label:?} cannot be ticked"))?;
        }
        Ok(())
    }

    /// Presses the button with this text.
    pub async fn press(&self, text: &str) -> Result<()> {
        let named = named(text);
        let button =
            format!("//button[{named}] | //summary[{named}] | //input[@type='submit' and @value={}]", quoted(text));
        self.click(&button, &format!("no button says {text:?}")).await
    }

    /// Follows the link with this text.
    pub async fn follow(&self, text: &str) -> Result<()> {
        self.click(&format!("//a[@href and {}]", named(text)), &format!("no link says {text:?}")).await
    }

    /// Whether the page is wider than the window, so that a person would have to scroll sideways.
    pub async fn scrolls_sideways(&self) -> Result<bool> {
        let root = "document.documentElement";
        let script = format!("return {root}.scrollWidth > {root}.clientWidth");
        Ok(self.client.execute(&script, Vec::new()).await? == Value::Bool(true))
    }

    /// Keeps a picture of the window as `target/screenshots/NAME.png` and says where it is.
    pub async fn screenshot(&self, name: &str) -> Result<PathBuf> {
        let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
        let target = target.unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target")));
        let folder = target.join("screenshots");
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let file = folder.join(format!("{name}.png"));
        let picture = self.client.screenshot().await.context("no picture of the page")?;
        std::fs::write(&file, picture).with_context(|| format!("cannot write {}", file.display()))?;
        Ok(file)
    }

    /// Ends the browser in good order. Dropping it ends it too, less politely.
    pub async fn close(self) -> Result<()> {
        self.client.clone().close().await.context("the browser did not close")
    }

    /// The control that a label belongs to, by the label's whole text or else by its beginning (labels may carry a hint).
    async fn field(&self, label: &str) -> Result<Element> {
        let text = quoted(&folded(label));
        let control = "[self::input or self::textarea or self::select]";
        for condition in [format!("normalize-space()={text}"), format!("starts-with(normalize-space(), {text})")] {
            let label = format!("//label[{condition}]");
            let field =
                format!("{label}//*{control} | //*{control}[@id={label}/@for] | //*{control}[@aria-label={text}]");
            if let Ok(found) = self.client.find(Locator::XPath(&field)).await {
                return Ok(found);
            }
        }
        self.fail(&format!("no field is called {label:?}")).await
    }

    async fn click(&self, xpath: &str, missing: &str) -> Result<()> {
        match self.client.wait().at_most(PATIENCE).every(GLANCE).for_element(Locator::XPath(xpath)).await {
            Ok(found) => {
                // As a thumb would: to the middle of the window, away from the bars at its edges.
                let arguments = vec![serde_json::to_value(&found)?];
                self.client.execute("arguments[0].scrollIntoView({block: 'center'})", arguments).await?;
                found.click().await.with_context(|| format!("cannot be clicked: {xpath}"))
            }
            Err(_) => self.fail(missing).await,
        }
    }

    /// An error that says what the page was instead.
    async fn fail<T>(&self, what: &str) -> Result<T> {
        let path = self.path().await.unwrap_or_else(|error| format!("(no address: {error})"));
        let text = self.text().await.unwrap_or_else(|error| format!("(no text: {error})"));
        let quote: String = text.chars().take(QUOTE).collect();
        bail!("{what}\n  at {path}, which reads:\n  {quote}")
    }
}

/// A running chromedriver and the Chromium it started; both end with this value.
struct Driver {
    process: Child,
    port: u16,
    /// Chromium's process id. It outlives a chromedriver that is killed.
    browser: Option<u64>,
}

impl Driver {
    fn start() -> Result<Self> {
        let program = on_path("chromedriver").context("install the Debian package chromium-driver")?;
        let mut command = Command::new(program);
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().context("chromedriver did not start")?;
        let output = process.stdout.take().ok_or_else(|| anyhow!("chromedriver has no output"))?;
        let mut driver = Self { process, port: 0, browser: None };
        let mut lines = BufReader::new(output).lines();
        let port = lines.by_ref().map_while(Result::ok).find_map(|line| announced_port(&line));
        driver.port = port.context("chromedriver ended without naming its port")?;
        // Its pipe must not fill up while it works.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Ok(driver)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Each fails only where the process has ended already.
        if let Some(browser) = self.browser {
            let _gone = Command::new("kill").args(["-KILL", &browser.to_string()]).stderr(Stdio::null()).status();
        }
        let _gone = self.process.kill().and_then(|()| self.process.wait());
    }
}

/// Reads "ChromeDriver was started successfully on port 40123."
fn announced_port(line: &str) -> Option<u16> {
    let (_, port) = line.split_once("successfully on port ")?;
    port.trim_end_matches('.').parse().ok()
}

fn options(chromium: &std::path::Path, profile: &TempDir, window: Window, scripts: JavaScript) -> Value {
    let mut flags: Vec<String> = FLAGS.iter().map(|flag| (*flag).to_owned()).collect();
    flags.push(format!("--user-data-dir={}", profile.path().display()));
    let mut options = json!({ "binary": chromium, "prefs": { "intl.accept_languages": "en-GB,en" } });
    if scripts == JavaScript::Off {
        options["prefs"]["profile.managed_default_content_settings.javascript"] = json!(2);
    }
    match window {
        Window::Desktop => flags.push("--window-size=1280,900".to_owned()),
        Window::Phone => {
            let metrics = json!({ "width": 390, "height": 844, "pixelRatio": 2.0, "mobile": true, "touch": false });
            options["mobileEmulation"] = json!({ "deviceMetrics": metrics });
        }
    }
    options["args"] = json!(flags);
    options
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The XPath condition "says exactly this", by the visible text or by the name given for screen readers.
fn named(text: &str) -> String {
    let text = quoted(&folded(text));
    format!("(normalize-space()={text} or @aria-label={text})")
}

/// A string as XPath writes it; text with both kinds of quotes is put together from pieces.
fn quoted(text: &str) -> String {
    match (text.contains('\''), text.contains('"')) {
        (false, _) => format!("'{text}'"),
        (true, false) => format!("\"{text}\""),
        (true, true) => format!("concat('{}')", text.replace('\'', "', \"'\", '")),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    const PAGE: &str = "<!doctype html><meta name=viewport content='width=device-width'><title>t</title>\
        <h1>It's a \"form\"</h1><p id=s>No script ran.</p><script>s.textContent = 'A script ran.'</script>\
        <form action=/said><label for=n>Your name <small>as others see it</small></label><input id=n name=n value=old>\
        <label>Day <input type=date name=d></label><label>Starts <input type=datetime-local name=t></label>\
        <label>Reach <select name=r><option>Here<option>Partners</select></label>\
        <label><input type=checkbox name=c> I agree</label><button>Save it</button></form><a href='/said?x'>Don't \"go\"</a>";

    /// Answers every path with the page; what a form sends comes back as text, percent signs and all.
    async fn serve() -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream));
            }
        });
        format!("http://{address}/").parse().expect("a URL")
    }

    async fn answer(mut stream: TcpStream) {
        let mut request = Vec::new();
        while !request.windows(4).any(|end| end == b"\r\n\r\n")
            && stream.read_buf(&mut request).await.is_ok_and(|n| n > 0)
        {}
        let request = String::from_utf8_lossy(&request).into_owned();
        let said = request.split_whitespace().nth(1).and_then(|path| path.split_once('?')).map(|(_, query)| query);
        let body = said.map_or(PAGE.to_owned(), |said| format!("<p>You said: {said}</p>"));
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\nContent-Length: ";
        // The browser may close a connection it opened ahead of need.
        let _sent = stream.write_all(format!("{head}{}\r\n\r\n{body}", body.len()).as_bytes()).await;
    }

    #[tokio::test]
    async fn browser_fills_and_sends_a_form_with_scripts() -> Result<()> {
        let browser = Browser::start(serve().await, Window::Desktop, JavaScript::On).await?;
        browser.open("/form").await?;
        browser.see("A script ran.").await?;
        browser.see_no("No script ran.").await?;
        assert_eq!(browser.path().await?, "/form");
        fill_and_send(&browser).await?;
        browser.close().await
    }

    #[tokio::test]
    async fn browser_fills_and_sends_a_form_on_a_phone_without_scripts() -> Result<()> {
        let browser = Browser::start(serve().await, Window::Phone, JavaScript::Off).await?;
        browser.open("/form").await?;
        browser.see("No script ran.").await?;
        browser.see_no("A script ran.").await?;
        assert!(!browser.scrolls_sideways().await?);
        fill_and_send(&browser).await?;
        browser.close().await
    }

    async fn fill_and_send(browser: &Browser) -> Result<()> {
        browser.see("It's a  \"form\"").await?;
        assert_eq!(browser.value("Your name").await?, "old");
        browser.fill("Your name", "Wren").await?;
        browser.fill("Day", "2026-03-10").await?;
        browser.fill("Starts", "2026-03-10T18:30").await?;
        browser.fill("Reach", "Partners").await?;
        browser.tick("I agree").await?;
        browser.tick("I agree").await?;
        browser.press("Save it").await?;
        browser.see("You said: n=Wren&d=2026-03-10&t=2026-03-10T18%3A30&r=Partners&c=on").await?;
        browser.open("/form").await?;
        browser.follow("Don't \"go\"").await?;
        browser.see("You said: x").await?;
        assert_eq!(browser.path().await?, "/said?x");
        Ok(())
    }

    #[tokio::test]
    async fn browser_failures_quote_the_page() -> Result<()> {
        let browser = Browser::start(serve().await, Window::Desktop, JavaScript::On).await?;
        browser.open("/form").await?;
        let missing = browser.fill("Age", "40").await.expect_err("there is no such field").to_string();
        assert!(missing.contains("no field is called \"Age\"") && missing.contains("at /form"), "{missing}");
        assert!(missing.contains("It's a \"form\""), "{missing}");
        let said = browser.see_no("A script ran.").await.expect_err("it did run").to_string();
        assert!(said.contains("the page says"), "{said}");
        let picture = std::fs::read(browser.screenshot("browser-self-test").await?)?;
        assert!(picture.starts_with(b"\x89PNG"));
        browser.close().await
    }
}
