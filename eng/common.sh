# What the scripts of this folder share. Sourced, not run: root of the repository, messages, what a machine must have.

set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root"

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
# Build nodes and the compiler server would outlive the script.
export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false

say() { printf '%s\n' "$*"; }

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# Prints what the script's leading comment says.
usage() { sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; }

# Runs a command that has nothing to say unless it fails.
quietly() {
    local output
    output="$("$@" 2>&1)" || { printf '%s\n' "$output" >&2; fail "$* failed."; }
}

# Installs Debian packages, given as names or apt patterns; a machine without apt or root is told what it lacks.
apt_install() {
    local sudo=""

    if ! command -v apt-get > /dev/null; then
        fail "this machine lacks $*; install it and run this again."
    fi

    if [ "$(id -u)" != 0 ]; then
        sudo="$(command -v sudo)" || fail "this machine lacks $*; run as root: apt-get install $*"
    fi

    say "Installing $*"
    quietly $sudo apt-get update
    quietly $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

# The .NET SDK that global.json asks for, and the library that its globalization needs.
require_dotnet() {
    command -v dotnet > /dev/null || fail "the .NET 10 SDK is missing: https://dotnet.microsoft.com/download/dotnet/10.0"

    if [ "$(uname -s)" = Linux ] && [ -z "${DOTNET_SYSTEM_GLOBALIZATION_INVARIANT:-}" ] && ! ldconfig -p 2> /dev/null | grep -q libicuuc; then
        apt_install '^libicu[0-9]+$'
    fi

    dotnet --version > /dev/null || fail "the .NET SDK that global.json asks for is missing: https://dotnet.microsoft.com/download/dotnet/10.0"
}

# The programs of a PostgreSQL server; the tests start their own.
require_postgresql() {
    if ! compgen -G '/usr/lib/postgresql/*/bin/initdb' > /dev/null; then
        apt_install postgresql
    fi
}

# A Kafka download needs Java 17 or later.
require_java() {
    if [ -z "${JAVA_HOME:-}" ] && ! command -v java > /dev/null; then
        apt_install default-jre-headless
    fi
}
