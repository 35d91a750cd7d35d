# What the scripts print: Chinese or English, numbered steps with their seconds, and long work with
# a sign of life. Sourced by quickstart and test; needs bash and coreutils only.

# Chinese unless the environment or --lang says English.
language=zh
case "${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}" in en*) language=en ;; esac
export LC_ALL=C.UTF-8

tr_() { if [ "$language" = en ]; then printf '%s' "$2"; else printf '%s' "$1"; fi; }

# say ZH EN: a line for people.
say() { printf '%s\n' "$(tr_ "$1" "$2")"; }

# die ZH EN: says what went wrong and leaves with 1; the caller's EXIT trap tidies up.
die() {
    printf '%s\n' "$(tr_ "错误：$1" "error: $2")" >&2
    exit 1
}

step_number=0
step_began=$SECONDS

# step ZH EN: begins the next step.
step() {
    step_number=$((step_number + 1))
    step_began=$SECONDS
    printf '[%3d s] %d. %s\n' "$SECONDS" "$step_number" "$(tr_ "$1" "$2")"
}

# done_ ZH EN: what the step came to.
done_() { printf '        %s (%d s)\n' "$(tr_ "$1" "$2")" $((SECONDS - step_began)); }

# logged LOG COMMAND...: runs it with its output in LOG and waits for it.
logged() {
    begin "$@"
    finish "$1"
}

# begin LOG COMMAND...: starts it with its output in LOG; `finish LOG` waits for it. The work is a
# process group of its own, for stop_work.
begin() {
    local log=$1
    shift
    set -m
    "$@" >"$log" 2>&1 &
    set +m
    echo "$!" >"$log.work"
}

# finish LOG: on a terminal the newest line shows what the work is doing; elsewhere a line every 20
# seconds. Returns the work's status, and prints the log's end when that is not 0.
finish() {
    local log=$1 status=0 began=$SECONDS told=$SECONDS pid line
    pid=$(cat "$log.work")
    while kill -0 "$pid" 2>/dev/null; do
        if [ -t 1 ]; then
            line=$(tail -n 1 "$log" | tr -cd '[:print:]' | cut -c 1-60)
            printf '\r\033[K        … %d s %s' $((SECONDS - began)) "$line"
        elif [ $((SECONDS - told)) -ge 20 ]; then
            told=$SECONDS
            printf '        … %d s\n' $((SECONDS - began))
        fi
        sleep 0.2
    done
    wait "$pid" || status=$?
    rm -f "$log.work"
    if [ -t 1 ]; then printf '\r\033[K'; fi
    if [ "$status" -ne 0 ]; then
        tell_failure "$log" "$status" >&2
    fi
    return "$status"
}

# aside COMMAND...: with what others leave of the processors.
aside() {
    renice -n 19 -p "$BASHPID" >/dev/null
    "$@"
}

# after LOG COMMAND...: once what was begun with that LOG has ended.
after() {
    tail --pid="$(cat "$1.work")" -f /dev/null
    shift
    "$@"
}

# tell_failure LOG STATUS: what compilers, tests and Python said of errors, then the log's end.
tell_failure() {
    local said
    said=$(grep -aE '(error|warning|Error): |^FAIL |\[----\]|\*\*\*(Failed|Timeout|Exception)' "$1" |
        cut -c 1-300 | head -n 60 || true)
    if [ -n "$said" ]; then
        printf '%s\n' "$(tr_ "失败（$2），$1 中的错误：" "failed ($2), the errors in $1:")" "$said"
    fi
    printf '%s\n' "$(tr_ "失败（$2），$1 的末尾：" "failed ($2), the end of $1:")"
    tail -n 15 "$1" | cut -c 1-300
}

# stop_work: ends what was begun and not finished.
stop_work() {
    local file pid
    for file in "$LOGS"/*.work; do
        pid=$(cat "$file" 2>/dev/null) || continue
        kill -TERM -- "-$pid" 2>/dev/null || true
        rm -f "$file"
    done
}
