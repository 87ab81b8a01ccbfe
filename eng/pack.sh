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
output="$(cd "$output" && pwd)"
rm -f "$output"/Messaging.Patterns*.nupkg "$output"/Messaging.Patterns*.snupkg

# One build of all takes half the time of one for each.
mkdir -p "$build"
projects="$(printf '"%s",' src/*/*.csproj)"
say "{ \"solution\": { \"path\": \"$root/Messaging.Patterns.sln\", \"projects\": [${projects%,}] } }" > "$build/packages.slnf"
dotnet pack "$build/packages.slnf" -c Release -v quiet -clp:NoSummary --artifacts-path "$build" -p:PackageOutputPath="$output" -p:ContinuousIntegrationBuild=true

rm -rf "$build"
ls -1 "$output"
