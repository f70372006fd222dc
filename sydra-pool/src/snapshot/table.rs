//! Tables that a person can read.

use super::{LargeFigures, Snapshot, TypeFigures};
use crate::fallback::{FallbackFigures, HISTOGRAM_BOUNDS};
use core::fmt;

/// Bytes in the largest binary unit that leaves at least 1.
struct Bytes(u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
        if self.0 < 1024 {
            return f.pad(&std::format!("{} B", self.0));
        }
        let mut value = self.0 as f64 / 1024.0;
        let mut unit = 0;
        while value >= 1024.0 && unit + 1 < UNITS.len() {
            value /= 1024.0;
            unit += 1;
        }
        f.pad(&std::format!("{value:.1} {}", UNITS[unit]))
    }
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_bytes(f)?;
        self.write_types(f)?;
        self.write_classes(f)?;
        self.write_shards(f)?;
        self.write_epoch(f)?;
        write_large(&self.large, f)?;
        write_fallback(&self.fallback, f)?;
        if self.omitted > 0 {
            writeln!(
                f,
                "\n{} types or buckets did not fit into this snapshot",
                self.omitted
            )?;
        }
        Ok(())
    }
}

/// A type's name, and which of its pools it is.
fn label(figures: &TypeFigures) -> std::string::String {
    let counted = if figures.counted { " (counted)" } else { "" };
    std::format!("{}{counted}", figures.name)
}

impl Snapshot {
    fn write_bytes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = &self.bytes;
        writeln!(f, "memory")?;
        for (name, value) in [
            ("live blocks", bytes.blocks),
            ("in limbo", bytes.limbo),
            ("cached in magazines and depots", bytes.cached),
            ("slabs", bytes.slabs),
            ("large blocks", bytes.large),
            ("empty but resident", bytes.resident_empty),
            ("metadata", bytes.metadata),
            ("committed", bytes.committed),
            ("reserved", bytes.reserved),
            ("purged so far", bytes.purged_total),
            ("in the fallback", bytes.fallback),
        ] {
            writeln!(f, "  {name:<32}{:>12}", Bytes(value))?;
        }
        Ok(())
    }

    fn write_types(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.types.is_empty() {
            return Ok(());
        }
        let width = self
            .types
            .iter()
            .map(|figures| label(figures).len())
            .max()
            .unwrap_or(0)
            .max(4);
        writeln!(
            f,
            "\n{:<width$} {:>6} {:>6} {:>5} {:>12} {:>12} {:>14} {:>14} {:>10}",
            "type", "size", "stride", "waste", "live", "peak", "allocations", "frees", "bytes"
        )?;
        for one in &self.types {
            writeln!(
                f,
                "{:<width$} {:>6} {:>6} {:>5} {:>12} {:>12} {:>14} {:>14} {:>10}",
                label(one),
                one.size,
                one.stride,
                one.waste,
                one.live,
                one.peak,
                one.allocations,
                one.frees,
                Bytes(one.live * one.stride as u64)
            )?;
        }
        Ok(())
    }

    fn write_classes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.classes.iter().all(|class| class.allocations == 0) {
            return Ok(());
        }
        writeln!(
            f,
            "\n{:>7} {:>12} {:>12} {:>14} {:>14} {:>8} {:>10}",
            "class", "live", "peak", "allocations", "frees", "cached", "bytes"
        )?;
        for one in self.classes.iter().filter(|class| class.allocations > 0) {
            writeln!(
                f,
                "{:>7} {:>12} {:>12} {:>14} {:>14} {:>8} {:>10}",
                one.stride,
                one.live,
                one.peak,
                one.allocations,
                one.frees,
                one.in_magazines,
                Bytes(one.live * one.stride as u64)
            )?;
        }
        Ok(())
    }

    fn write_shards(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.shards.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "\n{:>7} {:>14} {:>10} {:>8} {:>10} {:>8} {:>7} {:>10} {:>8} {:>9} {:>10}",
            "shard",
            "hits",
            "depot",
            "stolen",
            "slabs",
            "central",
            "failed",
            "to depot",
            "spills",
            "contended",
            "waited us"
        )?;
        for one in &self.shards {
            match one.shard {
                Some(number) => write!(f, "{number:>7}")?,
                None => write!(f, "{:>7}", "central")?,
            }
            writeln!(
                f,
                " {:>14} {:>10} {:>8} {:>10} {:>8} {:>7} {:>10} {:>8} {:>9} {:>10}",
                one.hits,
                one.from_depot,
                one.stolen,
                one.from_slabs,
                one.from_central,
                one.refill_failed,
                one.to_depot,
                one.spills,
                one.lock_contentions,
                one.lock_wait_ns / 1000
            )?;
        }
        Ok(())
    }
}

impl Snapshot {
    fn write_epoch(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let epoch = &self.epoch;
        if epoch.participants == 0 && epoch.retired == 0 {
            return Ok(());
        }
        writeln!(
            f,
            "\nepoch {}: {} of {} threads pinned, lag {}, {} advances ({} forced, {} stalls)",
            epoch.current,
            epoch.pinned_threads,
            epoch.participants,
            epoch.lag,
            epoch.advances,
            epoch.forced,
            epoch.stalls
        )?;
        writeln!(
            f,
            "  limbo {} values, {} (at most {}, {}); {} retired, {} reclaimed, {} drops panicked",
            epoch.limbo_objects,
            Bytes(epoch.limbo_bytes),
            epoch.limbo_objects_peak,
            Bytes(epoch.limbo_bytes_peak),
            epoch.retired,
            epoch.reclaimed,
            epoch.drop_panics
        )?;
        if let Some(pin) = &epoch.oldest_pin
            && pin.pinned_ms > 0
        {
            writeln!(
                f,
                "  pinned longest: thread {} {:?}, at epoch {}, for {} ms at least",
                pin.thread,
                pin.name.as_str(),
                pin.epoch,
                pin.pinned_ms
            )?;
        }
        Ok(())
    }
}

fn write_large(figures: &LargeFigures, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if figures.allocations == 0 {
        return Ok(());
    }
    writeln!(
        f,
        "\nlarge: {} blocks of {} in {} (at most {}), {} allocations, {} frees, {} resized in place",
        figures.live,
        Bytes(figures.requested),
        Bytes(figures.bytes),
        Bytes(figures.bytes_peak),
        figures.allocations,
        figures.frees,
        figures.resized
    )
}

fn write_fallback(figures: &FallbackFigures, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if figures.allocs + figures.reallocs == 0 {
        return Ok(());
    }
    writeln!(
        f,
        "\nfallback: {} allocations ({} too large, {} over-aligned, {} for want of a slab), {} frees, {} reallocations, {} refused",
        figures.allocs,
        figures.too_large,
        figures.over_aligned,
        figures.refill_failed,
        figures.frees,
        figures.reallocs,
        figures.refused
    )?;
    write!(f, "  {:<12}", "bytes up to")?;
    for bound in HISTOGRAM_BOUNDS {
        write!(f, "{bound:>8}")?;
    }
    writeln!(f, "{:>8}", "above")?;
    for (name, bins) in [
        ("alloc", &figures.alloc_sizes),
        ("alloc_zeroed", &figures.alloc_zeroed_sizes),
        ("dealloc", &figures.dealloc_sizes),
        ("realloc", &figures.realloc_sizes),
    ] {
        write!(f, "  {name:<12}")?;
        for count in bins {
            write!(f, "{count:>8}")?;
        }
        writeln!(f)?;
    }
    Ok(())
}
