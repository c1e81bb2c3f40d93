#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0.0' }

BeforeAll {
    . (Join-Path $PSScriptRoot 'Emulator.ps1')
    $script:emulator = Start-Emulator
    Import-Module (Get-ModuleManifest) -Force
    $script:session = Connect-ShakenFist $emulator.Url $emulator.Admin
    $script:known = 'd3a00004-7a1e-4c52-9c0b-6f1f5e0a0004'
    $script:unknown = '00000000-1111-4222-8333-444444444444'
    $script:folder = Join-Path $TestDrive 'saved'
    $null = New-Item $folder -ItemType Directory
    $script:key = $emulator.Admin.GetNetworkCredential().Password

    # For each command, a call that succeeds and one that fails.
    $script:calls = @{
        'Checkpoint-SfInstance'  = { Checkpoint-SfInstance web-1 -TimeoutSeconds 30; Checkpoint-SfInstance none }
        'Connect-ShakenFist'     = { Connect-ShakenFist $emulator.Url $emulator.Admin; Connect-ShakenFist $emulator.Url (ConvertTo-Credential system "$key.") }
        'Disconnect-ShakenFist'  = { $other = Connect-ShakenFist $emulator.Url $emulator.Admin; Disconnect-ShakenFist $other; Get-SfBlob $known -Session $other; Connect-ShakenFist $emulator.Url $emulator.Admin }
        'Export-SfBlobGraph'    = { Export-SfBlobGraph $known (Join-Path $folder graph.html) -Force -PassThru; Export-SfBlobGraph $unknown }
        'Find-SfBlobByHash'     = { Find-SfBlobByHash (Get-SfBlob $known).Sha512; Find-SfBlobByHash ('a' * 128) -Required }
        'Get-SfArtifact'        = { Get-SfArtifact; Get-SfArtifact none }
        'Get-SfBlob'            = { Get-SfBlob; Get-SfBlob $known, $unknown }
        'Get-SfBlobChecksum'    = { Get-SfBlobChecksum $known, $unknown }
        'Get-SfBlobData'        = { Get-SfBlobData $known -First 10; Get-SfBlobData $unknown }
        'Get-SfBlobEvent'       = { Get-SfBlobEvent $known, $unknown }
        'Get-SfImageInfo'   = { Get-SfImageInfo $known, $unknown }
        'Get-SfBlobMetadata'    = { Get-SfBlobMetadata $known, $unknown }
        'Get-SfBlobReference'   = { Get-SfBlobReference $known, $unknown }
        'Get-SfBlobTransfer'    = { Get-SfBlobTransfer $folder; Get-SfBlobTransfer (Join-Path $folder none) }
        'Get-SfCapability'      = { Get-SfCapability; Get-SfCapability none }
        'Get-SfInstance'        = { Get-SfInstance; Get-SfInstance none }
        'Get-SfSession'         = { Get-SfSession }
        'New-SfBlobMetadata'    = { New-SfBlobMetadata $known made by -Force -PassThru; New-SfBlobMetadata $unknown made by }
        'Remove-SfArtifact'     = { Remove-SfArtifact debian-13 -KeepNewest 1; Remove-SfArtifact none -Force }
        'Remove-SfBlobMetadata' = { Remove-SfBlobMetadata $known made; Remove-SfBlobMetadata $unknown made }
        'Remove-SfBlobTransfer' = { Remove-SfBlobTransfer (Join-Path $folder none) }
        'Resume-SfBlobTransfer' = { Resume-SfBlobTransfer $folder -PassThru; Resume-SfBlobTransfer (Join-Path $folder none) }
        'Save-SfBlobData'       = { Save-SfBlobData $known $folder -Force -PassThru; Save-SfBlobData $unknown $folder; Save-SfBlobData $known (Join-Path $folder none/x) }
        'Set-SfArtifact'        = { Set-SfArtifact debian-13 -MaxVersions 4 -PassThru; Set-SfArtifact none -MaxVersions 4 }
        'Set-SfBlobMetadata'    = { Set-SfBlobMetadata $known owner ada -PassThru; Set-SfBlobMetadata $unknown owner ada }
        'Test-SfBlobData'       = { Test-SfBlobData $known (Join-Path $folder graph.html) -Detailed; Test-SfBlobData $known (Join-Path $folder none) }
        'Test-SfCapability'     = { Test-SfCapability blob-data-limit; Test-SfCapability none }
        'Wait-SfBlob'           = { Wait-SfBlob $known; Wait-SfBlob $unknown }
    }

    # The key, all tokens so far, and their encoded forms.
    function Get-Secret {
        $tokens = Get-EmulatorRequest $emulator | ForEach-Object { $_.headers.Authorization } | Where-Object { $_ } | ForEach-Object { $_ -replace '^Bearer ' }
        @($key) + $tokens | Sort-Object -Unique | ForEach-Object {
            $_
            [uri]::EscapeDataString($_)
            [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($_)).TrimEnd('=')
        }
    }
}

AfterAll {
    Disconnect-ShakenFist
    Remove-Module ShakenFist.Blobs
    Stop-Emulator $emulator
}

Describe 'Secrets' {
    It 'are tested with every command' {
        $calls.Keys | Sort-Object | Should -Be ((Get-Command -Module ShakenFist.Blobs).Name | Sort-Object)
    }

    It 'are not output by any command' {
        $transcript = Join-Path $TestDrive 'transcript.txt'
        $told = [Text.StringBuilder]::new()
        $VerbosePreference = $DebugPreference = $WarningPreference = $ErrorActionPreference = 'Continue'
        $null = Start-Transcript $transcript
        try {
            foreach ($name in $calls.Keys | Sort-Object) {
                $Error.Clear()
                $output = [Collections.Generic.List[object]]::new()
                try {
                    & $calls[$name] *>&1 | ForEach-Object { $output.Add($_) }
                }
                catch {
                    $output.Add($_)
                }

                $null = $told.AppendLine(($output | Where-Object { $_ -isnot [Management.Automation.InformationalRecord] } | Format-List * -Force | Out-String -Width 4000))
                $null = $told.AppendLine(($output | Out-String -Width 4000))
                $null = $told.AppendLine(($Error | Select-Object -First 2 | Get-Error | Out-String -Width 4000))

                # The default depth for an error. Deeper levels only contain objects of the engine.
                $records, $others = $output.Where({ $_ -is [Management.Automation.ErrorRecord] }, 'Split')
                $null = $told.AppendLine(($others | ConvertTo-Json -Depth 5 -WarningAction Ignore))
                $null = $told.AppendLine(($records | ConvertTo-Json -Depth 1 -WarningAction Ignore))
                $output | Export-Clixml (Join-Path $TestDrive "$name.xml")
                $output | Out-Host
            }
        }
        finally {
            $VerbosePreference = $DebugPreference = 'SilentlyContinue'
            $ErrorActionPreference = 'Stop'
            $null = Stop-Transcript
        }

        $files = Get-ChildItem $TestDrive -File -Recurse
        $files.Name | Should -Contain 'Save-SfBlobData.xml'
        $everything = $told.ToString() + (($files | Get-Content -Raw) -join "`n")
        $everything | Should -Match 'request id'
        $secrets = Get-Secret
        $secrets.Count | Should -BeGreaterThan 3
        foreach ($secret in $secrets) {
            $everything.Contains($secret) | Should -BeFalse -Because 'it is secret'
        }
        $everything.Contains('Authorization:') | Should -BeFalse
    }
}
