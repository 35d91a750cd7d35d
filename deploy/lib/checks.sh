# The steps of deploy/test and their count. Sourced; needs say.sh and build.sh.

# check NAME COMMAND...: one step that passes or fails; a failure does not end the run.
check() {
    local name=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
        done_ "通过" "passed"
    else
        failed=$((failed + 1))
        done_ "未通过：$name" "FAILED: $name"
    fi
}

# Our own C files, NUL between.
our_files() {
    local names=(-name '*.c')
    if [ "${1:-}" = headers ]; then names=(-name '*.c' -o -name '*.h'); fi
    (cd "$ROOT" && find common server client deploy tests \
        \( -name node_modules -o -name run \) -prune -o \( "${names[@]}" \) -type f -print0)
}

check_format() {
    our_files headers | (cd "$ROOT" && logged "$LOGS/format.log" xargs -0 clang-format --dry-run -Werror)
}

# With clang's build commands; without the analyzer unless the run is thorough.
tidy() {
    local extra=('--checks=-clang-analyzer-*')
    if [ "$thorough" = yes ]; then extra=(); fi
    cd "$ROOT" || return
    our_files | xargs -0 -n 4 -P "$(nproc)" clang-tidy -p build-asan --quiet "${extra[@]}"
}

# What systemd-analyze says of the units: an exposure of 2.0 at most.
check_units() {
    local unit bad=0
    for unit in "$ROOT"/deploy/systemd/*.service; do
        logged "$LOGS/units.log" systemd-analyze security --offline=yes --threshold=20 "$unit" || bad=1
    done
    return $bad
}

# Packages in a fresh Debian: installed, used, upgraded, removed.
check_packages() {
    logged "$LOGS/package-try.log" "$ROOT/deploy/package/try"
}

# Ours alone; what it is wrong about is said where it stands (cppcheck-suppress). protobuf-c's version,
# which is in a header of the system's, is given.
check_cppcheck() {
    (cd "$ROOT" && logged "$LOGS/cppcheck.log" cppcheck -j "$(nproc)" --project=build/compile_commands.json \
        -DPROTOBUF_C_VERSION_NUMBER=1004001 -DPROTOBUF_C_MIN_COMPILER_VERSION=1000000 \
        --enable=warning,portability,performance --inline-suppr --quiet --error-exitcode=1 \
        --suppress='*:*build/*' --suppress='*:*tests/*')
}

# Two builds in two directories give the same programs.
check_reproducible() {
    logged "$LOGS/reproducible.log" "$ROOT/deploy/package/reproduce"
}

# What the hardening flags have to leave in the programs: position independence, no writable
# relocations, no executable stack, stack canaries, checked string functions.
check_hardening() {
    local program headers dynamic symbols bad=0
    for program in "$ROOT"/build/bin/zhibaod "$ROOT"/build/bin/zhibao "$ROOT"/build/bin/zhibao-web; do
        headers=$(readelf -hlW "$program") dynamic=$(readelf -dW "$program")
        symbols=$(readelf -W --dyn-syms "$program")
        wants "$program" PIE "$headers" 'Type: +DYN' || bad=1
        wants "$program" RELRO "$headers" 'GNU_RELRO' || bad=1
        wants "$program" BIND_NOW "$dynamic" 'NOW' || bad=1
        wants "$program" 'stack not executable' "$headers" 'GNU_STACK .* RW +0x' || bad=1
        wants "$program" 'stack protector' "$symbols" '__stack_chk_fail' || bad=1
        wants "$program" FORTIFY_SOURCE "$symbols" '_chk@' || bad=1
    done
    return $bad
}

# wants PROGRAM WHAT TEXT PATTERN: complains unless TEXT has it.
wants() {
    if printf '%s' "$3" | grep -Eq "$4"; then return 0; fi
    printf '%s: %s\n' "${1##*/}" "$2" >&2
    return 1
}

# Errors in the files fail the check; findings are for people.
check_plans() {
    local plan
    for plan in "$ROOT"/deploy/plans/*/plan.csv; do
        plan=${plan%/plan.csv}
        "$ROOT/build/bin/zhibao" --lang zh plan check "$plan" --format csv \
            >"$LOGS/plan-${plan##*/}.csv" 2>"$LOGS/plan-${plan##*/}.log" || {
            cat "$LOGS/plan-${plan##*/}.log" >&2
            return 1
        }
        printf '        %s: %d\n' "${plan##*/}" "$(tail -n +2 "$LOGS/plan-${plan##*/}.csv" | wc -l)"
    done
}

# Each fuzz target for FUZZ_SECONDS, as many side by side as there are processors: prints how many
# inputs it ran and how many edges they reached.
check_fuzz() {
    local seconds=${ZHIBAO_FUZZ_SECONDS:-600} work bad=0 name
    work=$(mktemp -d)
    TARGETS=fuzzers build_preset fuzz || return 1
    export -f fuzz_one
    find "$ROOT/tests/fuzz" -name 'fuzz_*.c' -printf '%f\n' | sed 's/^fuzz_//; s/\.c$//' | sort |
        xargs -P "$(nproc)" -I{} bash -c 'fuzz_one "$@"' - {} "$ROOT" "$work" "$LOGS" "$seconds" ||
        bad=1
    for name in "$LOGS"/fuzz-*.said; do cat "$name"; done
    rm -rf "$work"
    return $bad
}

# fuzz_one NAME ROOT WORK LOGS SECONDS: what it finds stays in LOGS.
fuzz_one() {
    local name=$1 root=$2 corpus=$3/$1 log=$4/fuzz-$1.log status=0 seeds=() folder
    mkdir -p "$corpus"
    for folder in "$root/tests/fuzz/seeds/$name" "$root/build-fuzz/tests/fuzz/made/$name"; do
        if [ -d "$folder" ]; then seeds+=("$folder"); fi
    done
    "$root/build-fuzz/bin/fuzz_$name" -max_total_time="$5" -rss_limit_mb=2048 -timeout=20 \
        -max_len=65536 -print_final_stats=1 -artifact_prefix="$4/fuzz-$name-" "$corpus" \
        "${seeds[@]}" >"$log" 2>&1 || status=$?
    printf '        %-10s executions %s, edges %s, exit %d\n' "$name" \
        "$(sed -n 's/^stat::number_of_executed_units: //p' "$log")" \
        "$(grep -o 'cov: [0-9]*' "$log" | tail -n 1 | cut -d ' ' -f 2)" "$status" \
        >"$4/fuzz-$name.said"
    return "$status"
}

# An attribute of the whole in ctest's JUnit report.
count_of() { grep -m 1 -o "$2=\"[0-9]*\"" "$1" | grep -o '[0-9]*' || echo 0; }

# run_tests PRESET [CTEST_ARGUMENT...]: every test counts; so does the absence of sanitizer output,
# because a test program may print a sanitizer's error and pass all the same.
run_tests() {
    local preset=$1 status=0 sanitizer="" directory report tests failures absent found
    shift
    case "$preset" in *san*) sanitizer=yes ;; esac
    directory=$(build_directory "$preset")
    report=$LOGS/ctest-$preset.xml
    found=$(mktemp -d)
    chmod 1777 "$found" # the servers among the tests run as another user
    (
        export ASAN_OPTIONS=detect_leaks=1:halt_on_error=1:log_path=$found/asan
        export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1:log_path=$found/ubsan
        export TSAN_OPTIONS=halt_on_error=1:log_path=$found/tsan
        logged "$LOGS/ctest-$preset.log" ctest --test-dir "$directory" --output-on-failure \
            --parallel "$((2 * $(nproc)))" --no-tests=error --output-junit "$report" "$@"
    ) || status=$?
    tests=$(count_of "$report" tests) failures=$(count_of "$report" failures)
    absent=$(($(count_of "$report" skipped) + $(count_of "$report" disabled)))
    if [ "$status" -ne 0 ] && [ "$failures" -eq 0 ]; then failures=1 tests=$((tests + 1)); fi
    passed=$((passed + tests - failures - absent))
    failed=$((failed + failures))
    skipped=$((skipped + absent))
    grep -E '\*\*\*(Failed|Timeout|Exception|Skipped|Not Run)' "$LOGS/ctest-$preset.log" || true
    # what was not tested is said aloud, with the test's own reason
    grep -a '^skipped: ' "$directory/Testing/Temporary/LastTest.log" || true
    done_ "$((tests - failures - absent)) 项通过，$failures 项未通过，$absent 项跳过" \
        "$((tests - failures - absent)) passed, $failures failed, $absent skipped"
    if [ -n "$sanitizer" ]; then
        sanitizer_silent "$found" "$directory/Testing/Temporary/LastTest.log"
    fi
    rm -rf "$found"
}

# sanitizer_silent DIRECTORY LOG: counts as one more check.
sanitizer_silent() {
    local file clean=yes
    for file in "$1"/*; do
        # LeakSanitizer looked while a thread was ending: it says so, and finds nothing
        if ! grep -qv 'Unable to get registers from thread' "$file"; then continue; fi
        cp "$file" "$LOGS/"
        head -n 20 "$file" >&2
        clean=no
    done
    if grep -E 'ERROR: (Address|Leak)Sanitizer|WARNING: ThreadSanitizer|runtime error:' "$2" >&2; then
        clean=no
    fi
    if [ "$clean" = yes ]; then
        passed=$((passed + 1))
        say "        没有检测器的输出" "        no sanitizer output"
    else
        failed=$((failed + 1))
        say "        未通过：检测器有输出" "        FAILED: there is sanitizer output"
    fi
}

build_directory() {
    case "$1" in
    dev) echo "$ROOT/build" ;;
    asan-ubsan) echo "$ROOT/build-asan" ;;
    *) echo "$ROOT/build-$1" ;;
    esac
}
