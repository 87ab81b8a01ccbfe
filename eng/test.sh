#!/usr/bin/env bash
# Builds everything and runs all tests: unit tests first, then those that need servers.
#
#   ./eng/test.sh           all tests
#   ./eng/test.sh --unit    without the tests that need servers
#
# KAFKA_HOME names a Kafka 4.x download, of which the tests start nodes on free ports; KAFKA_BOOTSTRAP_SERVERS a running Kafka.
# POSTGRES_CONNECTION is the connection string of a running PostgreSQL; else the tests start one of their own from the programs
# installed on this machine. What there is no server for is skipped with the reason; MESSAGING_PATTERNS_REQUIRE_SERVERS=1 makes
# it fail, and installs PostgreSQL where it is missing.
#
# The last line is "N passed, N failed, N skipped". Exits with 1 when a test failed, a test program crashed, a suite ran no
# test, or tests left processes or files behind.

source "$(dirname "$0")/common.sh"

suites=(tests/*.Tests tests/*.IntegrationTests)

case "${1:-}" in
    "") ;;
    --unit) suites=(tests/*.Tests) ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
esac

require_dotnet
./eng/librdkafka.sh

if [ -n "${KAFKA_HOME:-}" ]; then
    require_java
fi

if [ -z "${POSTGRES_CONNECTION:-}" ] && [ "${MESSAGING_PATTERNS_REQUIRE_SERVERS:-}" = 1 ]; then
    require_postgresql
fi

passed=0 failed=0 skipped=0
# Far from what any suite takes: a test that hangs is cancelled before (HangGuardAttribute); this ends what cannot be cancelled.
limit=40m

# The tests' own folder for temporary files: what is left in it, or by processes that know it, was left behind.
run="$(mktemp -d)"
trap 'rm -rf "$run"' EXIT
# A killed suite takes with it what it started; bash runs the trap only because it waits for the suite and does not run it itself.
running=""
trap '[ -z "$running" ] || kill -TERM "$running" 2> /dev/null || true; exit 143' INT TERM
mkdir "$run/tmp" "$run/reports"
# Database servers run as another user where tests run as root.
chmod a+x "$run"

# Adds up an attribute of the report of a suite; a suite may hold several assemblies.
count() { grep -o '<assembly [^>]*>' "$2" | sed "s/.* $1=\"\([0-9]*\)\".*/\1/" | awk '{ sum += $1 } END { print sum + 0 }'; }

run_suite() {
    local name program report status=0
    name="$(basename "$1")"
    program="$1/bin/Release/net10.0/$name.dll"
    report="$run/reports/$name.xml"

    say "== $name"
    TMPDIR="$run/tmp" timeout --kill-after=10s "$limit" dotnet "$program" -noLogo -noColor -result-xml "$report" < /dev/null &
    running=$!
    wait "$running" || status=$?

    if [ ! -s "$report" ]; then
        say "FAILED: $name ended with exit code $status and without a report."
        failed=$((failed + 1))
        return
    fi

    local ran unexpected
    ran=$(($(count passed "$report") + $(count failed "$report")))
    unexpected=$(($(count failed "$report") + $(count errors "$report")))
    passed=$((passed + $(count passed "$report")))
    skipped=$((skipped + $(count skipped "$report")))
    failed=$((failed + unexpected))

    if [ "$unexpected" = 0 ] && { [ "$status" != 0 ] || [ "$((ran + $(count skipped "$report")))" = 0 ]; }; then
        say "FAILED: $name ran $ran tests and ended with exit code $status."
        failed=$((failed + 1))
    fi
}

# Processes started by tests carry the temporary folder in their environment.
check_processes() {
    local environment pid left=()

    for environment in /proc/[0-9]*/environ; do
        if grep -qazF "TMPDIR=$run/tmp" "$environment" 2> /dev/null; then
            pid="${environment//[!0-9]/}"
            left+=("$pid: $(tr '\0' ' ' < "/proc/$pid/cmdline" 2> /dev/null | head -c 200)")
            kill -KILL "$pid" 2> /dev/null || true
        fi
    done

    if [ ${#left[@]} != 0 ]; then
        say "FAILED: tests left processes running (killed now):"
        printf '  %s\n' "${left[@]}"
        failed=$((failed + 1))
    fi
}

# The runtime's own sockets stay behind when a process is killed, which tests do.
check_files() {
    local left
    left="$(find "$run/tmp" -mindepth 1 -maxdepth 1 ! -name 'dotnet-diagnostic-*' ! -name 'clr-debug-pipe-*' -printf '  %f\n')"

    if [ -n "$left" ]; then
        say "FAILED: tests left temporary files:"
        say "$left"
        failed=$((failed + 1))
    fi
}

say "== build"
# The compiler as a server takes half the time. It is reached through the temporary folder, and ends with the build.
TMPDIR="$run" UseSharedCompilation=true dotnet build Messaging.Patterns.sln -c Release -v quiet -clp:NoSummary
TMPDIR="$run" dotnet build-server shutdown --vbcscompiler > /dev/null

for suite in "${suites[@]}"; do
    run_suite "$suite"
done

check_processes
check_files

say "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
