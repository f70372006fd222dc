//! What a reader can be sure of at any moment, and the answer it makes of it.
//!
//! While others write, no answer can be called right or wrong as a whole. But in any range keys ascend and stay within the
//! question's window, each record is intact and is that of its key, and no key goes back to an older report.

use crate::calendar::Minute;
use crate::hot::Key;
use crate::lock_free::SkipList;
use crate::query::{Answer, Question};
use crate::sealed::SealedRecord;
use std::fmt;
use std::ops::Range;
use sydra_pool::epoch::Guard;

/// What must not be seen, ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Not after the key before it.
    Order { last: Key, key: Key },
    /// Not in the window that was asked for.
    Outside { key: Key },
    /// Not what was sealed.
    Broken { key: Key, record: String },
    /// Intact, and of another key.
    Stranger { key: Key, of: Key },
    /// An older report than was seen before.
    Older { key: Key, seen: Minute, now: Minute },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order { last, key } => write!(f, "{key} came after {last}"),
            Self::Outside { key } => write!(f, "{key} is not in the window asked for"),
            Self::Broken { key, record } => write!(f, "the record of {key} is broken: {record}"),
            Self::Stranger { key, of } => write!(f, "{key} has the record of {of}"),
            Self::Older { key, seen, now } => {
                write!(
                    f,
                    "{key} went back from the report of {seen} to that of {now}"
                )
            }
        }
    }
}

impl std::error::Error for Fault {}

/// The rows of one range, one after the other.
#[derive(Debug)]
pub(super) struct Watch {
    keys: Range<Key>,
    last: Option<Key>,
    fault: Option<Fault>,
}

impl Watch {
    pub(super) const fn new(keys: Range<Key>) -> Self {
        Self {
            keys,
            last: None,
            fault: None,
        }
    }

    /// Looks at every byte of a row; false from the first fault on.
    pub(super) fn passes(&mut self, key: Key, record: &SealedRecord) -> bool {
        if self.fault.is_none() {
            self.fault = self.fault_of(key, record);
        }
        self.last = Some(key);
        self.fault.is_none()
    }

    fn fault_of(&self, key: Key, record: &SealedRecord) -> Option<Fault> {
        if let Some(last) = self.last.filter(|last| *last >= key) {
            return Some(Fault::Order { last, key });
        }
        if !self.keys.contains(&key) {
            return Some(Fault::Outside { key });
        }
        whole(key, record).err()
    }

    pub(super) fn verdict(self) -> Result<(), Fault> {
        self.fault.map_or(Ok(()), Err)
    }
}

/// Is it an intact record of the key?
pub(super) fn whole(key: Key, record: &SealedRecord) -> Result<(), Fault> {
    if !record.is_intact() {
        let record = format!("{record:?}");
        return Err(Fault::Broken { key, record });
    }
    if record.key() != key {
        let of = record.key();
        return Err(Fault::Stranger { key, of });
    }
    Ok(())
}

/// Answers from the list, under the guard; and the number of rows read for it.
pub(super) fn ask(
    list: &SkipList,
    question: &Question,
    guard: &Guard,
) -> Result<(Answer, u64), Fault> {
    let keys = question.first_key()..question.end_key();
    let (mut watch, mut rows) = (Watch::new(keys.clone()), 0);
    let mut answer = Answer::default();
    let mut newest = None;
    list.range(guard, keys, |key, record| {
        if watch.passes(key, record) && question.asks_for(record.trip()) {
            answer.add(key, record.trip(), record.reported());
            newest = Some((key, record));
        }
        rows += 1;
    });
    watch.verdict()?;
    // The last row once more: it may be newer now, or gone, but not older.
    if let Some((key, before)) = newest
        && let Some(record) = list.get(key, guard)
    {
        whole(key, record)?;
        // Perhaps retired meanwhile; while the guard lives it stays what it was.
        whole(key, before)?;
        not_older(key, before, record)?;
    }
    Ok((answer, rows))
}

/// Of one key the reports only get newer.
pub(super) fn not_older(
    key: Key,
    before: &SealedRecord,
    after: &SealedRecord,
) -> Result<(), Fault> {
    let (seen, now) = (before.reported(), after.reported());
    if now < seen {
        return Err(Fault::Older { key, seen, now });
    }
    Ok(())
}
