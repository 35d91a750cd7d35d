# Starts and stops the demonstration's zhibaod. Sourced; needs say.sh and process.sh. The server keeps everything
# below RUN/data; its process id is in RUN/zhibaod.pid.

SERVER_START_S=120
SERVER_STOP_S=60

# The process id of the zhibaod that runs on RUN/data, by its pid file; nothing when none does.
server_running() {
    local pid
    pid=$(cat "$RUN/zhibaod.pid" 2>/dev/null) || return 0
    if process_is "$pid" zhibaod "$RUN/data"; then echo "$pid"; fi
}

# server_start: waits until it is ready; dies with the log's end otherwise.
server_start() {
    local until=$((SECONDS + SERVER_START_S))
    : >"$RUN/zhibaod.out" # or the last one's "ready" would be found
    setsid "$BIN/zhibaod" --data "$RUN/data" --listen "tcp://127.0.0.1:$PORT" \
        --listen-enrol "tcp://127.0.0.1:$PORT_ENROL" --enrol-rate-per-minute 100000 \
        --enrol-peer-per-minute 100000 \
        >"$RUN/zhibaod.out" 2>"$RUN/zhibaod.log" </dev/null 9>&- &
    server_pid=$!
    echo "$server_pid" >"$RUN/zhibaod.pid"
    until grep -q '^zhibaod ready' "$RUN/zhibaod.out"; do
        if ! kill -0 "$server_pid" 2>/dev/null || [ "$SECONDS" -ge "$until" ]; then
            tail -n 20 "$RUN/zhibaod.log" >&2
            die "zhibaod 没有启动成功，日志：$RUN/zhibaod.log" \
                "zhibaod did not start, see $RUN/zhibaod.log"
        fi
        sleep 0.1
    done
}

# server_stop: the one of RUN/zhibaod.pid, if it runs. 1 when it had to be killed.
server_stop() {
    local pid status=0
    pid=$(server_running)
    if [ -n "$pid" ]; then process_stop "$pid" "$SERVER_STOP_S" || status=1; fi
    database_stop
    rm -f "$RUN/zhibaod.pid"
    return "$status"
}

# The process id of the private PostgreSQL, which a killed zhibaod leaves running on purpose.
database_running() {
    local pid
    pid=$(head -n 1 "$RUN/data/pg/postmaster.pid" 2>/dev/null) || return 0
    if [ -n "$pid" ] && [ "$(readlink "/proc/$pid/cwd" 2>/dev/null)" = "$RUN/data/pg" ]; then
        echo "$pid"
    fi
}

# We want nothing left.
database_stop() {
    local pid until=$((SECONDS + SERVER_STOP_S))
    pid=$(database_running)
    if [ -n "$pid" ]; then
        kill -INT "$pid"
        while kill -0 "$pid" 2>/dev/null && [ "$SECONDS" -lt "$until" ]; do sleep 0.1; done
    fi
}

# database_ask SQL: one value, asked past zhibaod, as the cluster's owner.
database_ask() {
    local ask=(psql -X -A -t -q -v ON_ERROR_STOP=1 -h "$RUN/data/run" -U zhibao -d zhibao -c "$1")
    if [ "$(id -u)" -eq 0 ]; then ask=(runuser -u zhibao -- "${ask[@]}"); fi
    (cd / && "${ask[@]}")
}
