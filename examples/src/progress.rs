//! A progress bar for a person who waits, and nothing at all for a pipe.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, IsTerminal, Read};

/// One stage of the work; its bar vanishes when it is dropped.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A stage of `total` steps, shown on standard error if that is a terminal.
    pub fn new(stage: &'static str, total: u64) -> Self {
        if !io::stderr().is_terminal() {
            return Self {
                bar: ProgressBar::hidden(),
            };
        }
        let template = "{msg:8} [{bar:40}] {percent:>3} %  {elapsed}, {eta} to go";
        // The template is a constant; were it wrong, the default one would do.
        let style = ProgressStyle::with_template(template)
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("=> ");
        Self {
            bar: ProgressBar::new(total)
                .with_style(style)
                .with_message(stage),
        }
    }

    /// So many steps more are done.
    pub fn advance(&self, steps: u64) {
        self.bar.inc(steps);
    }

    /// Writes lines to the terminal without the bar in their way.
    pub fn aside(&self, write: impl FnOnce()) {
        self.bar.suspend(write);
    }

    /// A reader whose bytes are the steps.
    pub fn reading<R: Read>(&self, source: R) -> impl Read {
        self.bar.wrap_read(source)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
