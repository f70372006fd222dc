//! A test's body in a process of its own: for what aborts, for what starts the engine anew, and for
//! figures and memory that no other test may disturb.
//!
//! The child is this same test binary, told by its arguments to run the one test again and
//! by the environment that it is the child. So `Apart::new` means two things: in the child it runs
//! the body and never returns, in the parent it returns the handle that starts children.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};
use std::time::Duration;

use crate::watchdog::Watchdog;

/// Set in a child: the test it shall run.
const TEST: &str = "SYDRA_APART";

/// Set in a child: what its body is given.
const ARGUMENT: &str = "SYDRA_APART_ARGUMENT";

/// After this a child counts as hanging.
const LIMIT: Duration = Duration::from_secs(120);

/// A body that runs in processes of its own.
#[derive(Debug)]
pub struct Apart {
    test: &'static str,
}

impl Apart {
    /// `test` is the full name the test runner knows the calling test by.
    pub fn new(test: &'static str, body: impl FnOnce(&str)) -> Self {
        if std::env::var_os(TEST).is_some_and(|name| name == test) {
            let _watchdog = Watchdog::new(test, LIMIT);
            body(&std::env::var(ARGUMENT).unwrap_or_default());
            std::process::exit(0);
        }
        Self { test }
    }

    /// Runs the body with `argument` and waits for the end.
    ///
    /// # Panics
    /// If the process cannot be started.
    #[must_use]
    pub fn run(&self, argument: impl ToString) -> Outcome {
        let binary = std::env::current_exe().expect("the test binary's own path");
        let output = Command::new(binary)
            .args([self.test, "--exact", "--nocapture", "--test-threads=1"])
            .env(TEST, self.test)
            .env(ARGUMENT, argument.to_string())
            .output()
            .expect("the test binary starts again");
        Outcome {
            what: format!("{}({})", self.test, argument.to_string()),
            output,
        }
    }
}

/// How a child ended.
#[derive(Debug)]
pub struct Outcome {
    what: String,
    output: Output,
}

impl Outcome {
    /// What the child printed.
    #[must_use]
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    /// What the child complained.
    #[must_use]
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    /// True if the child printed a line that is exactly `line`.
    #[must_use]
    pub fn said(&self, line: &str) -> bool {
        self.stdout().lines().any(|found| found.trim() == line)
    }

    /// The child ran to its end.
    ///
    /// # Panics
    /// If it did not.
    pub fn succeeded(&self) -> &Self {
        assert!(
            self.output.status.success(),
            "{}: {}\n{}{}",
            self.what,
            self.output.status,
            self.stdout(),
            self.stderr()
        );
        // A name that matches no test would run nothing and succeed.
        assert!(
            self.stdout().contains("running 1 test"),
            "{}: no such test",
            self.what
        );
        self
    }

    /// The system ended the child with `signal`.
    ///
    /// # Panics
    /// If it ended otherwise.
    pub fn killed_by(&self, signal: i32) -> &Self {
        let found = self.output.status.signal();
        assert_eq!(
            found,
            Some(signal),
            "{}: {}\n{}{}",
            self.what,
            self.output.status,
            self.stdout(),
            self.stderr()
        );
        self
    }

    /// The child stopped itself by abort, with `message` on stderr.
    ///
    /// # Panics
    /// If it ended otherwise.
    pub fn aborted(&self, message: &str) -> &Self {
        let (signal, complaint) = (self.output.status.signal(), self.stderr());
        assert_eq!(
            signal,
            Some(libc::SIGABRT),
            "{}: {}\n{complaint}",
            self.what,
            self.output.status
        );
        assert!(
            complaint.contains(message),
            "{}: no {message:?} in\n{complaint}",
            self.what
        );
        self
    }
}
