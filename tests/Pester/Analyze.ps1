#Requires -Version 7.4
<#
.SYNOPSIS
    Runs PSScriptAnalyzer on every script of the repository and on every example of its pages, and fails if it finds anything.
.DESCRIPTION
    Needs the module PSScriptAnalyzer, and the module under out/ for its manifest. It uses the default rules and those of the Gallery, of all severities.
#>
[CmdletBinding()]
param()

$ErrorActionPreference = 'Stop'
if (-not (Get-Module PSScriptAnalyzer -ListAvailable)) {
    throw 'PSScriptAnalyzer is not installed. Run: Install-PSResource PSScriptAnalyzer'
}

. (Join-Path $PSScriptRoot 'Emulator.ps1')
$root = Get-RepositoryRoot

function Get-Finding {
    param([string] $Name, [hashtable] $What)

    @(Invoke-ScriptAnalyzer @What) + @(Invoke-ScriptAnalyzer @What -Settings PSGallery) |
        ForEach-Object { "$Name, line $($_.Line): $($_.RuleName): $($_.Message)" }
}

function Get-RepositoryFile {
    param([string[]] $Include)

    Get-ChildItem $root -Include $Include -Recurse |
        Where-Object { [IO.Path]::GetRelativePath($root, $_.FullName) -notmatch '(^|[\\/])(artifacts|out|bin|obj|\.git)[\\/]' }
}

if (-not (Get-Finding 'This example' @{ ScriptDefinition = 'gci | % { $x = $_ }' })) {
    throw 'PSScriptAnalyzer finds nothing in a script with known faults.'
}

$scripts = @(Get-RepositoryFile *.ps1, *.psm1) + (Get-Item (Get-ModuleManifest))
$findings = @(
    foreach ($script in $scripts) {
        $name = [IO.Path]::GetRelativePath($root, $script.FullName)
        Get-Finding $name @{ Path = $script.FullName }

        # No rule is switched off.
        Select-String -LiteralPath $script.FullName -Pattern ('Suppress' + 'Message'), ('-AsPlain' + 'Text') | ForEach-Object { "$name, line $($_.LineNumber): $($_.Line)" }
    }

    foreach ($page in Get-RepositoryFile *.md) {
        $name = [IO.Path]::GetRelativePath($root, $page.FullName)
        [regex]::Matches((Get-Content -LiteralPath $page.FullName -Raw), '(?ms)^```powershell\r?\n(.*?)^```') |
            ForEach-Object { Get-Finding $name @{ ScriptDefinition = $_.Groups[1].Value } }
    }
)
$findings
"$($scripts.Count) scripts, $($findings.Count) findings"
if ($findings) {
    throw 'PSScriptAnalyzer has found something.'
}
