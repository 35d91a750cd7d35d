# Installs the Debian packages of deploy/packages.txt that are missing. Sourced; needs say.sh.

# The packages of the named sections, one a line.
packages_of() {
    local section wanted line
    section=
    while read -r line; do
        case "$line" in
        '' | '#'*) ;;
        '['*']') section=${line:1:-1} ;;
        *) for wanted in "$@"; do
            if [ "$section" = "$wanted" ]; then echo "$line"; fi
        done ;;
        esac
    done <"$ROOT/deploy/packages.txt"
}

# Whether a package needs no installing. A nodejs or npm from elsewhere is as good as Debian's,
# which would not install beside it.
package_present() {
    case "$1" in
    nodejs) command -v node >/dev/null && return 0 ;;
    npm) command -v npm >/dev/null && return 0 ;;
    esac
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "安装软件包需要 root 权限，而这里没有 sudo；请以 root 运行，或先装好：${missing[*]}" \
            "packages need root and there is no sudo: run as root, or install first: ${missing[*]}"
    fi
}

apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get -q \
        -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@"
}

# Old or absent package lists show themselves by a failed installation.
apt_install() {
    if [ -n "$(find /var/lib/apt/lists -name '*_Packages*' -print -quit 2>/dev/null)" ] &&
        apt_get install -y --no-install-recommends "$@"; then
        return 0
    fi
    apt_get update && apt_get install -y --no-install-recommends "$@"
}

# Debian's PostgreSQL makes and starts a cluster of its own when it is installed. We run our own and
# want no second one: this is said for the time of the installation.
CLUSTER_SETTING=/etc/postgresql-common/createcluster.d/zhibao.conf

without_system_cluster() {
    local status=0
    as_root mkdir -p "${CLUSTER_SETTING%/*}"
    echo 'create_main_cluster = false' | as_root tee "$CLUSTER_SETTING" >/dev/null
    "$@" || status=$?
    as_root rm -f "$CLUSTER_SETTING"
    return "$status"
}

# packages_install SECTION...
packages_install() {
    local package
    missing=()
    while read -r package; do
        package_present "$package" || missing+=("$package")
    done < <(packages_of "$@")
    if [ ${#missing[@]} -eq 0 ]; then
        done_ "都已装好" "all present"
        return 0
    fi
    if [ "$(id -u)" -ne 0 ]; then as_root true; fi
    local install=(apt_install "${missing[@]}")
    case " ${missing[*]} " in *' postgresql '*) install=(without_system_cluster "${install[@]}") ;; esac
    logged "$LOGS/packages.log" "${install[@]}" ||
        die "软件包没有装好：${missing[*]}" "could not install packages: ${missing[*]}"
    for package in "${missing[@]}"; do
        package_present "$package" ||
            die "软件包 $package 没有装好" "package $package was not installed"
    done
    done_ "已安装 ${#missing[@]} 个软件包" "${#missing[@]} packages installed"
}
