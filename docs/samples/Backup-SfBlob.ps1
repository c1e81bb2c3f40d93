#Requires -Version 7.4
#Requires -Modules ShakenFist.Blobs

<#
.SYNOPSIS
    Saves the blobs that are due for backup, proves them, and keeps book of it in their metadata.
.DESCRIPTION
    A blob whose metadata has the key 'backup' belongs to the series that the key's value names, such as 'database' for the snapshots of a
    database. Of each series the newest -Keep blobs are kept in -Destination:

    - What is missing there is saved, and counts only when its hash is the published one. A blob whose checksum the cluster has not computed
      yet waits for the next run.
    - Beside each file lies the blob's record (.clixml), by which Test-SfBlobData proves the file without the cluster.
    - The result goes into the blob's metadata, under 'backup.result'. A blob whose result is Saved, and whose file is there, is passed over.
    - What was interrupted, by -Deadline, an error or a killed process, goes on where it was at the next run.
    - When all is done, the oldest files of a series are removed, until -Keep proven ones are left. Those of blobs that are no longer in
      the cluster count as well.

    Two runs at once do not harm each other: what one is at work on is Busy to the other.

    The script uses the session that is there, or the one that the first command makes from SHAKENFIST_API_URL, SHAKENFIST_NAMESPACE and
    SHAKENFIST_KEY. Without -Uuid it lists all blobs, which only the namespace system may.

    Exit code: 0, everything due is saved; 1, something failed; 2, nothing failed, but something is left to the next run.
.PARAMETER Destination
    The directory of the backup. It must exist: where a disk is not mounted, the one below it should not fill up.
.PARAMETER Series
    Only these series; wildcards are allowed.
.PARAMETER Uuid
    Look at these blobs only, in place of all that the cluster has.
.PARAMETER Key
    The metadata key that names the series. A second backup elsewhere takes a key of its own, since the results are kept under its name.
.PARAMETER Keep
    How many blobs of each series to keep.
.PARAMETER Deadline
    How long the saving may take in all. What is not done by then goes on at the next run.
.PARAMETER Recheck
    Also hold the files that are there already against their hashes. One that differs is reported and left as it is.
.OUTPUTS
    One object for each blob: BlobUuid, Series, Status, Path, Size, Algorithm, Hash, BytesReceived, BytesResumed, ErrorId, Message.

    Status is Saved, Current (it was there already), Waiting (no checksum is published yet), Interrupted (the time was over), Busy (another
    run is at work on it), Failed, Unrecorded (it is saved, but the result could not be written down), Due (-WhatIf), or Removed.
.EXAMPLE
    Get-SfBlob 'd3a00009-7a1e-4c52-9c0b-6f1f5e0a0009' | Set-SfBlobMetadata -Key backup -Value database
    ./Backup-SfBlob.ps1 -Destination /srv/backup

    Makes the blob one of the series 'database', and saves what is due.
.EXAMPLE
    pwsh -NonInteractive -File ./Backup-SfBlob.ps1 -Destination /srv/backup -Series 'db-*' -Keep 14 -Deadline 05:00:00

    As a timer runs it. Its exit code tells whether all is well.
.EXAMPLE
    ./Backup-SfBlob.ps1 -Destination /srv/backup -WhatIf | Where-Object Status -EQ Due

    Shows what would be saved. Nothing is fetched, written or removed.
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

    # A bare number would be ten-millionths of a second.
    [Parameter()]
    [ValidateScript({ $_ -ge [timespan]::FromSeconds(1) }, ErrorMessage = "'{0}' is less than a second: write six hours as 06:00:00.")]
    [timespan] $Deadline = '06:00:00',

    [Parameter()]
    [switch] $Recheck
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$folder = Convert-Path -LiteralPath $Destination
$resultKey = "$Key.result"
$patterns = $Series.ForEach({ [WildcardPattern]::Get($_, 'IgnoreCase') })
$script:exitCode = 0

# A blob with what decides on it; nothing if it is of none of the series.
function ConvertTo-Candidate {
    param([psobject] $Blob, [string] $Path)

    $name = $Blob.Metadata[$Key]
    if ($name -is [string] -and $patterns.IsMatch($name) -contains $true) {
        [pscustomobject]@{
            Uuid   = [guid]$Blob.Uuid
            Series = $name
            Time   = $Blob.FetchedAt ?? $Blob.Modified ?? [datetime]::MinValue
            Size   = $Blob.Size
            Path   = $Path
            Blob   = $Blob
        }
    }
}

# What is held already: a file of the right length, and its record beside it.
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
            Write-Warning "'$($record.FullName)' was passed over, since it is no record of a blob: $_"
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

# The object that is put out for a blob. What it says decides on the exit code.
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

# Writes the result into the blob's metadata.
function Write-Ledger {
    param([guid] $BlobUuid, [hashtable] $Result)

    $Result.at = [datetime]::UtcNow.ToString('o')
    $Result.host = [Environment]::MachineName
    Set-SfBlobMetadata -Uuid $BlobUuid -Key $resultKey -Value $Result -Confirm:$false
}

# What is saved is written down: the record beside the file, whole or not at all, then the result in the cluster.
function Complete-Backup {
    param([psobject] $Candidate, [psobject] $Transfer)

    $record = "$($Transfer.Path).clixml"
    try {
        $unfinished = "$record.$([IO.Path]::GetRandomFileName())"
        $Candidate.Blob | Export-Clixml -LiteralPath $unfinished -Depth 5 -Confirm:$false
        [IO.File]::Move($unfinished, $record, $true)
        Write-Ledger $Candidate.Uuid @{
            status    = 'Saved'
            file      = [IO.Path]::GetFileName($Transfer.Path)
            algorithm = $Transfer.Algorithm
            hash      = $Transfer.Hash
        }
        ConvertTo-Outcome $Candidate -Status ($Transfer.Status -eq 'Unchanged' ? 'Current' : 'Saved') -Transfer $Transfer
    }
    catch {
        ConvertTo-Outcome $Candidate -Status Unrecorded -Transfer $Transfer -Failure $_
    }
}

# What was not saved is written down too, unless another run is at work on it.
function Complete-Failure {
    param([psobject] $Candidate, [Management.Automation.ErrorRecord] $Failure)

    $id = Get-ErrorId $Failure
    $status = switch ($id) {
        'TargetBusy' { 'Busy' }
        'DeadlineReached' { 'Interrupted' }
        { $_ -in 'ChecksumNotPublished', 'BlobNotReady' } { 'Waiting' }
        default { 'Failed' }
    }
    if ($status -ne 'Busy') {
        try {
            Write-Ledger $Candidate.Uuid @{ status = $status; error = $id }
        }
        catch {
            Write-Warning "The result of blob $($Candidate.Uuid), $status, could not be written down: $_"
        }
    }

    ConvertTo-Outcome $Candidate -Status $status -Failure $Failure
}

# A list that breaks off ends the run, before anything is taken for too old. A single blob that is not there does not.
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
    $options = @{ Verification = 'Required'; Deadline = $Deadline; ErrorAction = 'SilentlyContinue'; ErrorVariable = 'failures' }
    @($due.Values).Blob | Save-SfBlobData -LiteralPath $folder -PassThru @options | ForEach-Object {
        $candidate = $due[$_.BlobUuid]
        $due.Remove($_.BlobUuid)
        Complete-Backup $candidate $_
    }
    foreach ($failure in $failures) {
        $candidate = $due[$failure.TargetObject.Uuid]
        $due.Remove($failure.TargetObject.Uuid)
        Complete-Failure $candidate $failure
    }
}

# -WhatIf, or a question that was answered with no.
foreach ($candidate in $due.Values) {
    ConvertTo-Outcome $candidate -Status Due
}

foreach ($old in Select-Newest @(Get-HeldBlob) -Skip $Keep) {
    if ($PSCmdlet.ShouldProcess($old.Path, "Remove, since $Keep newer ones of its series are kept")) {
        try {
            # Its record goes last: without that, the file would never be found again.
            Remove-Item -LiteralPath $old.Path, "$($old.Path).clixml" -Force -Confirm:$false
            ConvertTo-Outcome $old -Status Removed
        }
        catch {
            ConvertTo-Outcome $old -Status Failed -Failure $_
        }
    }
}

exit $script:exitCode
