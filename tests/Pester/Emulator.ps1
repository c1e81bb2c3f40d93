<#
.SYNOPSIS
    Starts an emulated cluster in a separate process, for tests.
.DESCRIPTION
    Dot-source it, then call Start-Emulator and, at the end, Stop-Emulator. The object that Start-Emulator returns has the URL, credentials
    of the administrator and of an ordinary namespace, and the process.
#>

function Get-RepositoryRoot {
    Split-Path (Split-Path $PSScriptRoot)
}

function Get-EmulatorPath {
    $built = Join-Path (Get-RepositoryRoot) 'artifacts/bin/ShakenFist.Blobs.Emulator'
    $found = Get-ChildItem $built -Filter 'ShakenFist.Blobs.Emulator.dll' -Recurse | Sort-Object LastWriteTime | Select-Object -Last 1
    if (-not $found) {
        throw 'The emulator is not built: run dotnet build first.'
    }

    $found.FullName
}

# The folder that contains the module under test, to add to the module path: out/, or the one specified by Invoke-Suite.ps1.
function Get-ModulePath {
    $env:SHAKENFIST_TEST_MODULEPATH ? $env:SHAKENFIST_TEST_MODULEPATH : (Join-Path (Get-RepositoryRoot) 'out')
}

# The manifest of the module under test.
function Get-ModuleManifest {
    $version = (Import-PowerShellDataFile (Join-Path (Get-RepositoryRoot) 'ShakenFist.Blobs.psd1')).ModuleVersion
    Join-Path (Get-ModulePath) "ShakenFist.Blobs/$version/ShakenFist.Blobs.psd1"
}

function ConvertTo-Credential {
    [OutputType([pscredential])]
    param([string] $Namespace, [string] $Key)

    $secret = [securestring]::new()
    $Key.ToCharArray() | ForEach-Object { $secret.AppendChar($_) }
    $secret.MakeReadOnly()
    [pscredential]::new($Namespace, $secret)
}

function Start-Emulator {
    [CmdletBinding(SupportsShouldProcess)]
    param([string[]] $ArgumentList = @())

    if (-not $PSCmdlet.ShouldProcess('Emulator', 'Start')) {
        return
    }

    $keys = @{ system = [guid]::NewGuid().ToString('N'); carrot = [guid]::NewGuid().ToString('N') }
    # Without the .NET SDK, the emulator is a separate program, as under Wine.
    $program = $env:SHAKENFIST_TEST_EMULATORPATH
    $start = [Diagnostics.ProcessStartInfo]@{ FileName = $program ? $program : 'dotnet'; RedirectStandardOutput = $true; RedirectStandardInput = $true }
    $own = @($program ? @() : (Get-EmulatorPath); '--port', '0', '--admin-key', $keys.system, '--namespace', "carrot:$($keys.carrot)")
    $own + $ArgumentList | ForEach-Object { $start.ArgumentList.Add($_) }
    $process = [Diagnostics.Process]::Start($start)

    # It prints its three settings when it is ready. If it ends before that, the line is null. The time limit only ends a process that hangs.
    $line = $process.StandardOutput.ReadLineAsync()
    if (-not $line.Wait([timespan]::FromMinutes(5)) -or $line.Result -notmatch '^SHAKENFIST_API_URL=(?<url>.+)$') {
        $process.Kill()
        throw 'The emulator did not start.'
    }

    [pscustomobject]@{
        Url     = $Matches.url
        Admin   = ConvertTo-Credential system $keys.system
        User    = ConvertTo-Credential carrot $keys.carrot
        Process = $process
    }
}

function Stop-Emulator {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory)] [pscustomobject] $Emulator)

    if ($PSCmdlet.ShouldProcess($Emulator.Url, 'Stop')) {
        $Emulator.Process.Kill()
        $Emulator.Process.WaitForExit()
        $Emulator.Process.Dispose()
    }
}

# Calls a control endpoint of the emulator. See docs/design/emulator.md.
function Invoke-EmulatorControl {
    param([Parameter(Mandatory)] [pscustomobject] $Emulator, [string] $Method = 'Get', [string] $Path, [hashtable] $Body)

    $options = @{ Method = $Method; Uri = [uri]::new([uri]$Emulator.Url, "/emulator/$Path") }
    if ($Body) {
        $options.Body = $Body | ConvertTo-Json -Depth 10
        $options.ContentType = 'application/json'
    }

    # Invoke-RestMethod outputs a JSON array as one object.
    Invoke-RestMethod @options | ForEach-Object { $_ }
}

# Injects a fault into the next requests.
function Add-EmulatorFault {
    param([Parameter(Mandatory)] [pscustomobject] $Emulator, [Parameter(Mandatory)] [hashtable] $Fault)

    $null = Invoke-EmulatorControl $Emulator -Method Post -Path faults -Body $Fault
}

function Clear-EmulatorFault {
    param([Parameter(Mandatory)] [pscustomobject] $Emulator)

    $null = Invoke-EmulatorControl $Emulator -Method Delete -Path faults
}

# Adds a blob that is generated from Size and Seed, with any fields of its record. Outputs its UUID.
function Add-EmulatorBlob {
    [OutputType([guid])]
    param([Parameter(Mandatory)] [pscustomobject] $Emulator, [Parameter(Mandatory)] [hashtable] $Blob)

    [guid](Invoke-EmulatorControl $Emulator -Method Post -Path blobs -Body $Blob).uuid
}

# Outputs the requests received so far, without control requests.
function Get-EmulatorRequest {
    param([Parameter(Mandatory)] [pscustomobject] $Emulator, [string] $Path = '*', [string] $Method = '*')

    Invoke-EmulatorControl $Emulator -Path requests | Where-Object { $_.Path -like $Path -and $_.Method -like $Method }
}

function Clear-EmulatorRequest {
    param([Parameter(Mandatory)] [pscustomobject] $Emulator)

    $null = Invoke-EmulatorControl $Emulator -Method Delete -Path requests
}

# Returns the three environment variables by which commands find the emulator.
function Get-EmulatorEnvironment {
    [OutputType([hashtable])]
    param([Parameter(Mandatory)] [pscustomobject] $Emulator, [pscredential] $Credential = $Emulator.Admin)

    @{
        SHAKENFIST_API_URL   = $Emulator.Url
        SHAKENFIST_NAMESPACE = $Credential.UserName
        SHAKENFIST_KEY       = $Credential.GetNetworkCredential().Password
    }
}

# Returns the program of this pwsh and its first arguments. If pwsh is a .NET tool, dotnet runs it.
function Get-PwshCommand {
    [OutputType([string[]])]
    param()

    $program = [Environment]::ProcessPath
    if ([IO.Path]::GetFileNameWithoutExtension($program) -eq 'dotnet') {
        $program, (Join-Path $PSHOME 'pwsh.dll')
    }
    else {
        $program
    }
}

# Starts another pwsh of the same version, without a profile, with these environment variables.
function Start-PwshProcess {
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType([Diagnostics.Process])]
    param([Parameter(Mandatory)] [string[]] $ArgumentList, [hashtable] $Environment = @{})

    if (-not $PSCmdlet.ShouldProcess("$ArgumentList", 'Start pwsh')) {
        return
    }

    $program, [string[]] $prefix = Get-PwshCommand
    $start = [Diagnostics.ProcessStartInfo]@{
        FileName = $program; RedirectStandardOutput = $true; RedirectStandardError = $true; RedirectStandardInput = $true
    }
    $prefix + '-NoProfile' + '-NonInteractive' + $ArgumentList | Where-Object { $_ } | ForEach-Object { $start.ArgumentList.Add($_) }
    $Environment.Keys | ForEach-Object { $start.Environment[$_] = $Environment[$_] }
    [Diagnostics.Process]::Start($start)
}

# Runs a command in another pwsh of the same version, without a profile.
function Invoke-Pwsh {
    param([Parameter(Mandatory)] [string] $Command)

    $program, [string[]] $prefix = Get-PwshCommand
    & $program @prefix -NoProfile -NonInteractive -Command $Command
}

function Wait-Until {
    param([Parameter(Mandatory)] [scriptblock] $Condition)

    $watch = [Diagnostics.Stopwatch]::StartNew()
    while (-not (& $Condition)) {
        if ($watch.Elapsed.TotalSeconds -gt 60) {
            throw "It did not come to that in 60 s: $Condition"
        }

        Start-Sleep -Milliseconds 50
    }
}
