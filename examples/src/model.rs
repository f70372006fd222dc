//! The model: the same writes in one `BTreeMap`, on one thread, with nothing to go wrong.
//!
//! It shares no code with the store but the types of questions and answers; even the sums are done another way.

use crate::calendar::Minute;
use crate::hot::{Change, Key, Write};
use crate::query::{Answer, Question};
use crate::rows::Trip;
use crate::workload::Workload;
use std::collections::BTreeMap;
use std::fmt;

/// What the store must answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// To the questions asked along the way, then to those asked at the end.
    pub answers: Vec<Answer>,
    /// The sum of the checksums of all writes.
    pub digest: u64,
}

/// The flights after some writes.
#[derive(Debug, Default)]
pub struct Model {
    flights: BTreeMap<Key, (Minute, Trip)>,
    digest: u64,
}

impl Model {
    pub fn apply(&mut self, write: &Write) {
        self.digest = self.digest.wrapping_add(write.checksum());
        match write.change {
            Change::Put(trip) => self.flights.insert(write.key, (write.reported, trip)),
            Change::Delete => self.flights.remove(&write.key),
        };
    }

    /// Everything that is known, in key order.
    pub fn rows(&self) -> impl Iterator<Item = (Key, Minute, Trip)> {
        let rows = self.flights.iter();
        rows.map(|(key, (reported, trip))| (*key, *reported, *trip))
    }

    pub fn answer(&self, question: &Question) -> Answer {
        let asked = || {
            let window = self.flights.range(question.first_key()..question.end_key());
            window.filter(|(_, (_, trip))| question.asks_for(trip))
        };
        let mut keys = asked().map(|(key, _)| *key);
        Answer {
            earliest: std::array::from_fn(|_| keys.next()),
            flights: asked().count() as u64,
            delay_minutes: asked()
                .map(|(_, (_, trip))| i64::from(trip.delay_minutes))
                .sum(),
            distance_miles: asked()
                .map(|(_, (_, trip))| u64::from(trip.distance_miles))
                .sum(),
            last_report: asked().map(|(_, (reported, _))| *reported).max(),
        }
    }
}

impl Expected {
    /// Runs the workload through the model; `advance` hears of every write.
    pub fn of(workload: &Workload, advance: impl Fn(u64)) -> Self {
        let mut model = Model::default();
        let mut answers = Vec::new();
        let mut questions = workload.questions.iter().peekable();
        for (index, write) in workload.writes.iter().enumerate() {
            while let Some((_, question)) = questions.next_if(|(place, _)| *place == index) {
                answers.push(model.answer(question));
            }
            model.apply(write);
            advance(1);
        }
        answers.extend(questions.map(|(_, question)| model.answer(question)));
        answers.extend(
            workload
                .closing
                .iter()
                .map(|question| model.answer(question)),
        );
        Self {
            answers,
            digest: model.digest,
        }
    }

    /// Compares what a store answered: the first difference, if there is any.
    pub fn check(&self, workload: &Workload, got: &Expected) -> Result<(), Box<Mismatch>> {
        if self.digest != got.digest {
            return Err(Box::new(Mismatch::Digest {
                model: self.digest,
                store: got.digest,
            }));
        }
        let questions = workload.all_questions();
        for (index, question) in questions.enumerate() {
            let (model, store) = (self.answers.get(index), got.answers.get(index));
            if model.is_none() || model != store {
                let (model, store) = (model.cloned(), store.cloned());
                return Err(Box::new(Mismatch::Answer {
                    index,
                    question: *question,
                    model,
                    store,
                }));
            }
        }
        Ok(())
    }
}

/// The store and the model disagree.
#[derive(Debug)]
pub enum Mismatch {
    Digest {
        model: u64,
        store: u64,
    },
    Answer {
        index: usize,
        question: Question,
        model: Option<Answer>,
        store: Option<Answer>,
    },
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digest { model, store } => {
                writeln!(f, "the writes committed are not the writes given")?;
                write!(f, "  model: {model:#018x}\n  store: {store:#018x}")
            }
            Self::Answer {
                index,
                question,
                model,
                store,
            } => {
                writeln!(f, "wrong answer to question {index} ({question})")?;
                write!(f, "  model: {model:?}\n  store: {store:?}")
            }
        }
    }
}

impl std::error::Error for Mismatch {}
