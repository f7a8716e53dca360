#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Tests ./dev on small trees: its exit codes, what it installs, and that a failing test, check or build is counted.
set -u
HOUSE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
TREE=$(mktemp -d /tmp/tern-dev-XXXXXX)
trap 'rm -rf "$TREE"' EXIT
WRONG=0

expect() { # STATUS PATTERN COMMAND...: the command ends so, and its output matches (an extended regular expression)
    local status=$1 pattern=$2 out
    shift 2
    out=$("$@" 2>&1 </dev/null)
    local got=$?
    if [ $got = "$status" ] && grep -qE -- "$pattern" <<<"$out"; then
        echo "ok     $*: $pattern"
    else
        printf 'FAILED %s: ended with %s, not %s; wanted /%s/ in:\n%s\n' "$*" $got "$status" "$pattern" "$out"
        WRONG=1
    fi
}

plant() { # a project without a compiler: one test that passes, one that fails, one that skips itself
    mkdir -p "$TREE/tests/tools" "$TREE/fuzz" "$TREE/bin" "$TREE/interop"
    cp "$HOUSE/dev" "$TREE/"
    cp "$HOUSE/CMakePresets.json" "$TREE/"
    cp "$HOUSE/tests/tools/ctest_counts.py" "$TREE/tests/tools/"
    cat >"$TREE/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.25)
project(small NONE)
enable_testing()
if(EXISTS ${PROJECT_SOURCE_DIR}/new/CMakeLists.txt)
  add_subdirectory(new)
endif()
add_custom_target(all_there ALL COMMAND sh ${PROJECT_SOURCE_DIR}/build.sh)
add_custom_target(programs DEPENDS all_there)
add_test(NAME scenario/good COMMAND true)
add_test(NAME perhaps COMMAND sh ${PROJECT_SOURCE_DIR}/perhaps.sh)
add_test(NAME skips COMMAND sh -c "exit 77")
set_tests_properties(skips PROPERTIES SKIP_RETURN_CODE 77)
END
    content build.sh 0
    content perhaps.sh 0
    checks 0
}

content() { echo "echo $1; exit $2" >"$TREE/$1"; }
checks() { echo "raise SystemExit($1)" >"$TREE/tests/tools/checks.py"; }

stub() { # NAME: a program that only says how it was called; its body comes from stdin
    { echo '#!/bin/sh' && cat; } >"$TREE/bin/$1"
    chmod +x "$TREE/bin/$1"
}

everything_installed() { stub dpkg-query <<<'shift 2; for p; do echo "installed $p"; done'; }

nothing_installed_but_gcc() { stub dpkg-query <<<'echo "installed gcc"; echo "config-files cmake"; exit 1'; }

usage_is_checked() {
    expect 0 '^  demo ' "$TREE/dev" help
    expect 0 '^  demo ' "$TREE/dev" --help
    expect 0 '^  demo ' "$TREE/dev" test --help
    expect 2 '^dev: no command .gone' "$TREE/dev" gone
    expect 2 '^dev: which command' "$TREE/dev"
    expect 2 'takes only --quick' "$TREE/dev" test --slow
    expect 2 "no check 'gone'" "$TREE/dev" check gone
    expect 2 'no group gone' "$TREE/dev" setup gone
    expect 2 'takes one of: one two' "$TREE/dev" fuzz
    expect 2 'knows no gone, it takes one of: one two' "$TREE/dev" fuzz gone
    expect 2 'takes a time' "$TREE/dev" fuzz one --for 5x
    expect 2 'libfuzzer or afl' "$TREE/dev" fuzz one --engine radamsa
}

setup_installs_what_is_missing() {
    everything_installed
    stub apt-get <<<"echo apt-get \$* >>$TREE/called"
    expect 0 '^$' "$TREE/dev" setup
    expect 0 '^untouched' sh -c "test -e $TREE/called || echo untouched"
    nothing_installed_but_gcc
    stub id <<<'echo 0'
    expect 0 'installing .*cmake' "$TREE/dev" setup build
    expect 0 '^apt-get update' head -n 1 "$TREE/called"
    expect 0 '^apt-get install .*--no-install-recommends.* cmake ' tail -n 1 "$TREE/called"
    expect 0 '^0$' sh -c "grep -cE ' (gcc|afl|clang)' $TREE/called || true"
    stub apt-get <<<'echo E: no such package; exit 100'
    expect 1 '^dev: apt-get could not install: .*cmake' "$TREE/dev" setup build
    stub id <<<'echo 1000'
    stub sudo <<<'echo sudo: no; exit 1'
    expect 1 '^dev: apt-get could not install' "$TREE/dev" setup build
}

without_root_or_sudo_it_says_what_to_install() {
    local tool
    rm "$TREE/bin/sudo"
    for tool in bash cat dirname nproc awk grep sort comm mkdir; do ln -sf "$(command -v $tool)" "$TREE/bin/$tool"; done
    expect 1 '^dev: neither root nor sudo; install these packages: .*cmake' env PATH="$TREE/bin" "$TREE/dev" setup build
}

failures_are_counted() {
    everything_installed
    expect 0 '^3 passed, 0 failed, 1 skipped$' env CI=true "$TREE/dev" test --quick
    expect 0 'tests asan +ok' "$TREE/dev" test
    expect 0 'tests clang +ok' "$TREE/dev" test
    expect 0 '^6 passed, 0 failed, 2 skipped$' "$TREE/dev" test
    mkdir "$TREE/new" && echo 'add_test(NAME new COMMAND true)' >"$TREE/new/CMakeLists.txt"
    expect 0 '^4 passed, 0 failed, 1 skipped$' "$TREE/dev" test --quick
    rm -r "$TREE/new"
    content perhaps.sh 1
    expect 1 '^2 passed, 1 failed, 1 skipped$' "$TREE/dev" test --quick
    expect 1 "^failed: perhaps    .ctest --test-dir build/release .*'.perhaps.'" "$TREE/dev" test --quick
    content perhaps.sh 0
    checks 1
    expect 1 '^2 passed, 1 failed, 1 skipped$' "$TREE/dev" test --quick
    checks 0
    content build.sh 1
    expect 1 '^1 passed, 1 failed$' "$TREE/dev" test --quick
    expect 1 '^failed: build release' "$TREE/dev" test --quick
    expect 1 'release build failed' "$TREE/dev" check
    content build.sh 0
    sed -i /add_test/d "$TREE/CMakeLists.txt"
    sed -i /set_tests/d "$TREE/CMakeLists.txt"
    expect 1 '^1 passed, 1 failed$' "$TREE/dev" test --quick
}

the_demo_ends_with_ok() {
    echo 'echo "bin $1"; echo "demo: ok"' >"$TREE/interop/demo.sh"
    expect 0 '^demo: ok$' "$TREE/dev" demo
    expect 0 "^bin $TREE/build/release/bin$" "$TREE/dev" demo
    echo 'exit 1' >"$TREE/interop/demo.sh"
    expect 1 '^dev: the demo failed$' "$TREE/dev" demo
}

a_crash_is_found_and_named() {
    command -v clang >/dev/null || { echo "skip   clang is not installed" && return; }
    rm -rf "$TREE/build"
    sed -i 's/small NONE/small C/; /all_there/d' "$TREE/CMakeLists.txt"
    cat >>"$TREE/CMakeLists.txt" <<'END'
foreach(target one two)
  add_executable(fuzz_${target} fuzz/fuzz_${target}.c)
  target_compile_options(fuzz_${target} PRIVATE -fsanitize=fuzzer)
  target_link_options(fuzz_${target} PRIVATE -fsanitize=fuzzer)
  set_target_properties(fuzz_${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endforeach()
END
    local head='#include <stddef.h>
int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);
int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n) {'
    echo "$head (void)p; return n > 9 ? 0 : 0; }" >"$TREE/fuzz/fuzz_one.c"
    echo "$head if (n > 2 && p[0] == 'b') __builtin_trap(); return 0; }" >"$TREE/fuzz/fuzz_two.c"
    mkdir -p "$TREE/fuzz/corpus/two"
    echo seed >"$TREE/fuzz/corpus/two/a"
    expect 0 '^fuzz one: [1-9][0-9]* executions, [1-9][0-9]* a second, [1-9][0-9]* inputs in the corpus, 0 crashes$' \
        "$TREE/dev" fuzz one --for 1s
    expect 1 '^rerun: build/fuzz/bin/fuzz_two build/fuzz/crashes/two/crash-' "$TREE/dev" fuzz two --for 5
    expect 0 '^a$' ls "$TREE/fuzz/corpus/two"
}

plant
touch "$TREE/fuzz/fuzz_one.c" "$TREE/fuzz/fuzz_two.c"
PATH=$TREE/bin:$PATH
usage_is_checked
setup_installs_what_is_missing
without_root_or_sudo_it_says_what_to_install
failures_are_counted
the_demo_ends_with_ok
a_crash_is_found_and_named
exit $WRONG
