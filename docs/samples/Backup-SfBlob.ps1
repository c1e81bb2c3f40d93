#Requires -Version 7.4
#Requires -Modules ShakenFist.Blobs

<#
.SYNOPSIS
    Saves the blobs that are due for backup, verifies them, and records the results in their metadata.
.DESCRIPTION
    A blob with the metadata key 'backup' belongs to a series. The value of the key is the name of the series, such as 'database' for the
    snapshots of a database. The script keeps the newest -Keep blobs of each series in -Destination:

    - Blobs that are missing in the directory are saved. A file is accepted only if its hash matches the published hash. If the cluster has
      not published a hash yet, the blob is saved by a later run.
    - Beside each file, the script saves the record of the blob (.clixml). With the record, Test-SfBlobData can verify the file without the
      cluster.
    - The result is written to the metadata of the blob, with the key 'backup.result'. If the result is Saved and the file exists, the blob
      is skipped.
    - A transfer that was interrupted by -TimeoutSeconds, an error, or a killed process is resumed by the next run.
    - At the end, the oldest files of each series are removed until -Keep verified files are left. Files of blobs that no longer exist in the
      cluster are counted, too.

    Two runs can be active at the same time. A blob that one run is saving has the status Busy in the other run.

    The script uses the current session. If there is none, the first command connects with the settings in SHAKENFIST_API_URL,
    SHAKENFIST_NAMESPACE, and SHAKENFIST_KEY. Without -Uuid, the script lists all blobs. Only the system namespace can do this.

    Exit codes: 0 if all blobs that are due are saved. 1 if something failed. 2 if nothing failed, but some blobs are left for the next run.
.PARAMETER Destination
    Specifies the directory of the backup. It must exist. The script does not create it, because the files would then be written to the
    disk that contains the mount point if the backup disk is not mounted.
.PARAMETER Series
    Specifies the series to save. Wildcards are allowed. By default, all series are saved.
.PARAMETER Uuid
    Specifies the blobs to check. By default, all blobs of the cluster are checked.
.PARAMETER Key
    Specifies the metadata key that contains the name of the series. The default is 'backup'. For a second backup in another place, use
    another key, because the results are recorded with the name of the key.
.PARAMETER Keep
    Specifies how many blobs of each series to keep. The default is 7.
.PARAMETER TimeoutSeconds
    Specifies how long the script saves blobs, in seconds. The default is 21600 (six hours). Transfers that are not complete are resumed
    by the next run.
.PARAMETER Recheck
    Also verifies the existing files by their hashes. A file that differs is reported and not changed.
.OUTPUTS
    Returns one object for each blob: BlobUuid, Series, Status, Path, Size, Algorithm, Hash, BytesReceived, BytesResumed, ErrorId, Message.

    Status is one of the following: Saved, Current (the file already existed), Waiting (no checksum is published yet), Interrupted (the time
    limit was reached), Busy (another run is saving the blob), Failed, Unrecorded (the blob is saved, but the result couldn't be recorded), Due
    (-WhatIf), or Removed.
.EXAMPLE
    Get-SfBlob 'd3a00009-7a1e-4c52-9c0b-6f1f5e0a0009' | Set-SfBlobMetadata -Key backup -Value database
    ./Backup-SfBlob.ps1 -Destination /srv/backup

    Adds the blob to the series 'database', and saves the blobs that are due.
.EXAMPLE
    pwsh -NonInteractive -File ./Backup-SfBlob.ps1 -Destination /srv/backup -Series 'db-*' -Keep 14 -TimeoutSeconds 18000

    Runs the script from a timer. The exit code shows whether all blobs were saved.
.EXAMPLE
    ./Backup-SfBlob.ps1 -Destination /srv/backup -WhatIf | Where-Object Status -EQ Due

    Shows the blobs that would be saved. Nothing is fetched, written, or removed.
#>
[CmdletBinding(SupportsShouldProcess)]
[OutputType([pscustomobject])]
param(
    [Parameter(Mandatory, Position = 0)]
    [ValidateScript({ Test-Path -LiteralPath $_ -PathType Container }, ErrorMessage = "There is no directory '{0}'.")]
    [string] $Destination,

    [Parameter()]
    [ValidateNotNullOrEmpty()]
    [SupportsWildcards()]
    [string[]] $Series = '*',

    [Parameter()]
    [ValidateNotNullOrEmpty()]
    [guid[]] $Uuid,

    [Parameter()]
    [ValidateNotNullOrEmpty()]
    [string] $Key = 'backup',

    [Parameter()]
    [ValidateRange(1, 10000)]
    [int] $Keep = 7,

    [Parameter()]
    [ValidateRange(1, 86400)]
    [int] $TimeoutSeconds = 21600,

    [Parameter()]
    [switch] $Recheck
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$folder = Convert-Path -LiteralPath $Destination
$resultKey = "$Key.result"
$patterns = $Series.ForEach({ [WildcardPattern]::Get($_, 'IgnoreCase') })
$script:exitCode = 0

# Returns a blob with the data that the script needs to decide about it. Returns nothing if it belongs to none of the series.
function ConvertTo-Candidate {
    param([psobject] $Blob, [string] $Path)

    $name = $Blob.Metadata[$Key]
    if ($name -is [string] -and $patterns.IsMatch($name) -contains $true) {
        [pscustomobject]@{
            Uuid   = [guid]$Blob.Uuid
            Series = $name
            Time   = ($Blob.FetchedAt ?? $Blob.Modified ?? [datetime]::MinValue).ToUniversalTime()
            Size   = $Blob.Size
            Path   = $Path
            Blob   = $Blob
        }
    }
}

# Returns the blobs in the directory that have a record and a file of the correct length.
function Get-HeldBlob {
    foreach ($record in Get-ChildItem -LiteralPath $folder -Filter '*.clixml' -File) {
        $path = $record.FullName -replace '\.clixml$'
        try {
            $blob = Import-Clixml -LiteralPath $record.FullName
            if ((Test-Path -LiteralPath $path -PathType Leaf) -and (Get-Item -LiteralPath $path -Force).Length -eq $blob.Size) {
                ConvertTo-Candidate $blob $path
            }
        }
        catch {
            Write-Warning "'$($record.FullName)' was skipped, because it is not the record of a blob: $_"
        }
    }
}

function Select-Newest {
    param([object[]] $Candidate, [int] $Skip = 0, [int] $First = [int]::MaxValue)

    $Candidate | Group-Object -Property Series -CaseSensitive | ForEach-Object {
        $_.Group | Sort-Object -Property Time, Uuid -Descending | Select-Object -Skip $Skip | Select-Object -First $First
    }
}

function Get-ErrorId {
    param([Management.Automation.ErrorRecord] $Failure)

    $Failure.FullyQualifiedErrorId -replace ',.*'
}

# Creates the output object of a blob, and sets the exit code by its status.
function ConvertTo-Outcome {
    param([psobject] $Candidate, [string] $Status, [psobject] $Transfer, [Management.Automation.ErrorRecord] $Failure)

    $code = switch ($Status) {
        { $_ -in 'Failed', 'Unrecorded' } { 1 }
        { $_ -in 'Waiting', 'Interrupted', 'Busy' } { 2 }
        default { 0 }
    }
    if ($code -eq 1 -or $script:exitCode -eq 0) {
        $script:exitCode = $code
    }

    [pscustomobject]@{
        PSTypeName    = 'SfBlobBackup'
        BlobUuid      = $Candidate.Uuid
        Series        = $Candidate.Series
        Status        = $Status
        Path          = $Transfer ? $Transfer.Path : $Candidate.Path
        Size          = $Candidate.Size
        Algorithm     = $Transfer ? $Transfer.Algorithm : $null
        Hash          = $Transfer ? $Transfer.Hash : $null
        BytesReceived = $Transfer ? $Transfer.BytesReceived : 0
        BytesResumed  = $Transfer ? $Transfer.BytesResumed : 0
        ErrorId       = $Failure ? (Get-ErrorId $Failure) : $null
        Message       = $Failure ? "$Failure" : $null
    }
}

# Writes the result to the metadata of the blob.
function Write-BackupResult {
    param([guid] $BlobUuid, [hashtable] $Result)

    $Result.at = [datetime]::UtcNow.ToString('o')
    $Result.host = [Environment]::MachineName
    Set-SfBlobMetadata -Uuid $BlobUuid -Key $resultKey -Value $Result -Confirm:$false
}

# Records a saved blob: first in the record beside the file, which is renamed when it is complete, and then in the cluster.
function Complete-Backup {
    param([psobject] $Candidate, [psobject] $Transfer)

    $record = "$($Transfer.Path).clixml"
    try {
        $unfinished = "$record.$([IO.Path]::GetRandomFileName())"
        $Candidate.Blob | Export-Clixml -LiteralPath $unfinished -Depth 5 -Confirm:$false
        [IO.File]::Move($unfinished, $record, $true)
        Write-BackupResult $Candidate.Uuid @{
            status    = 'Saved'
            file      = [IO.Path]::GetFileName($Transfer.Path)
            algorithm = "$($Transfer.Algorithm)"
            hash      = $Transfer.Hash
        }
        ConvertTo-Outcome $Candidate -Status ($Transfer.Status -eq 'Unchanged' ? 'Current' : 'Saved') -Transfer $Transfer
    }
    catch {
        ConvertTo-Outcome $Candidate -Status Unrecorded -Transfer $Transfer -Failure $_
    }
}

# Records a blob that was not saved, unless another run is saving it.
function Complete-Failure {
    param([psobject] $Candidate, [Management.Automation.ErrorRecord] $Failure)

    $id = Get-ErrorId $Failure
    $status = switch ($id) {
        'TargetBusy' { 'Busy' }
        'TimeLimitReached' { 'Interrupted' }
        { $_ -in 'ChecksumNotPublished', 'BlobNotReady' } { 'Waiting' }
        default { 'Failed' }
    }
    if ($status -ne 'Busy') {
        try {
            Write-BackupResult $Candidate.Uuid @{ status = $status; error = $id }
        }
        catch {
            Write-Warning "The result of blob $($Candidate.Uuid), $status, could not be recorded: $_"
        }
    }

    ConvertTo-Outcome $Candidate -Status $status -Failure $Failure
}

# If the list can't be read completely, the script ends before it removes any file. A single blob that doesn't exist doesn't end it.
$missing = @()
$blobs = $Uuid ? (Get-SfBlob -Uuid $Uuid -ErrorAction SilentlyContinue -ErrorVariable missing) : (Get-SfBlob)
foreach ($failure in $missing) {
    $candidate = [pscustomobject]@{ Uuid = $failure.TargetObject; Series = $null; Path = $null; Size = $null }
    ConvertTo-Outcome $candidate -Status Failed -Failure $failure
}

$held = @{}
Get-HeldBlob | ForEach-Object { $held[$_.Uuid] = $_ }
$present = @{}
$blobs | Where-Object State -EQ created | ForEach-Object { ConvertTo-Candidate $_ } | ForEach-Object { $present[$_.Uuid] = $_ }
$known = @($present.Values) + @($held.Values | Where-Object { -not $present.ContainsKey($_.Uuid) })

$due = @{}
foreach ($candidate in Select-Newest $known -First $Keep | Where-Object { $present.ContainsKey($_.Uuid) }) {
    $result = $candidate.Blob.Metadata[$resultKey]
    $isDone = $result -is [Collections.IDictionary] -and $result['status'] -eq 'Saved' -and $held.ContainsKey($candidate.Uuid)
    if ($isDone -and -not $Recheck) {
        $candidate.Path = $held[$candidate.Uuid].Path
        ConvertTo-Outcome $candidate -Status Current
    }
    else {
        $due[$candidate.Uuid] = $candidate
    }
}

if ($due.Count -gt 0) {
    $options = @{ Verification = 'Required'; TimeoutSeconds = $TimeoutSeconds; ErrorAction = 'SilentlyContinue'; ErrorVariable = 'failures' }
    @($due.Values).Blob | Save-SfBlobData -LiteralPath $folder -PassThru @options | ForEach-Object {
        $candidate = $due[$_.BlobUuid]
        $due.Remove($_.BlobUuid)
        Complete-Backup $candidate $_
    }
    foreach ($failure in $failures) {
        $candidate = $due[$failure.TargetObject]
        $due.Remove($failure.TargetObject)
        Complete-Failure $candidate $failure
    }
}

# With -WhatIf, or after a confirmation prompt was answered with No.
foreach ($candidate in $due.Values) {
    ConvertTo-Outcome $candidate -Status Due
}

foreach ($old in Select-Newest @(Get-HeldBlob) -Skip $Keep) {
    if ($PSCmdlet.ShouldProcess($old.Path, "Remove, because $Keep newer blobs of its series are kept")) {
        try {
            # The record is removed last. Without the record, the script would never find the file again.
            Remove-Item -LiteralPath $old.Path, "$($old.Path).clixml" -Force -Confirm:$false
            ConvertTo-Outcome $old -Status Removed
        }
        catch {
            ConvertTo-Outcome $old -Status Failed -Failure $_
        }
    }
}

exit $script:exitCode
