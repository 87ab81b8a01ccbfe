#!/usr/bin/env bash
# Runs the shop of samples/Shop: customers with accounts, orders, balances, with Kafka as the only store of truth.
#
#   ./eng/run.sh                      shows it on the embedded broker; no Kafka is needed
#   ./eng/run.sh --kafka HOST:PORT    shows it on a real Kafka
#   ./eng/run.sh --postgres STRING    keeps the tables in a PostgreSQL (such as "Host=localhost;Username=postgres"), in a database of its own that is dropped at the end
#   ./eng/run.sh --port PORT          serves the page on another port than 5080
#   ./eng/run.sh --check              runs 1,000 orders through it, with a crash and a bug in the middle and a rewind, and verifies what comes out; with --kafka and --postgres as well
#
# Without --check it runs until Ctrl+C. With it, it exits with 0 when all is well and with 1 when something is lost, doubled or made up.

source "$(dirname "$0")/common.sh"

[ "${1:-}" != --help ] || { usage; exit 0; }

require_dotnet
./eng/librdkafka.sh

say "Building the shop (the first time takes a minute)."
dotnet build samples/Shop/Shop.Demo -c Release -v quiet -clp:NoSummary
exec dotnet samples/Shop/Shop.Demo/bin/Release/net10.0/Shop.Demo.dll "$@"
