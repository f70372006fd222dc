//! The judge: sends the writers on, waits for them, and compares the list with the model.

use super::{Done, Hand, Stage, Wrong};
use crate::calendar::Minute;
use crate::hot::Key;
use crate::model::{Mismatch, Model};
use crate::readers::ask::{Watch, ask};
use std::ops::Range;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;
use sydra_pool::epoch::pin;
use sydra_pool::{EpochFigures, snapshot};

/// How often the judge looks at the epoch while the writers are at work.
const SAMPLED_EVERY: Duration = Duration::from_millis(2);
/// Every key there can be.
const ALL_KEYS: Range<Key> = Key {
    minute: Minute(0),
    sequence: 0,
}..Key {
    minute: Minute(u32::MAX),
    sequence: u32::MAX,
};

pub(super) struct Judge<'a> {
    stage: &'a Stage<'a>,
    model: Model,
    /// What the writers did.
    pub(super) done: Done,
    /// Rows compared.
    pub(super) compared: u64,
    /// The epoch as it was when the writers stopped for the last time.
    pub(super) epoch: EpochFigures,
    pub(super) lag_peak: u64,
}

impl<'a> Judge<'a> {
    pub(super) fn new(stage: &'a Stage<'a>) -> Self {
        Self {
            stage,
            model: Model::default(),
            done: Done::default(),
            compared: 0,
            epoch: EpochFigures::default(),
            lag_peak: 0,
        }
    }

    /// All legs, with a stop after each.
    pub(super) fn follow(&mut self, hands: &[Hand<'a>]) -> Result<(), Wrong> {
        let task = self.stage.task;
        let total = task.workload.writes.len();
        let mut from = 0;
        for stop in 1..=task.stops {
            let leg = from..total * stop / task.stops;
            for hand in hands {
                // A writer that is gone is noticed in the next line.
                let _ = hand.go.send(&task.workload.writes[leg.clone()]);
            }
            for hand in hands {
                self.done = self.done.plus(self.wait(hand)?);
            }
            self.sample();
            self.stage.verdict()?;
            let truth = task.truth.get(leg.clone()).unwrap_or_default();
            truth.iter().for_each(|write| self.model.apply(write));
            self.compare(stop)?;
            from = leg.end;
        }
        Ok(())
    }

    /// Waits for a writer, and looks at the epoch meanwhile.
    fn wait(&mut self, hand: &Hand<'_>) -> Result<Done, Wrong> {
        // Bounded by the writer's leg.
        loop {
            match hand.done.recv_timeout(SAMPLED_EVERY) {
                Ok(done) => return Ok(done),
                Err(RecvTimeoutError::Timeout) => self.sample(),
                Err(RecvTimeoutError::Disconnected) => return Err(Wrong::Gone),
            }
        }
    }

    fn sample(&mut self) {
        self.epoch = snapshot().epoch;
        self.lag_peak = self.lag_peak.max(self.epoch.lag);
    }

    /// The writers wait: every row and every answer must be the model's.
    fn compare(&mut self, stop: usize) -> Result<(), Wrong> {
        let (list, guard) = (&self.stage.list, pin());
        let (mut rows, mut watch) = (self.model.rows(), Watch::new(ALL_KEYS));
        let (mut compared, mut differ) = (0, None);
        list.range(&guard, ALL_KEYS, |key, record| {
            if watch.passes(key, record) && differ.is_none() {
                let (model, found) = (rows.next(), (key, record.reported(), *record.trip()));
                differ = (model != Some(found)).then_some((model, Some(found)));
                compared += 1;
            }
        });
        watch.verdict()?;
        self.compared += compared;
        if differ.is_none() {
            differ = rows.next().map(|row| (Some(row), None));
        }
        if let Some((model, list)) = differ {
            let [model, list] = [model, list].map(|row| row.map(|row| format!("{row:?}")));
            return Err(Wrong::Row { stop, model, list });
        }
        Wrong::unless("keys in the list", compared, list.len() as u64)?;
        // One of the closing questions at a stop, all of them at the last.
        let closing = self.stage.task.workload.closing.iter().enumerate();
        let (turn, last) = (stop % closing.len().max(1), stop == self.stage.task.stops);
        for (index, question) in closing.filter(|(index, _)| last || *index == turn) {
            let (model, store) = (self.model.answer(question), ask(list, question, &guard)?.0);
            if model != store {
                let (model, store) = (Some(model), Some(store));
                let question = *question;
                let mismatch = Box::new(Mismatch::Answer {
                    index,
                    question,
                    model,
                    store,
                });
                return Err(Wrong::Answer { stop, mismatch });
            }
        }
        Ok(())
    }
}
