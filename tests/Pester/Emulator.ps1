<#
.SYNOPSIS
    Starts an emulated cluster as a process of its own, for tests.
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

# The manifest of the module as it was laid out last.
function Get-ModuleManifest {
    $version = (Import-PowerShellDataFile (Join-Path (Get-RepositoryRoot) 'ShakenFist.Blobs.psd1')).ModuleVersion
    Join-Path (Get-RepositoryRoot) "out/ShakenFist.Blobs/$version/ShakenFist.Blobs.psd1"
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
    $start = [Diagnostics.ProcessStartInfo]@{ FileName = 'dotnet'; RedirectStandardOutput = $true; RedirectStandardInput = $true }
    $own = (Get-EmulatorPath), '--port', '0', '--admin-key', $keys.system, '--namespace', "carrot:$($keys.carrot)"
    $own + $ArgumentList | ForEach-Object { $start.ArgumentList.Add($_) }
    $process = [Diagnostics.Process]::Start($start)

    # It prints its three settings when it is ready, and nothing if it could not start.
    $line = $process.StandardOutput.ReadLineAsync()
    if (-not $line.Wait(30000) -or $line.Result -notmatch '^SHAKENFIST_API_URL=(?<url>.+)$') {
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

# Puts a fault into the emulator, by its control path; see docs/design/emulator.md for the kinds.
function Add-EmulatorFault {
    param([Parameter(Mandatory)] [pscustomobject] $Emulator, [Parameter(Mandatory)] [hashtable] $Fault)

    $uri = [uri]::new([uri]$Emulator.Url, '/emulator/faults')
    $null = Invoke-RestMethod -Method Post -Uri $uri -Body ($Fault | ConvertTo-Json) -ContentType 'application/json'
}

function Clear-EmulatorFault {
    param([Parameter(Mandatory)] [pscustomobject] $Emulator)

    $null = Invoke-RestMethod -Method Delete -Uri ([uri]::new([uri]$Emulator.Url, '/emulator/faults'))
}

function Get-EmulatorRequest {
    param([Parameter(Mandatory)] [pscustomobject] $Emulator)

    # Invoke-RestMethod gives a JSON array as one object.
    Invoke-RestMethod -Uri ([uri]::new([uri]$Emulator.Url, '/emulator/requests')) | ForEach-Object { $_ }
}
