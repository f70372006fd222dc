//! Memory of this process as the system counts it.

use std::fs::File;
use std::io::Read;

/// The most that was ever resident, in KiB. (`getrusage` would count the parent before the `exec` as well.)
pub fn peak_kib() -> Option<u64> {
    status_kib("VmHWM:")
}

/// What is resident now, in KiB.
pub fn now_kib() -> Option<u64> {
    status_kib("VmRSS:")
}

/// Reads one line of `/proc/self/status` without allocating.
fn status_kib(key: &str) -> Option<u64> {
    let mut text = [0; 4096];
    let length = File::open("/proc/self/status").ok()?.read(&mut text).ok()?;
    let text = str::from_utf8(&text[..length]).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn touched_memory_is_resident_and_the_peak_stays() {
        // Other tests of this process come and go, so only a lower bound holds.
        let block = std::hint::black_box(vec![1_u8; 256 << 20]);
        let during = now_kib().unwrap();
        drop(block);
        assert!(during >= 255 << 10, "{during} KiB");
        let peak = peak_kib().unwrap();
        // The system counts in batches: the two figures may differ by some pages.
        assert!(peak >= 255 << 10, "{peak} KiB");
    }
}
