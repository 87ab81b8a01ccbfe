#!/usr/bin/env bash
# Runs processes that use the library on real servers, makes brokers, networks and processes fail, and judges what they saw.
#
#   ./eng/chaos.sh NAME --minutes N --seed S    a scenario for so long; the seed decides which faults come, and what clients do
#   ./eng/chaos.sh NAME --seconds N             the same, shorter, with a seed drawn at random
#   ./eng/chaos.sh --list                       what there is
#
# KAFKA_HOME names a Kafka 4.x download, of which three nodes are started on free ports; outbox and inbox start an installed PostgreSQL too.
# The last line is "chaos NAME acked=N lost=N duplicated=N reordered=N faults=N". Exits with 1 when a guarantee did not hold; it then
# prints the seed and the history around each violation. docs/chaos.md says what is done and judged.

source "$(dirname "$0")/common.sh"

if [ "${1:-}" = --help ]; then
    usage
    exit 0
fi

require_dotnet

if [ -n "${KAFKA_HOME:-}" ]; then
    require_java
fi

case "${1:-}" in outbox | inbox) require_postgresql ;; esac

./eng/librdkafka.sh

project=tests/Messaging.Patterns.Chaos
dotnet build "$project" -c Release -v quiet -clp:NoSummary
exec dotnet "$project/bin/Release/net10.0/Messaging.Patterns.Chaos.dll" "$@"
