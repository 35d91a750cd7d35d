# The programs that quickstart starts in the background, and that they end with it. Sourced; needs say.sh,
# server.sh and portal.sh.

# process_is PID PROGRAM DIRECTORY: whether the process is that program of ours, run on that --data
# directory. A pid file alone proves nothing: the number may be another's by now.
process_is() {
    local arguments
    case "$1" in '' | *[!0-9]*) return 1 ;; esac
    mapfile -d '' -t arguments 2>/dev/null <"/proc/$1/cmdline" || return 1
    [ "${arguments[0]##*/}" = "$2" ] && [ "${arguments[1]:-}" = --data ] &&
        [ "${arguments[2]:-}" = "$3" ]
}

# process_stop PID SECONDS: asks it to stop and waits. 1 when it had to be killed.
process_stop() {
    local until=$((SECONDS + $2))
    kill -TERM "$1" 2>/dev/null || return 0
    while kill -0 "$1" 2>/dev/null; do
        if [ "$SECONDS" -ge "$until" ]; then
            kill -KILL "$1" 2>/dev/null
            return 1
        fi
        sleep 0.1
    done
}

# one_at_a_time FILE: dies while another quickstart holds it. It ends with this process, however that
# ends; what runs on afterwards must not inherit descriptor 9.
one_at_a_time() {
    exec 9>>"$1"
    if ! flock -n 9; then
        die "另一个 quickstart 正在运行（进程 $(cat "$1")），等它做完，或在它的终端按 Ctrl-C" \
            "another quickstart is running (process $(cat "$1")): wait for it, or press Ctrl-C there"
    fi
    echo $$ >"$1"
}

reached_end=no

# on_exit: unless everything went well, nothing is left running. Signals wait meanwhile, and a terminal
# that has gone away is no reason to stop half way.
on_exit() {
    local status=$?
    trap - EXIT
    trap '' INT TERM HUP PIPE
    set +e
    stop_work
    if [ "$reached_end" = no ] && [ -n "${server_pid:-}" ]; then
        portal_stop
        server_stop
        # children of this shell that were not what their pid files say yet
        process_stop "${portal_pid:-none}" 10
        process_stop "$server_pid" "$SERVER_STOP_S"
        say "已停止 zhibaod" "zhibaod was stopped" >&2
    fi
    exit "$status"
}

stop_with_us() {
    trap on_exit EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 141' PIPE
    trap 'exit 143' TERM
}
