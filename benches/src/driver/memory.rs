//! The memory table: bursts that must go back, churn that must stay level.

use std::error::Error;

use super::contest::{Common, Contestant};
use super::peers::{Answer, Peer, Peers};
use super::progress;
use super::table::Table;
use crate::footprint::{TRIALS, Trial, acceptable_kib};

/// How far churn may stray from its mean.
const CHURN_TARGET: f64 = 0.10;

/// Runs the trials, prints the table, returns the number of targets missed. The rivals have no target.
pub(super) fn report(peers: &Peers<Peer>, common: &Common) -> Result<usize, Box<dyn Error>> {
    let seconds = if common.quick { 10 } else { 60 };
    let mut misses = 0;
    let mut table = Table::new([
        "trial",
        "allocator",
        "start MiB",
        "peak MiB",
        "end MiB",
        "settled s",
        "verdict",
    ]);
    for trial in TRIALS.into_iter().filter(|trial| *trial != Trial::Churn) {
        for peer in tried(trial) {
            progress(&format!("{trial}, {}", peer.name()));
            let answer = peers.ask(peer, &["memory", &trial.to_string(), "0"])?;
            table.push(burst(trial, peer, &answer, &mut misses)?);
        }
    }
    let mut level = Table::new([
        "trial",
        "allocator",
        "mean MiB",
        "low MiB",
        "high MiB",
        "stray %",
        "verdict",
    ]);
    // A process keeps one core busy, and no time is measured: two at once.
    let answers = peers_in_pairs(peers, &tried(Trial::Churn), seconds)?;
    for (peer, answer) in tried(Trial::Churn).into_iter().zip(answers) {
        level.push(churn(peer, &answer, seconds, &mut misses)?);
    }
    progress("");
    println!(
        "After a burst of 1 GiB: `trim` right after trim(), `decay` after 3 s of light activity"
    );
    println!("(target: at most 5 % or 4 MiB above the start)\n{table}");
    println!("During {seconds} s of random churn (target: within 10 % of the mean)\n{level}");
    println!("{misses} targets missed");
    Ok(misses)
}

/// Who is tried. The rivals' crates have no `trim()`, and the trials of the empty loop show nothing.
fn tried(trial: Trial) -> Vec<Peer> {
    let mut tried = Peer::ALL.to_vec();
    tried.retain(|peer| match peer {
        Peer::None => false,
        Peer::Typed | Peer::Global => true,
        _ => trial != Trial::Trim,
    });
    tried
}

fn is_ours(peer: Peer) -> bool {
    matches!(peer, Peer::Typed | Peer::Global)
}

fn judge(peer: Peer, met: bool, misses: &mut usize) -> String {
    if !is_ours(peer) {
        return String::new();
    }
    *misses += usize::from(!met);
    (if met { "PASS" } else { "MISS" }).into()
}

fn mib(kib: u64) -> String {
    format!("{:.1}", kib as f64 / 1024.0)
}

fn burst(
    trial: Trial,
    peer: Peer,
    answer: &Answer,
    misses: &mut usize,
) -> Result<Vec<String>, Box<dyn Error>> {
    let kib = |place| {
        answer
            .number::<u64>("burst", place)
            .ok_or("a peer told no sizes")
    };
    let (start, peak, end) = (kib(0)?, kib(1)?, kib(2)?);
    let settled: Option<f64> = answer.number("settled", 0);
    let met = end <= acceptable_kib(start) && settled.is_some();
    Ok(vec![
        trial.to_string(),
        peer.name().into(),
        mib(start),
        mib(peak),
        mib(end),
        settled.map_or("-".into(), |seconds| format!("{seconds:.2}")),
        judge(peer, met, misses),
    ])
}

fn churn(
    peer: Peer,
    answer: &Answer,
    seconds: u64,
    misses: &mut usize,
) -> Result<Vec<String>, Box<dyn Error>> {
    let kib = |place| {
        answer
            .number::<u64>("churn", place)
            .ok_or("a peer told no sizes")
    };
    let (mean, low, high) = (kib(0)?, kib(1)?, kib(2)?);
    let stray = mean.abs_diff(low).max(mean.abs_diff(high)) as f64 / mean.max(1) as f64;
    Ok(vec![
        format!("{} {seconds} s", Trial::Churn),
        peer.name().into(),
        mib(mean),
        mib(low),
        mib(high),
        format!("{:.1}", stray * 100.0),
        judge(peer, stray <= CHURN_TARGET, misses),
    ])
}

fn peers_in_pairs(
    peers: &Peers<Peer>,
    tried: &[Peer],
    seconds: u64,
) -> Result<Vec<Answer>, Box<dyn Error>> {
    let seconds = seconds.to_string();
    let mut answers = Vec::new();
    for pair in tried.chunks(2) {
        let names: Vec<_> = pair.iter().map(|peer| peer.name()).collect();
        progress(&format!("churn, {}", names.join(" and ")));
        let ask = |peer: Peer| {
            peers
                .ask(peer, &["memory", "churn", &seconds])
                .map_err(|trouble| trouble.to_string())
        };
        let both: Vec<Result<Answer, String>> = std::thread::scope(|scope| {
            let running: Vec<_> = pair
                .iter()
                .map(|peer| scope.spawn(move || ask(*peer)))
                .collect();
            running
                .into_iter()
                .map(|one| one.join().expect("asking a peer does not panic"))
                .collect()
        });
        for answer in both {
            answers.push(answer?);
        }
    }
    Ok(answers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_that_stays_is_a_miss() {
        let mut misses = 0;
        let gone: Answer = "burst 3000 1050000 3500\nsettled 0.4\n".parse().unwrap();
        assert_eq!(
            burst(Trial::Trim, Peer::Typed, &gone, &mut misses).unwrap()[6],
            "PASS"
        );
        let stays: Answer = "burst 3000 1050000 900000\n".parse().unwrap();
        assert_eq!(
            burst(Trial::Trim, Peer::Typed, &stays, &mut misses).unwrap()[6],
            "MISS"
        );
        assert_eq!(
            burst(Trial::Decay, Peer::System, &stays, &mut misses).unwrap()[6],
            ""
        );
        assert_eq!(misses, 1);
    }

    #[test]
    fn churn_that_strays_is_a_miss() {
        let mut misses = 0;
        let level: Answer = "churn 1000 950 1050".parse().unwrap();
        assert_eq!(
            churn(Peer::Global, &level, 60, &mut misses).unwrap()[6],
            "PASS"
        );
        let strays: Answer = "churn 1000 950 1150".parse().unwrap();
        assert_eq!(
            churn(Peer::Global, &strays, 60, &mut misses).unwrap()[6],
            "MISS"
        );
        assert_eq!(misses, 1);
    }
}
