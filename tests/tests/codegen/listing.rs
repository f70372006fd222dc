//! The assembly of one function, as the compiler prints it for x86-64 in AT&T syntax, and the paths through it.
//!
//! A path is judged by what is written, not by what is executed: the hot path is the shortest way from the entry to a
//! `ret` that makes no call and goes through the thread's own memory (`%fs`), where the magazine is. A function without such
//! a way has a call on its hot path.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

/// A function's instructions in the order of the listing.
#[derive(Debug)]
pub(crate) struct Listing {
    instructions: Vec<Instruction>,
    /// The instruction behind each local label.
    labels: BTreeMap<String, usize>,
}

#[derive(Debug)]
struct Instruction {
    mnemonic: String,
    operands: String,
}

impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, instruction) in self.instructions.iter().enumerate() {
            for (label, _) in self.labels.iter().filter(|(_, place)| **place == at) {
                writeln!(f, "{label}:")?;
            }
            writeln!(f, "    {}", instruction.text())?;
        }
        Ok(())
    }
}

/// Why a function has no acceptable hot path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Every way to a `ret` makes a call or never touches the thread's own memory.
    NoFreeWay,
    /// Straight on, without a jump taken, is a call: the compiler believes that the call is likely.
    CallStraightOn(String),
    /// An atomic read-modify-write.
    Locked(String),
    /// An instruction that may run more than once before a call.
    Loop(String),
    /// More instructions than allowed: how many, and the path.
    TooLong(usize, Vec<String>),
}

impl Instruction {
    fn is_return(&self) -> bool {
        self.mnemonic.starts_with("ret")
    }

    /// A call, or a jump out of the function in its place.
    fn is_call(&self) -> bool {
        self.mnemonic.starts_with("call") || (self.is_jump() && self.target().is_none())
    }

    fn is_jump(&self) -> bool {
        self.mnemonic.starts_with("jmp")
    }

    fn is_branch(&self) -> bool {
        self.mnemonic.starts_with('j') && !self.is_jump()
    }

    /// The local label that it may jump to.
    fn target(&self) -> Option<&str> {
        self.operands
            .strip_prefix(".L")
            .map(|_| self.operands.as_str())
    }

    fn is_trap(&self) -> bool {
        matches!(self.mnemonic.as_str(), "ud2" | "int3" | "hlt")
    }

    fn is_locked(&self) -> bool {
        self.mnemonic == "lock"
            || (self.mnemonic.starts_with("xchg") && self.operands.contains('('))
    }

    fn is_own_memory(&self) -> bool {
        self.operands.contains("%fs:")
    }

    fn text(&self) -> String {
        format!("{} {}", self.mnemonic, self.operands)
            .trim_end()
            .into()
    }
}

impl Listing {
    /// Finds `function` in the compiler's output.
    pub(crate) fn of(function: &str, assembly: &str) -> Option<Self> {
        let head = format!("{function}:");
        let mut listing = Self {
            instructions: Vec::new(),
            labels: BTreeMap::new(),
        };
        let body = assembly
            .lines()
            .skip_while(|line| line.trim_end() != head)
            .skip(1);
        let mut ended = false;
        for line in body {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.starts_with(".Lfunc_end") || line.starts_with(".size") {
                ended = true;
                break;
            }
            if let Some(label) = line.strip_suffix(':') {
                listing
                    .labels
                    .insert(label.into(), listing.instructions.len());
            } else if !line.is_empty() && !line.starts_with('.') {
                let (mnemonic, operands) =
                    line.split_once(char::is_whitespace).unwrap_or((line, ""));
                let (mnemonic, operands) = (mnemonic.into(), operands.trim().into());
                listing
                    .instructions
                    .push(Instruction { mnemonic, operands });
            }
        }
        (ended && !listing.instructions.is_empty()).then_some(listing)
    }

    /// Checks the hot path and returns it, one line an instruction.
    pub(crate) fn hot_path(&self, most: usize) -> Result<Vec<String>, Fault> {
        let path = self.shortest_free_way().ok_or(Fault::NoFreeWay)?;
        if let Some(call) = self.call_straight_on() {
            return Err(Fault::CallStraightOn(self.instructions[call].text()));
        }
        if let Some(&locked) = path.iter().find(|&&at| self.instructions[at].is_locked()) {
            return Err(Fault::Locked(self.instructions[locked].text()));
        }
        let lines: Vec<_> = path
            .iter()
            .map(|&at| self.instructions[at].text())
            .collect();
        if lines.len() > most {
            Err(Fault::TooLong(lines.len(), lines))
        } else {
            Ok(lines)
        }
    }

    /// The instructions that may run before a call is made or the function ends: how many there are,
    /// or the one that may run twice, which makes a loop.
    pub(crate) fn reach(&self) -> Result<usize, Fault> {
        let all = self.reachable(vec![0]);
        for &at in &all {
            if !self.is_end(at) && self.reachable(self.next(at)).contains(&at) {
                return Err(Fault::Loop(self.instructions[at].text()));
            }
        }
        Ok(all.len())
    }

    /// What can be reached from `waiting` without going beyond a call.
    fn reachable(&self, mut waiting: Vec<usize>) -> BTreeSet<usize> {
        let mut seen = BTreeSet::new();
        while let Some(at) = waiting.pop() {
            if at < self.instructions.len() && seen.insert(at) && !self.is_end(at) {
                waiting.extend(self.next(at));
            }
        }
        seen
    }

    /// A call, a return or a trap: no way goes on from there.
    fn is_end(&self, at: usize) -> bool {
        let instruction = &self.instructions[at];
        instruction.is_call() || instruction.is_return() || instruction.is_trap()
    }

    fn place(&self, label: &str) -> usize {
        *self
            .labels
            .get(label)
            .unwrap_or_else(|| panic!("the label {label} is jumped to and not there"))
    }

    /// Where control may go from an instruction that is neither call nor return nor trap.
    fn next(&self, at: usize) -> Vec<usize> {
        let instruction = &self.instructions[at];
        // Other instructions name labels too: those of constants.
        match instruction.target() {
            Some(label) if instruction.is_jump() => vec![self.place(label)],
            Some(label) if instruction.is_branch() => vec![at + 1, self.place(label)],
            _ => vec![at + 1],
        }
    }

    /// Breadth first, over (instruction, whether own memory was touched): the first `ret` reached is the nearest.
    fn shortest_free_way(&self) -> Option<Vec<usize>> {
        let mut came_from: BTreeMap<(usize, bool), Option<(usize, bool)>> = BTreeMap::new();
        let start = (0, self.instructions[0].is_own_memory());
        came_from.insert(start, None);
        let mut waiting = VecDeque::from([start]);
        while let Some((at, touched)) = waiting.pop_front() {
            let instruction = self.instructions.get(at)?;
            if instruction.is_return() && touched {
                let mut path = Vec::new();
                let mut step = Some((at, touched));
                while let Some(state) = step {
                    path.push(state.0);
                    step = came_from[&state];
                }
                path.reverse();
                return Some(path);
            }
            if instruction.is_return() || instruction.is_call() || instruction.is_trap() {
                continue;
            }
            for next in self.next(at) {
                let own = self
                    .instructions
                    .get(next)
                    .is_some_and(Instruction::is_own_memory);
                let state = (next, touched || own);
                if let Entry::Vacant(unseen) = came_from.entry(state) {
                    unseen.insert(Some((at, touched)));
                    waiting.push_back(state);
                }
            }
        }
        None
    }

    /// The first call when no branch is taken, if one comes before the `ret`.
    fn call_straight_on(&self) -> Option<usize> {
        let mut at = 0;
        for _ in 0..self.instructions.len() {
            let instruction = self.instructions.get(at)?;
            if instruction.is_call() {
                return Some(at);
            }
            if instruction.is_return() || instruction.is_trap() {
                return None;
            }
            at = if instruction.is_jump() {
                self.next(at)[0]
            } else {
                at + 1
            };
        }
        None
    }
}
