@{
    RootModule           = 'ShakenFist.Blobs.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = '0d3c8f0e-6f0b-4b8e-9a4f-5b7d0b0f8c57'
    Author               = 'The ShakenFist.Blobs authors'
    CompanyName          = 'Community'
    Copyright            = '(c) The ShakenFist.Blobs authors. Apache-2.0.'
    Description          = 'Cmdlets for the blobs of a Shaken Fist cloud: list blobs, find them by hash, save their data to verified files, and resume interrupted transfers.'
    CompatiblePSEditions = 'Core'
    PowerShellVersion    = '7.4'
    FormatsToProcess     = 'ShakenFist.Blobs.format.ps1xml'
    TypesToProcess       = 'ShakenFist.Blobs.types.ps1xml'
    FunctionsToExport    = @()
    VariablesToExport    = @()
    AliasesToExport      = @()
    # Written with commas, not one a line in @( ): that would be a statement for each, and take PowerShell as long again to run.
    CmdletsToExport      = 'Checkpoint-SfInstance',
                           'Connect-ShakenFist',
                           'Disconnect-ShakenFist',
                           'Export-SfBlobGraph',
                           'Find-SfBlobByHash',
                           'Get-SfArtifact',
                           'Get-SfBlob',
                           'Get-SfBlobChecksum',
                           'Get-SfBlobData',
                           'Get-SfBlobEvent',
                           'Get-SfBlobMetadata',
                           'Get-SfBlobReference',
                           'Get-SfBlobTransfer',
                           'Get-SfCapability',
                           'Get-SfImageInfo',
                           'Get-SfInstance',
                           'Get-SfSession',
                           'New-SfBlobMetadata',
                           'Remove-SfArtifact',
                           'Remove-SfBlobMetadata',
                           'Remove-SfBlobTransfer',
                           'Resume-SfBlobTransfer',
                           'Save-SfBlobData',
                           'Set-SfArtifact',
                           'Set-SfBlobMetadata',
                           'Test-SfBlobData',
                           'Test-SfCapability',
                           'Wait-SfBlob'
    PrivateData          = @{
        PSData = @{
            Tags         = 'ShakenFist', 'Cloud', 'Blob', 'qcow2', 'Download', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS'
            LicenseUri   = 'https://www.apache.org/licenses/LICENSE-2.0'
            ProjectUri   = 'https://github.com/shakenfist/shakenfist-blobs-powershell'
            IconUri      = 'https://github.com/shakenfist/shakenfist-blobs-powershell/raw/main/docs/images/icon.png'
            ReleaseNotes = 'https://github.com/shakenfist/shakenfist-blobs-powershell/blob/main/CHANGELOG.md'
        }
    }
}
