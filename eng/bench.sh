#!/usr/bin/env bash
# Measures the library against code without it that does the same work, in the same process and in turn.
#
#   ./eng/bench.sh NAME...    one benchmark, or several
#   ./eng/bench.sh            all of them, under 10 minutes
#   ./eng/bench.sh --list     what there is
#
# KAFKA_BOOTSTRAP_SERVERS names a running Kafka; else KAFKA_HOME a Kafka 4.x download, of which one node is started.
# Those of outbox, inbox and event store on a database start an installed PostgreSQL too.
# The last lines are the figures: "figure NAME/WHAT VALUE UNIT". docs/benchmarks.md says what they mean.

source "$(dirname "$0")/common.sh"

if [ "${1:-}" = --help ]; then
    usage
    exit 0
fi

require_dotnet

if [ -n "${KAFKA_HOME:-}" ]; then
    require_java
fi

case " $*" in *" outbox-"* | *" inbox"* | *" efstore-"*) require_postgresql ;; esac

./eng/librdkafka.sh

# A broker as it is run for long, with all of the JVM's compilers.
export KAFKA_HEAP_OPTS="${KAFKA_HEAP_OPTS:--Xms256m -Xmx384m}"

project=tests/Messaging.Patterns.Benchmarks
dotnet build "$project" -c Release -v quiet -clp:NoSummary
exec dotnet "$project/bin/Release/net10.0/Messaging.Patterns.Benchmarks.dll" "$@"
