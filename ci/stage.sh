# What every stage script shares; sourced, not run. It leaves the stage in the repository's root.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"
export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-never}"

# skip REASON: this stage cannot run here. The line is the last one printed, and .ci/run quotes it.
skip() {
    printf '%s\n' "$*"
    exit 77
}

# not_run WHAT: a part of this stage cannot run here. `.ci/run` quotes the line beside the verdict.
not_run() {
    printf 'NOT RUN: %s\n' "$*"
}

# fail REASON
fail() {
    printf 'FAILED: %s\n' "$*"
    exit 1
}

# with_flags "FLAGS" COMMAND..: a cargo command with flags of rustc for the workspace's own crates. RUSTFLAGS would build all
# they depend on once more for each set of flags; so that is shared with the other stages.
with_flags() {
    local wrapper
    wrapper=$CARGO_TARGET_DIR/ci/rustc$(printf %s "$1" | tr -c 'A-Za-z0-9_' -)
    mkdir -p "$CARGO_TARGET_DIR/ci"
    # Cargo tells the artefacts of wrappers apart by their paths, so the path says the flags.
    [ -x "$wrapper" ] || { printf '#!/bin/sh\nexec "$@" %s\n' "$1" >"$wrapper" && chmod +x "$wrapper"; }
    shift
    RUSTC_WORKSPACE_WRAPPER=$wrapper "$@"
}

# bench_alloc ARGUMENTS..: the laboratory. What it measures is built with fat LTO, the program that asks and counts is not.
bench_alloc() {
    cargo run --quiet -p benches --bin bench_alloc -- --quiet --profile bench-lto "$@"
}

# tests_passed LOG: how many tests the `test result:` lines of a cargo test log count as passed.
tests_passed() {
    awk '/^test result: ok\./ { n += $4 } END { print n + 0 }' "$1"
}

# tested COMMAND..: a `cargo test` with a filter, which must run at least one test: a filter that matches none passes.
tested() {
    local log=$CARGO_TARGET_DIR/ci/tested.out
    mkdir -p "$CARGO_TARGET_DIR/ci"
    "$@" 2>&1 | tee "$log"
    [ "$(tests_passed "$log")" -gt 0 ] || fail "no test was run by: $*"
}

# readme_commands: the cargo command lines of the README's `sh` blocks, without trailing comments.
readme_commands() {
    awk '/^```/ { inside = ($0 == "```sh") ? 1 : 0; next }
         inside && /^cargo / { sub(/[ \t]+#.*$/, ""); print }' README.md
}
