//! The fast paths as the compiler leaves them: in an outside crate, `new` and drop of both doors make no call on the hot
//! path, execute no locked instruction, and take few instructions.
//!
//! The probe crate is copied to the target folder with the lock file of the workspace, so that building it asks nothing of
//! the network that building the workspace did not ask.
#![cfg(all(target_arch = "x86_64", target_os = "linux"))]

#[path = "codegen/listing.rs"]
mod listing;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use listing::{Fault, Listing};

/// Most instructions of a hot path, the `ret` included, besides writing the value.
const MOST: usize = 14;

/// Instructions that write the probe's value: three words that arrive in memory, loaded and stored as two and one.
const WRITES: usize = 4;

/// Most instructions, cold ones included, until a block of a size known only at run time is there or a
/// call is made. A comparison with each class would take two for each of 48.
const CLASS_MOST: usize = 70;

/// Builds one binary of the probe and returns its assembly.
fn assembly(binary: &str, profile: &str) -> String {
    let folder = probe();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("codegen-target");
    let output = target.join(format!("{binary}.s"));
    let built = Command::new(env!("CARGO"))
        .current_dir(folder)
        .args([
            "rustc",
            "--quiet",
            "--offline",
            "--profile",
            profile,
            "--bin",
            binary,
            "--target-dir",
        ])
        .arg(&target)
        .args(["--", "--emit"])
        .arg(format!("asm={}", output.display()))
        // Instrumentation of the tests must not get into the probe.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("RUSTC_WRAPPER")
        .output()
        .expect("cargo can be started");
    assert!(
        built.status.success(),
        "the probe is not built:\n{}",
        String::from_utf8_lossy(&built.stderr)
    );
    fs::read_to_string(&output).expect("the compiler wrote the assembly")
}

/// Copies the probe beside the target folder, once.
fn probe() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = tests.parent().expect("the tests are in the workspace");
        let from = tests.join("codegen-probe");
        let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join("codegen-probe");
        let library = root.join("sydra-pool");
        fs::create_dir_all(to.join("src/bin")).expect("the target folder can be written");
        let manifest =
            fs::read_to_string(from.join("Cargo.toml")).expect("the probe has a manifest");
        let relative = "path = \"../../sydra-pool\"";
        assert!(manifest.contains(relative));
        replace(
            &to.join("Cargo.toml"),
            &manifest.replace(relative, &format!("path = {library:?}")),
        );
        for binary in ["src/bin/typed.rs", "src/bin/global.rs"] {
            replace(
                &to.join(binary),
                &fs::read_to_string(from.join(binary)).expect("the probe is complete"),
            );
        }
        let lock =
            fs::read_to_string(root.join("Cargo.lock")).expect("the workspace has a lock file");
        fs::write(to.join("Cargo.lock"), lock).expect("the target folder can be written");
        to
    })
}

/// Writes a file unless it is so already: a new date would make cargo build it anew.
fn replace(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return;
    }
    fs::write(path, text).expect("the target folder can be written");
}

/// The hot path of a function of the probe, which must have one of at most `most` instructions.
fn short_path(assembly: &str, function: &str, most: usize) {
    let listing =
        Listing::of(function, assembly).unwrap_or_else(|| panic!("no {function} in the assembly"));
    match listing.hot_path(most) {
        Ok(path) => println!(
            "{function}: {} instructions\n  {}",
            path.len(),
            path.join("\n  ")
        ),
        Err(Fault::TooLong(count, path)) => {
            panic!(
                "{function}: {count} instructions, {most} are allowed\n  {}",
                path.join("\n  ")
            )
        }
        Err(fault) => panic!("{function}: {fault:?}\n{listing}"),
    }
}

fn typed() -> &'static str {
    static TYPED: OnceLock<String> = OnceLock::new();
    TYPED.get_or_init(|| assembly("typed", "release"))
}

fn global() -> &'static str {
    static GLOBAL: OnceLock<String> = OnceLock::new();
    GLOBAL.get_or_init(|| assembly("global", "fat"))
}

#[test]
fn pool_box_is_made_and_dropped_without_a_call() {
    short_path(typed(), "make_order", MOST + WRITES);
    short_path(typed(), "drop_order", MOST);
}

#[test]
fn pool_box_of_a_generic_type_is_made_and_dropped_without_a_call() {
    // One more each: the shared magazines are another crate's thread-local, whose place is loaded first.
    short_path(typed(), "make_node", MOST + 1 + WRITES);
    short_path(typed(), "drop_node", MOST + 1);
}

#[test]
fn box_on_the_global_door_is_made_and_dropped_without_a_call() {
    short_path(global(), "make_order", MOST + WRITES);
    short_path(global(), "drop_order", MOST);
}

/// The derive writes a second pool with a second magazine, for `PoolArc`: they cost a program without
/// one nothing, neither memory nor thread-local storage.
#[test]
fn a_pool_that_nobody_uses_is_left_out() {
    for used in ["__SYDRA_POOL", "__SYDRA_MAGAZINE"] {
        assert!(typed().contains(used), "no {used} in the assembly");
    }
    assert!(
        !typed().contains("__SYDRA_COUNTED"),
        "the pool for `PoolArc` is in a program without one"
    );
}

/// Defect 21: the class of a size known only at run time is neither searched in a loop nor in a
/// loop that the compiler has written out.
#[test]
fn the_class_of_a_size_is_not_searched() {
    // The way through the magazine, so that the class is found here and not behind a call.
    short_path(global(), "make_bytes", CLASS_MOST);
    let listing = Listing::of("make_bytes", global()).expect("the probe asks for bytes");
    let reach = listing.reach();
    println!("make_bytes: {reach:?}\n{listing}");
    assert!(
        reach.as_ref().is_ok_and(|&reach| reach <= CLASS_MOST),
        "{reach:?}\n{listing}"
    );
}

#[test]
fn a_probe_behind_a_call_is_rejected() {
    let listing = Listing::of("make_behind_a_call", typed()).expect("the probe has a bad function");
    assert_eq!(listing.hot_path(1000), Err(Fault::NoFreeWay));
}

/// The tests of the judge itself, on listings written by hand.
mod judge {
    use super::listing::{Fault, Listing};

    const GOOD: &str = "
drop_it:
    .cfi_startproc
    movq %fs:MAGAZINE@TPOFF, %rax     # the word
    testl %eax, %eax
    je .LBB0_2
    movq %rdi, -8(%rax)
    incq %fs:MAGAZINE@TPOFF
    retq
.LBB0_2:
    pushq %rbx
    callq slow
    popq %rbx
    retq
.Lfunc_end0:
other:
    callq slow
    retq
.Lfunc_end1:
";

    fn judge(assembly: &str, most: usize) -> Result<usize, Fault> {
        Listing::of("drop_it", assembly)
            .expect("the function is there")
            .hot_path(most)
            .map(|path| path.len())
    }

    #[test]
    fn counts_the_way_without_the_call() {
        assert_eq!(judge(GOOD, 6), Ok(6));
        assert!(Listing::of("missing", GOOD).is_none());
    }

    #[test]
    fn rejects_one_instruction_too_many() {
        assert!(matches!(judge(GOOD, 5), Err(Fault::TooLong(6, _))));
    }

    #[test]
    fn rejects_a_call_on_every_way() {
        assert_eq!(
            judge(&GOOD.replace("movq %rdi, -8(%rax)", "callq *%rcx"), 99),
            Err(Fault::NoFreeWay)
        );
        assert_eq!(
            judge(&GOOD.replacen("retq", "jmp slow", 1), 99),
            Err(Fault::NoFreeWay)
        );
    }

    #[test]
    fn rejects_an_early_return_as_hot_path() {
        let early = GOOD
            .replace("callq slow", "nop")
            .replace("%fs:MAGAZINE@TPOFF", "(%rcx)");
        assert_eq!(judge(&early, 99), Err(Fault::NoFreeWay));
    }

    #[test]
    fn rejects_a_call_that_is_straight_on() {
        // The branch leads to the free way, so the call is what the compiler expects.
        let turned = "
drop_it:
    movq %fs:MAGAZINE@TPOFF, %rax
    jne .LBB0_2
    callq slow
    retq
.LBB0_2:
    retq
.Lfunc_end0:
";
        assert_eq!(
            judge(turned, 99),
            Err(Fault::CallStraightOn("callq slow".into()))
        );
    }

    #[test]
    fn rejects_locked_instructions() {
        let locked = GOOD.replace("incq %fs", "lock incq %fs");
        assert!(matches!(judge(&locked, 99), Err(Fault::Locked(_))));
        let exchanged = GOOD.replace("movq %rdi, -8(%rax)", "xchgq %rdi, -8(%rax)");
        assert!(matches!(judge(&exchanged, 99), Err(Fault::Locked(_))));
    }

    #[test]
    fn counts_what_may_run_before_a_call() {
        let reach = |assembly: &str| Listing::of("drop_it", assembly).map(|found| found.reach());
        assert_eq!(reach(GOOD), Some(Ok(8)));
        let looping = GOOD.replace("    movq %rdi, -8(%rax)", ".LBB0_3:\n jne .LBB0_3");
        assert_eq!(
            reach(&looping),
            Some(Err(Fault::Loop("jne .LBB0_3".into())))
        );
        let after = GOOD.replace("popq %rbx", "jmp .LBB0_2");
        assert_eq!(reach(&after), Some(Ok(8)), "a call ends the way");
    }

    #[test]
    fn goes_through_loops_and_jumps() {
        let jumping = GOOD
            .replacen("retq", "jmp .LBB0_3", 1)
            .replace(".Lfunc_end0", ".LBB0_3:\n jne .LBB0_3\n retq\n.Lfunc_end0");
        assert_eq!(judge(&jumping, 99), Ok(8));
    }
}
