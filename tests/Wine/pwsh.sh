# Creates PowerShell 7 for Windows for tests/Wine/run: pwsh.exe of the .NET tool, with a .NET runtime from the runtime packages.

pester_version=5.7.1

# The version that the project pins, or else the version that this script was written for.
pwsh_version() {
    local version
    version=$(sed -n '/"powershell"/,/}/s/.*"version": *"\([^"]*\)".*/\1/p' "$root/.config/dotnet-tools.json")
    echo "${version:-7.6.9}"
}

# Restores packages that no project of the repository references.
fetch_packages() {
    mkdir -p "$work/packages"
    cat >"$work/packages/Packages.csproj" <<XML
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
  </PropertyGroup>
  <ItemGroup>
    <PackageDownload Include="Microsoft.NETCore.App.Runtime.win-x64;Microsoft.AspNetCore.App.Runtime.win-x64;Microsoft.WindowsDesktop.App.Runtime.win-x64"
                     Version="[\$(BundledNETCoreAppPackageVersion)]" />
    <PackageDownload Include="PowerShell" Version="[$(pwsh_version)]" />
    <PackageDownload Include="Pester" Version="[$pester_version]" />
  </ItemGroup>
</Project>
XML
    timeout 300 dotnet restore "$work/packages" --verbosity quiet >"$work/logs/packages.log" 2>&1 || { cat "$work/logs/packages.log" >&2; exit 1; }
}

prepare_pwsh() {
    local cache version framework pack target
    publish emulator src/ShakenFist.Blobs.Emulator
    [ -d "$work/clone/out" ] || timeout 600 dotnet build "$work/clone/src/ShakenFist.Blobs" --configuration Release --verbosity quiet >"$work/logs/module.log" 2>&1
    fetch_packages
    cache=$(dotnet msbuild "$work/packages/Packages.csproj" -getProperty:NuGetPackageRoot)
    version=$(dotnet msbuild "$work/packages/Packages.csproj" -getProperty:BundledNETCoreAppPackageVersion)
    rm -rf "$work/dotnet" "$work/pwsh" "$work/pester"
    for framework in NETCore AspNetCore WindowsDesktop; do
        pack=${cache}microsoft.${framework,,}.app.runtime.win-x64/$version/runtimes/win-x64
        target=$work/dotnet/shared/Microsoft.$framework.App/$version
        mkdir -p "$target"
        cp "$pack"/lib/net*/*.* "$target"
        if [ -d "$pack/native" ]; then
            cp "$pack"/native/*.* "$target"
        fi
    done

    mkdir -p "$work/dotnet/host/fxr/$version" "$work/pester"
    mv "$work/dotnet/shared/Microsoft.NETCore.App/$version/hostfxr.dll" "$work/dotnet/host/fxr/$version/"
    cp -R "${cache}powershell/$(pwsh_version)/tools/net10.0/any/win" "$work/pwsh"
    emit_invokes "$work/pwsh/pwsh.runtimeconfig.json"
    cp -R "${cache}pester/$pester_version/tools" "$work/pester/Pester"
}

# Runs one file of the Pester suite. pwsh.exe needs a terminal; script provides one.
start_file() {
    local job=$1 file=$3 log=$4 code=0
    rm -f "$log.terminal"
    : >"$log"
    cd "$work/clone"
    DOTNET_ROOT="Z:${work//\//\\}\\dotnet" SHAKENFIST_TEST_EMULATORPATH="Z:${programs//\//\\}\\emulator\\ShakenFist.Blobs.Emulator.exe" \
        run_program "$job" "$log.terminal" script --quiet --return --command \
        "wine '$work/pwsh/pwsh.exe' -NoProfile -File 'Z:$here/Invoke-PesterFile.ps1' -Path 'Z:$work/clone/tests/Pester/$file' -PesterPath 'Z:$work/pester/Pester/Pester.psd1' -LeftOutPath 'Z:$work/logs/left-out' -OutputPath 'Z:$log'" \
        /dev/null || code=$?
    return $code
}
