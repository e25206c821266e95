//! Headless Chromium, spoken to by the protocol of its developer tools over a pipe: JSON messages that end with a zero byte
//! (<https://chromedevtools.github.io/devtools-protocol/>). It listens on no port.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use serde_json::{Value, json};

/// The longest that an answer takes: loading the largest page is one.
const PATIENCE: Duration = Duration::from_secs(60);

/// A browser with one tab.
pub(crate) struct Browser {
    process: Child,
    to: ChildStdin,
    from: Receiver<Value>,
    session: String,
    sent: u64,
    /// What it told without being asked.
    events: Vec<Value>,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts one with a profile that nobody had before.
    pub(crate) fn start() -> Result<Self> {
        let profile = tempfile::tempdir()?;
        // Chromium reads descriptor 3 and writes 4.
        let script = r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null 2>/dev/null"#;
        let mut process = Command::new("sh")
            .args([
                "-c",
                script,
                "chromium",
                "--headless",
                "--remote-debugging-pipe",
            ])
            .args([
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--no-first-run",
            ])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let to = process.stdin.take().context("no pipe to Chromium")?;
        let from = process.stdout.take().context("no pipe from Chromium")?;
        let mut browser = Self {
            process,
            to,
            from: messages(from),
            session: String::new(),
            sent: 0,
            events: Vec::new(),
            _profile: profile,
        };
        browser.tab()?;
        Ok(browser)
    }

    fn tab(&mut self) -> Result<()> {
        let tab = self.ask("Target.createTarget", json!({"url": "about:blank"}));
        let tab = tab.map_err(|why| {
            anyhow!(
                "Chromium does not answer; is it installed (Debian: apt install chromium)? {why}"
            )
        })?;
        let attach = json!({"targetId": tab["targetId"], "flatten": true});
        let attached = self.ask("Target.attachToTarget", attach)?;
        let session = attached["sessionId"].as_str().context("no session")?;
        session.clone_into(&mut self.session);
        for domain in ["Page", "Log", "Network", "Runtime"] {
            self.ask(&format!("{domain}.enable"), json!({}))?;
        }
        Ok(())
    }

    /// Sends a command; gives its result.
    pub(crate) fn ask(&mut self, method: &str, parameters: Value) -> Result<Value> {
        self.sent += 1;
        let mut message = json!({"id": self.sent, "method": method, "params": parameters});
        if !self.session.is_empty() {
            message["sessionId"] = self.session.clone().into();
        }
        let mut bytes = serde_json::to_vec(&message)?;
        bytes.push(0);
        self.to.write_all(&bytes)?;
        loop {
            let answer = self.next(method)?;
            if answer["id"] == self.sent {
                return match answer.get("error") {
                    Some(error) => bail!("{method}: {error}"),
                    None => Ok(answer["result"].clone()),
                };
            }
            self.events.push(answer);
        }
    }

    /// Opens a file, until all of it is there.
    pub(crate) fn open(&mut self, page: &Path) -> Result<()> {
        self.events.clear();
        let url = format!("file://{}", page.display());
        self.ask("Page.navigate", json!({"url": url}))?;
        while !self
            .events
            .iter()
            .any(|event| event["method"] == "Page.loadEventFired")
        {
            let event = self.next("Page.navigate")?;
            self.events.push(event);
        }
        Ok(())
    }

    /// The values of these events since the page was opened.
    pub(crate) fn told(&self, method: &str) -> Vec<&Value> {
        let those = self.events.iter().filter(|event| event["method"] == method);
        those.map(|event| &event["params"]).collect()
    }

    /// What an expression is in the page. No policy of a page binds a debugger.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Result<Value> {
        let asked = json!({"expression": expression, "returnByValue": true});
        let answer = self.ask("Runtime.evaluate", asked)?;
        match answer.get("exceptionDetails") {
            Some(thrown) => bail!("{thrown}"),
            None => Ok(answer["result"]["value"].clone()),
        }
    }

    fn next(&mut self, method: &str) -> Result<Value> {
        let message = self.from.recv_timeout(PATIENCE);
        message.map_err(|why| anyhow!("no answer to {method}: {why}"))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends its own children when it is asked; whatever is left after that ends with the pipes.
        let _ = self.ask("Browser.close", json!({}));
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Reads messages until the pipe ends.
fn messages(from: ChildStdout) -> Receiver<Value> {
    let (told, messages) = mpsc::channel();
    std::thread::spawn(move || {
        for message in BufReader::new(from).split(0) {
            let message = message
                .ok()
                .and_then(|bytes| serde_json::from_slice(&bytes).ok());
            let told = message.map(|message: Value| told.send(message));
            if !matches!(told, Some(Ok(()))) {
                return;
            }
        }
    });
    messages
}
