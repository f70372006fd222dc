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

/// What is resident, looked at again and again: the system's file stays open, and a look allocates nothing.
#[derive(Debug)]
pub struct Gauge {
    statm: File,
    page_kib: u64,
}

impl Gauge {
    /// A gauge, if the system has one.
    #[cfg(unix)]
    pub fn open() -> Option<Self> {
        // SAFETY: the call has no conditions.
        let page_bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        Some(Self {
            statm: File::open("/proc/self/statm").ok()?,
            page_kib: u64::try_from(page_bytes).ok()? / 1024,
        })
    }

    /// What is resident now, in KiB: the second number of the line.
    #[cfg(unix)]
    pub fn now_kib(&self) -> Option<u64> {
        use std::os::unix::fs::FileExt;
        let mut text = [0; 128];
        let length = self.statm.read_at(&mut text, 0).ok()?;
        let text = str::from_utf8(&text[..length]).ok()?;
        let pages: u64 = text.split_ascii_whitespace().nth(1)?.parse().ok()?;
        Some(pages * self.page_kib)
    }

    /// The system has none.
    #[cfg(not(unix))]
    pub fn open() -> Option<Self> {
        None
    }

    /// There is no gauge to ask.
    #[cfg(not(unix))]
    pub fn now_kib(&self) -> Option<u64> {
        None
    }
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
        let gauge = Gauge::open().unwrap();
        let (first, again) = (gauge.now_kib().unwrap(), gauge.now_kib().unwrap());
        drop(block);
        assert!(during >= 255 << 10, "{during} KiB");
        assert!(first.min(again) >= 255 << 10, "{first} {again} KiB");
        let peak = peak_kib().unwrap();
        // The system counts in batches: the two figures may differ by some pages.
        assert!(peak >= 255 << 10, "{peak} KiB");
    }
}
