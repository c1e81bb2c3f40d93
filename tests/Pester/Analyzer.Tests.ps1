#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0.0' }

BeforeDiscovery {
    . (Join-Path $PSScriptRoot 'Emulator.ps1')
    $script:isMissing = -not (Get-Module PSScriptAnalyzer -ListAvailable)
    if ($isMissing) {
        Write-Warning 'Not analysed: PSScriptAnalyzer is not installed (Install-PSResource PSScriptAnalyzer).'
    }

    # Every script of the repository, and the manifest where it lies with the files that it names.
    $root = Get-RepositoryRoot
    $script:scripts = Get-ChildItem $root -Include *.ps1, *.psm1 -Recurse |
        Where-Object { [IO.Path]::GetRelativePath($root, $_.FullName) -notmatch '(^|[\\/])(artifacts|out|bin|obj|\.git)[\\/]' } |
        ForEach-Object { @{ Name = [IO.Path]::GetRelativePath($root, $_.FullName); Path = $_.FullName } }
    $scripts += @{ Name = 'ShakenFist.Blobs.psd1'; Path = Get-ModuleManifest }

    # Every page with PowerShell in it.
    $script:pages = Get-ChildItem $root -Filter *.md -Recurse |
        Where-Object { [IO.Path]::GetRelativePath($root, $_.FullName) -notmatch '(^|[\\/])(artifacts|out|bin|obj|\.git)[\\/]' } |
        Where-Object { Select-String -LiteralPath $_.FullName -Pattern '^```powershell' -Quiet } |
        ForEach-Object { @{ Name = [IO.Path]::GetRelativePath($root, $_.FullName); Path = $_.FullName } }
}

BeforeAll {
    # The aim is to find nothing at all, of whatever severity, neither by the rules that apply by default nor by those of the Gallery.
    function Get-Finding {
        param([hashtable] $What)

        @(Invoke-ScriptAnalyzer @What) + @(Invoke-ScriptAnalyzer @What -Settings PSGallery) |
            ForEach-Object { "$($_.RuleName), line $($_.Line): $($_.Message)" }
    }
}

Describe 'PSScriptAnalyzer' -Skip:$isMissing {
    It 'finds nothing in <Name>' -ForEach $scripts {
        Get-Finding @{ Path = $Path } | Should -BeNullOrEmpty
    }

    It 'finds nothing in the examples of <Name>' -ForEach $pages {
        $examples = [regex]::Matches((Get-Content -LiteralPath $Path -Raw), '(?ms)^```powershell\r?\n(.*?)^```')

        $examples | Should -Not -BeNullOrEmpty
        foreach ($example in $examples) {
            Get-Finding @{ ScriptDefinition = $example.Groups[1].Value } | Should -BeNullOrEmpty -Because $example.Groups[1].Value
        }
    }

    It 'is not told to look away' -ForEach $scripts {
        $word = 'Suppress' + 'Message'

        Select-String -LiteralPath $Path -Pattern $word, ('-AsPlain' + 'Text') | Should -BeNullOrEmpty
    }

    It 'would find something' {
        Get-Finding @{ ScriptDefinition = 'gci | % { $x = $_ }' } | Should -Not -BeNullOrEmpty
    }
}
