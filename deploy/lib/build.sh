# Builds a CMake preset. Sourced; needs say.sh.

# build_preset PRESET [CMAKE_ARGUMENT...]: configures and builds all or TARGETS; the output is in LOGS.
build_preset() { logged "$LOGS/$1.log" build_run "$@"; }

build_run() {
    local preset=$1
    shift
    if command -v ccache >/dev/null; then set -- "$@" -DCMAKE_C_COMPILER_LAUNCHER=ccache; fi
    cd "$ROOT" || return
    # shellcheck disable=SC2086 # several targets
    cmake --preset "$preset" "$@" &&
        cmake --build --preset "$preset" --parallel "$(nproc)" ${TARGETS:+--target $TARGETS}
}

# The system user that zhibaod becomes when it is started as root: PostgreSQL refuses root.
make_server_user() {
    if [ "$(id -u)" -eq 0 ] && ! getent passwd zhibao >/dev/null; then
        useradd --system --home-dir /var/lib/zhibao --no-create-home \
            --shell /usr/sbin/nologin zhibao
    fi
}
