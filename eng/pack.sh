#!/usr/bin/env bash
# Makes the packages, with symbols beside them.
#
#   ./eng/pack.sh            into artifacts/packages
#   ./eng/pack.sh FOLDER     into another folder
#
# Builds from scratch, away from the folders that development builds into, so that nothing left there gets into a package. The
# same commit always gives the same assemblies, wherever the repository lies.

source "$(dirname "$0")/common.sh"

output="${1:-$root/artifacts/packages}"
# Below the root, whose place on this machine the compiler replaces in everything it writes.
build="$root/artifacts/pack"

case "$output" in
    --help) usage; exit 0 ;;
    -*) usage >&2; exit 2 ;;
esac

require_dotnet
./eng/librdkafka.sh

rm -rf "$build"
mkdir -p "$output"
rm -f "$output"/Messaging.Patterns*.nupkg "$output"/Messaging.Patterns*.snupkg

for project in src/*/*.csproj; do
    dotnet pack "$project" -c Release -v quiet -clp:NoSummary --artifacts-path "$build" -o "$output" -p:ContinuousIntegrationBuild=true
done

rm -rf "$build"
ls -1 "$output"
