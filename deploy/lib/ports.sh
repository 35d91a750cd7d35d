# Whether the demonstration's ports are free, asked before anything is done. Sourced; needs say.sh. Reads
# /proc only: a bare Debian has neither ss nor lsof.

# port_check NAME VALUE: a number that can be a port, or dies.
port_check() {
    case "$2" in
    '' | *[!0-9]* | ??????*) ;;
    *) if [ "$2" -ge 1 ] && [ "$2" -le 65535 ]; then return 0; fi ;;
    esac
    die "$1 须为 1 至 65535 的数，而不是“$2”" "$1 must be a number from 1 to 65535, not \"$2\""
}

# The inode of a socket that listens on 127.0.0.1:PORT or on all addresses; nothing when it is free.
port_inode() {
    local hex local_address state inode rest
    hex=$(printf '%04X' "$1")
    while read -r _ local_address _ state _ _ _ _ _ inode rest; do
        case "$state $local_address" in
        "0A 0100007F:$hex" | "0A 00000000:$hex" | "0A 00000000000000000000000000000000:$hex" | \
            "0A 0000000000000000FFFF00000100007F:$hex")
            echo "$inode"
            return
            ;;
        esac
    done < <(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null)
}

# The process that holds the socket, as far as we may see it.
inode_process() {
    local found
    found=$(find /proc/[0-9]*/fd -lname "socket:\[$1\]" -print -quit 2>/dev/null || true)
    found=${found#/proc/}
    echo "${found%%/*}"
}

# port_free VARIABLE PORT OURS: dies, naming the process, when somebody else than the process OURS
# listens there.
port_free() {
    local inode process said
    inode=$(port_inode "$2")
    if [ -z "$inode" ]; then return 0; fi
    process=$(inode_process "$inode")
    if [ -n "$process" ] && [ "$process" = "$3" ]; then return 0; fi
    if [ -n "$process" ]; then
        said="$process ($(tr '\0' ' ' <"/proc/$process/cmdline" 2>/dev/null | cut -c 1-120 | sed 's/ *$//'))"
    else
        said=$(tr_ "别的用户的，看不到是哪一个" "another user's, which we may not see")
    fi
    die "端口 $2 已被占用，占用它的进程：$said。什么都还没有做。
      停止那个进程，或另给一个端口：$1=端口 ./deploy/quickstart" \
        "port $2 is taken by process $said. Nothing has been done yet.
       Stop that process, or name another port: $1=PORT ./deploy/quickstart"
}

# ports_check SERVER PORTAL: all three; the process ids are those of an earlier demonstration, or "".
ports_check() {
    port_check ZHIBAO_PORT "$PORT"
    port_check ZHIBAO_PORT_ENROL "$PORT_ENROL"
    port_check ZHIBAO_PORT_WEB "$PORT_WEB"
    if [ "$PORT" = "$PORT_ENROL" ] || [ "$PORT" = "$PORT_WEB" ] || [ "$PORT_ENROL" = "$PORT_WEB" ]; then
        die "三个端口须互不相同：$PORT、$PORT_ENROL、$PORT_WEB" \
            "the three ports must differ: $PORT, $PORT_ENROL, $PORT_WEB"
    fi
    port_free ZHIBAO_PORT "$PORT" "$1"
    port_free ZHIBAO_PORT_ENROL "$PORT_ENROL" "$1"
    port_free ZHIBAO_PORT_WEB "$PORT_WEB" "$2"
}
