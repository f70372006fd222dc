//! A document of five megabytes parsed to a `serde_json::Value` and dropped.

use serde_json::Value;

use crate::document;
use crate::lab::crew::{self, Part};
use crate::lab::job::{Job, Report};

/// Measures it. An operation is a kilobyte of text.
pub(super) fn run(job: &Job) -> Report {
    crew::run(job, |_| Documents {
        text: document::make(job.seed),
    })
}

struct Documents {
    text: String,
}

impl Part for Documents {
    fn step(&mut self) {
        self.body(1);
    }

    /// Whole documents only.
    fn body(&mut self, operations: u64) -> u64 {
        let kilobytes = (self.text.len() / 1000) as u64;
        let documents = operations.div_ceil(kilobytes);
        for _ in 0..documents {
            let tree: Value = serde_json::from_str(&self.text).expect("it is well formed");
            std::hint::black_box(&tree);
        }
        documents * kilobytes
    }

    fn has_tail(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_kilobytes_of_whole_documents() {
        let mut documents = Documents {
            text: format!("[{}1]", "1,".repeat(1500)),
        };
        assert_eq!(documents.body(1), 3);
        assert_eq!(documents.body(3), 3);
        assert_eq!(documents.body(4), 6);
    }
}
