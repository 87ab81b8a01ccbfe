#!/usr/bin/env bash
# Builds librdkafka, the native library under Confluent.Kafka, for machines whose package feed has no librdkafka.redist.
#
#   ./eng/librdkafka.sh            builds it if a restore fails without it
#   ./eng/librdkafka.sh --force    builds it in any case
#   ./eng/librdkafka.sh --remove   goes back to the feed's
#
# The source is the one that the npm package of Confluent's JavaScript client carries. The result is a package in eng/packages,
# which restores of this repository look into, and a Versions.props beside it with the version that fits. Neither is in git.

source "$(dirname "$0")/common.sh"

version=2.15.1
source_package=@confluentinc/kafka-javascript@1.10.1
folder="$root/eng/packages"

is_built() { [ -f "$folder/librdkafka.redist.$version.nupkg" ] && [ -f "$folder/Versions.props" ]; }

# NuGet keeps what it once restored under the name and version alone, so that one build would hide the next.
forget() { rm -rf "${NUGET_PACKAGES:-$HOME/.nuget/packages}/librdkafka.redist/$version"; }

remove() {
    if is_built; then
        forget
    fi

    rm -f "$folder/Versions.props" "$folder/librdkafka.redist.$version.nupkg"
}

platform() {
    case "$(uname -s)-$(uname -m)" in
        Linux-x86_64) say linux-x64 ;;
        Linux-aarch64) say linux-arm64 ;;
        *) fail "librdkafka.redist is not on this machine's package feed, and this script builds it on Linux only." ;;
    esac
}

compile() {
    apt_install gcc make libssl-dev libsasl2-dev libzstd-dev zlib1g-dev liblz4-dev libcurl4-openssl-dev
    command -v npm > /dev/null || apt_install npm

    say "Building librdkafka $version, about a minute"
    (cd "$work" && npm pack --silent "$source_package" > /dev/null && tar -xzf ./*.tgz)
    (cd "$work/package/deps/librdkafka" && bash ./configure && make -j"$(nproc)" -C src librdkafka.so.1) > "$work/build.log" 2>&1 ||
        { tail -n 40 "$work/build.log" >&2; fail "librdkafka did not build."; }
}

pack() {
    mkdir -p "$work/redist"
    strip --strip-unneeded -o "$work/redist/librdkafka.so" "$work/package/deps/librdkafka/src/librdkafka.so.1"
    cp "$work/package/deps/librdkafka/LICENSES.txt" "$work/redist/"
    cat > "$work/redist/librdkafka.redist.csproj" << PROJECT
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
    <Version>$version</Version>
    <Authors>librdkafka</Authors>
    <Description>librdkafka, built by eng/librdkafka.sh on this machine for this machine.</Description>
    <PackageLicenseFile>LICENSES.txt</PackageLicenseFile>
    <IncludeBuildOutput>false</IncludeBuildOutput>
    <SuppressDependenciesWhenPacking>true</SuppressDependenciesWhenPacking>
    <NoWarn>NU5128</NoWarn>
  </PropertyGroup>
  <ItemGroup>
    <None Include="librdkafka.so" Pack="true" PackagePath="runtimes/$runtime/native/librdkafka.so" />
    <None Include="LICENSES.txt" Pack="true" PackagePath="/" />
  </ItemGroup>
</Project>
PROJECT
    dotnet pack "$work/redist/librdkafka.redist.csproj" -v quiet -o "$folder"
    take
    cat > "$folder/Versions.props" << PROPS
<Project>
  <PropertyGroup>
    <ConfluentKafkaVersion>$version</ConfluentKafkaVersion>
  </PropertyGroup>
</Project>
PROPS
}

# Puts the package where NuGet looks before it asks any feed.
take() {
    forget
    mkdir -p "$work/user"
    cat > "$work/user/user.csproj" << PROJECT
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="librdkafka.redist" Version="[$version]" />
  </ItemGroup>
</Project>
PROJECT
    dotnet restore "$work/user/user.csproj" -v quiet --source "$folder"
}

build() {
    runtime="$(platform)"
    work="$(mktemp -d)"
    trap 'rm -rf "$work"' EXIT
    compile
    pack
    say "Built eng/packages/librdkafka.redist.$version.nupkg for $runtime"
}

require_dotnet

case "${1:-}" in
    --force) build ;;
    --remove) remove ;;
    "")
        if ! is_built && ! restore_log="$(dotnet restore Messaging.Patterns.sln -v quiet)"; then
            # Anything else that is wrong with a restore, an unreachable feed among it, is not for this script.
            grep -qE 'NU110[0-3].*(librdkafka\.redist|Confluent\.Kafka)' <<< "$restore_log" || fail "$restore_log"
            build
        fi
        ;;
    *) usage >&2; exit 2 ;;
esac
