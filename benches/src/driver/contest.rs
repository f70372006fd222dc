//! What the two drivers have in common: rows, and peers that each have a binary; and the part of the command line that is the
//! same.

use core::fmt::{Debug, Display};

use clap::Args;

/// One who is measured, by a binary of its own.
pub(super) trait Contestant: Copy + PartialEq + Debug + 'static {
    /// All of them, in the order of the table.
    const ALL: &'static [Self];
    /// Its heading in a table.
    fn name(self) -> &'static str;
    /// The name of its binary.
    fn binary(self) -> &'static str;
}

/// Which of a process's samples of two threads stands for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pick {
    /// The fastest: what disturbs makes it slower.
    Fastest,
    /// The one in the middle of those in which both threads had their cores: where they are in each other's way, a sample in
    /// which they did not meet is fast.
    Together,
}

/// A row of a table of times.
pub(super) trait Discipline: Copy + Display {
    /// Who is measured.
    type Peer: Contestant;
    /// Which sample counts.
    const PICK: Pick;
    /// Whether this peer can do it.
    fn is_for(self, _peer: Self::Peer) -> bool {
        true
    }
}

/// What every driver's command line has.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// Rows whose name contains one of these words (`--list` prints the names)
    #[arg(long, value_name = "WORD", value_delimiter = ',')]
    pub rows: Vec<String>,

    /// Rounds; each starts every peer once for each row [default: 7, with --quick 3]
    #[arg(long, value_name = "N")]
    pub rounds: Option<u32>,

    /// Shorter samples, three rounds, only rows with a target, shorter trials
    #[arg(long)]
    pub quick: bool,

    /// Fail (exit code 1) if a target is missed
    #[arg(long)]
    pub gate: bool,

    /// Print the names of the rows and stop
    #[arg(long)]
    pub list: bool,

    /// Do not let cargo build the peers first, even when cargo started this program
    #[arg(long)]
    pub no_build: bool,
}

impl Common {
    /// The rows that were asked for; without a wish all, or with `--quick` those that are `brief`.
    pub(super) fn choose<R: Display + Copy>(
        &self,
        rows: impl IntoIterator<Item = R>,
        brief: impl Fn(R) -> bool,
    ) -> Vec<R> {
        let wanted = |row: &R| {
            if self.rows.is_empty() {
                return !self.quick || brief(*row);
            }
            let name = row.to_string();
            self.rows.iter().any(|word| name.contains(word.as_str()))
        };
        rows.into_iter().filter(wanted).collect()
    }
}
