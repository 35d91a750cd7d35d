# Starts and stops the demonstration's portal, with an account for each role. Sourced; needs say.sh,
# process.sh and round.sh.

PORTAL_START_S=60
PORTAL_STOP_S=30

# Whom the demonstration gives an account: name and unit.
PORTAL_ACCOUNTS="village 450223104001
village2 450223104201
township 450223104000
health 450223000000:10
statistics 450223000000:1
office 450223000000:2
admin 450223000000:3"

# The process id of the portal that runs on RUN/portal, by its pid file; nothing when none does.
portal_running() {
    local pid
    pid=$(cat "$RUN/portal.pid" 2>/dev/null) || return 0
    if process_is "$pid" zhibao-web "$RUN/portal"; then echo "$pid"; fi
}

# portal_accounts: makes the accounts from the units' homes, all with the passphrase in RUN/portal.passphrase.
portal_accounts() {
    local name unit
    (umask 077 && mkdir -p "$RUN/portal" && printf 'zhibao-%s\n' "$(od -An -N4 -tx4 /dev/urandom | tr -d ' ')" >"$RUN/portal.passphrase")
    PORTAL_SHOWN=
    while read -r name unit; do
        if [ ! -d "$(home_of "$unit")" ]; then continue; fi
        "$BIN/zhibao-web" import --data "$RUN/portal" --home "$(home_of "$unit")" --name "$name" \
            --passphrase_file "$RUN/portal.passphrase" >>"$LOGS/portal.log" 2>&1 || return 1
        PORTAL_SHOWN="$PORTAL_SHOWN $name"
    done <<<"$PORTAL_ACCOUNTS"
}

# portal_start: waits until it is ready; sets PORTAL_ADDRESS.
portal_start() {
    local until=$((SECONDS + PORTAL_START_S))
    : >"$RUN/portal.out"
    setsid "$BIN/zhibao-web" --data "$RUN/portal" --address 127.0.0.1 --port "$PORT_WEB" \
        --demonstration yes >"$RUN/portal.out" 2>"$RUN/portal.log" </dev/null 9>&- &
    portal_pid=$!
    echo "$portal_pid" >"$RUN/portal.pid"
    until grep -q '^zhibao-web ready' "$RUN/portal.out"; do
        if ! kill -0 "$portal_pid" 2>/dev/null || [ "$SECONDS" -ge "$until" ]; then
            tail -n 20 "$RUN/portal.log" >&2
            die "门户没有启动成功，日志：$RUN/portal.log" "the portal did not start, see $RUN/portal.log"
        fi
        sleep 0.1
    done
    PORTAL_ADDRESS=$(sed -n 's/^zhibao-web ready address=//p' "$RUN/portal.out")
}

# portal_stop: the one of RUN/portal.pid, if it runs. 1 when it had to be killed.
portal_stop() {
    local pid status=0
    pid=$(portal_running)
    if [ -n "$pid" ]; then process_stop "$pid" "$PORTAL_STOP_S" || status=1; fi
    rm -f "$RUN/portal.pid"
    return "$status"
}
