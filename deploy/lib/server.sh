# Starts and stops the demonstration's zhibaod. Sourced; needs say.sh. The server keeps everything
# below RUN/data; its process id is in RUN/zhibaod.pid.

SERVER_START_S=120
SERVER_STOP_S=60

# Whether this process id is a zhibaod of this build.
server_is() {
    [ -n "$1" ] && [ "$(tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null | cut -d ' ' -f 1)" = "$BIN/zhibaod" ]
}

# server_start: waits until it is ready; dies with the log's end otherwise.
server_start() {
    local until=$((SECONDS + SERVER_START_S))
    setsid "$BIN/zhibaod" --data "$RUN/data" --listen "tcp://127.0.0.1:$PORT" \
        --listen-enrol "tcp://127.0.0.1:$PORT_ENROL" --enrol-rate-per-minute 100000 \
        >"$RUN/zhibaod.out" 2>"$RUN/zhibaod.log" </dev/null &
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
    local pid until=$((SECONDS + SERVER_STOP_S)) status=0
    pid=$(cat "$RUN/zhibaod.pid" 2>/dev/null) || return 0
    if server_is "$pid"; then
        kill -TERM "$pid"
        while kill -0 "$pid" 2>/dev/null; do
            if [ "$SECONDS" -ge "$until" ]; then
                kill -KILL "$pid" 2>/dev/null
                status=1
                break
            fi
            sleep 0.1
        done
    fi
    database_stop
    rm -f "$RUN/zhibaod.pid"
    return "$status"
}

# A killed zhibaod leaves its PostgreSQL running on purpose; we want nothing left.
database_stop() {
    local pid until=$((SECONDS + SERVER_STOP_S))
    pid=$(head -n 1 "$RUN/data/pg/postmaster.pid" 2>/dev/null) || return 0
    if [ -n "$pid" ] && [ "$(readlink "/proc/$pid/cwd" 2>/dev/null)" = "$RUN/data/pg" ]; then
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
