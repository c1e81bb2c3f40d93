Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

# The commands of the tour that were run.
$script:commands = [Collections.Generic.List[string]]::new()

<#
.SYNOPSIS
    Prepares the session of the playground: connects, shows the tour, and sets up the prompt.
.DESCRIPTION
    The tour is a script such as Tour.ps1. An empty line begins a new screen. Comments are shown in green; every other line is shown and run.
.PARAMETER Invoke
    Runs the text of a command. The block comes from the global scope, so that variables of the tour exist at the prompt.
.PARAMETER Interactive
    The session continues at a prompt, and the tour waits for a key after each screen.
#>
function Start-Playground {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)] [string] $Title,
        [Parameter(Mandatory)] [scriptblock] $Invoke,
        [switch] $Tour,
        [switch] $Interactive,
        [switch] $Picture
    )

    if (-not $PSCmdlet.ShouldProcess($Title)) {
        return
    }

    if (-not $Interactive) {
        # One stream, so that errors are in their place.
        [Console]::SetError([Console]::Out)
        $PSStyle.OutputRendering = $Picture ? 'Ansi' : 'PlainText'
    }

    if ($Picture) {
        Show-Tour -Path (Join-Path $PSScriptRoot Picture.ps1) -Invoke $Invoke
        return
    }

    if ($Interactive) {
        Initialize-Prompt
    }

    if ($env:SHAKENFIST_API_URL) {
        $null = Connect-ShakenFist
    }

    Write-Host $Title
    if ($Tour) {
        Show-Tour -Path (Join-Path $PSScriptRoot Tour.ps1) -Invoke $Invoke -Interactive:$Interactive
    }

    if ($Interactive) {
        Write-Host "`nPowerShell with the module imported. Try: help Save-SfBlobData -Examples"
        Write-Host 'Tab completes a word, Up recalls a command, exit ends the session.'
    }
}

# The history begins with the commands of the tour and ends with the session. The history file of the user is neither read nor written.
function Initialize-Prompt {
    if (Get-Module PSReadLine) {
        Set-PSReadLineOption -HistorySaveStyle SaveNothing -HistorySavePath (Join-Path ([IO.Path]::GetTempPath()) "sf-playground-$PID-does-not-exist")
        Set-PSReadLineKeyHandler -Key Tab -Function MenuComplete
    }

    # At the first prompt the history contains the command that called this module. PSReadLine reads the history after that prompt.
    $prompt = $function:global:prompt
    $commands = $script:commands
    $function:global:prompt = {
        Clear-History
        $now = [datetime]::Now
        foreach ($command in $commands) {
            Add-History ([pscustomobject]@{ CommandLine = $command; ExecutionStatus = 'Completed'; StartExecutionTime = $now; EndExecutionTime = $now })
        }

        $function:global:prompt = $prompt
        & $prompt
    }.GetNewClosure()
}

# Runs the tour in a separate directory, which is removed afterwards.
function Show-Tour {
    param([string] $Path, [scriptblock] $Invoke, [switch] $Interactive)

    $screens = (Get-Content -LiteralPath $Path -Raw).ReplaceLineEndings("`n").Trim() -split "`n`n+"
    $location = Get-Location
    $folder = [IO.Directory]::CreateTempSubdirectory('sf-tour-').FullName
    Set-Location -LiteralPath $folder
    try {
        for ($i = 0; $i -lt $screens.Count; $i++) {
            Write-Host ''
            Show-Screen -Line ($screens[$i] -split "`n") -Invoke $Invoke -Interactive:$Interactive
            if ($Interactive -and -not (Read-Next "Screen $($i + 1) of $($screens.Count)")) {
                break
            }
        }
    }
    finally {
        Set-Location -LiteralPath $location.Path
        Remove-Item -LiteralPath $folder -Recurse -Force
    }
}

function Show-Screen {
    param([string[]] $Line, [scriptblock] $Invoke, [switch] $Interactive)

    foreach ($text in $Line) {
        if ($text.StartsWith('#')) {
            Write-Host "$($PSStyle.Foreground.Green)$text$($PSStyle.Reset)"
            continue
        }

        Write-Host "PS> $($PSStyle.Bold)$text$($PSStyle.Reset)"
        $script:commands.Add($text)
        . $Invoke $text
    }
}

# Waits for a key. Returns whether the tour goes to its next screen.
function Read-Next {
    [OutputType([bool])]
    param([string] $Place)

    $text = "-- ${Place}. Enter: next. q: leave the tour. --"
    Write-Host "$($PSStyle.Dim)$text$($PSStyle.Reset)" -NoNewline
    try {
        [Console]::TreatControlCAsInput = $true
        do {
            $key = [Console]::ReadKey($true)
            $leave = $key.Key -in 'Q', 'Escape' -or ($key.Key -eq 'C' -and $key.Modifiers -eq 'Control')
        } until ($leave -or $key.Key -in 'Enter', 'Spacebar')
    }
    finally {
        [Console]::TreatControlCAsInput = $false
        Write-Host "`r$(' ' * $text.Length)`r" -NoNewline
    }

    -not $leave
}

Export-ModuleMember -Function Start-Playground
