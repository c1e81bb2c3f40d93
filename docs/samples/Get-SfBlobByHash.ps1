#Requires -Version 7.4
#Requires -Modules ShakenFist.Blobs

<#
.SYNOPSIS
    Gets files by their hashes from the first source that has them, and saves them to a directory.
.DESCRIPTION
    For each hash, the script tries these sources in this order:

    1. -Destination. If the directory already contains the file with this hash, it isn't changed.
    2. The clusters of -Session, one after another. Without -Session, the default cluster.
    3. The sources of -Source: directories, or addresses on a web server, that contain the files by name.

    A file gets its name only if its hash matches the requested hash. Therefore, you don't have to trust the sources or the network. If a
    source can't be reached, doesn't have the file, or returns something else, this is recorded, and the next source is tried.

    Without -Session, the script uses the current session. If there is none, the first command connects with the settings in
    SHAKENFIST_API_URL, SHAKENFIST_NAMESPACE, and SHAKENFIST_KEY. With -Source, the script also works without a cluster.

    Exit codes: 0 if all files are in the directory. 1 if some are missing.
.PARAMETER Hash
    Specifies a SHA-512 or SHA-256 hash in hexadecimal form. From the pipeline, it also accepts objects with a property Hash, such as the
    output of Get-FileHash and Import-Csv.
.PARAMETER Name
    Specifies the name of the file, without a directory. The default is the hash.
.PARAMETER ChecksumFile
    Specifies a file with one hash and one file name on each line, as sha512sum and sha256sum create it, with or without --tag. Lines that
    contain only a hash are also accepted.
.PARAMETER Destination
    Specifies the directory for the files. The default is the current location.
.PARAMETER Session
    Specifies the sessions of the clusters to search, in this order. Use the output of Connect-ShakenFist.
.PARAMETER Source
    Specifies additional sources: directories, or addresses that begin with https or http.
.PARAMETER Force
    Replaces an existing file that has the same name and a different hash. The existing file isn't changed until the new file is verified.
.OUTPUTS
    Returns one object for each hash: Hash, Algorithm, Name, Path, Status, Source, Size, Tried.

    Status is one of the following: Present (the file already existed), Fetched, Differs (another file has the name, and -Force was not
    specified), NotFound (no source has the file), Failed (a source couldn't be reached, or returned wrong data), Invalid (the name is not a
    valid file name), or Skipped (-WhatIf). Tried lists the sources that failed, with the reason.
.EXAMPLE
    ./Get-SfBlobByHash.ps1 -ChecksumFile ./SHA512SUMS -Destination ./images -Source 'https://images.example.com/debian/'

    Gets files from the cluster if it has them, and the others from a web server.
.EXAMPLE
    $north = Connect-ShakenFist 'https://north.example.com/api' (Get-Credential)
    $south = Connect-ShakenFist 'https://south.example.com/api' (Get-Credential)
    Import-Csv ./wanted.csv | ./Get-SfBlobByHash.ps1 -Session $north, $south -Destination ./images

    Searches two clusters. The CSV file has the columns Hash and Name.
.EXAMPLE
    ./Get-SfBlobByHash.ps1 -ChecksumFile ./SHA512SUMS | Where-Object Status -NotIn Present, Fetched | Format-List

    Shows the files that couldn't be fetched, and the reasons.
#>
[CmdletBinding(DefaultParameterSetName = 'Hash', SupportsShouldProcess)]
[OutputType([pscustomobject])]
param(
    [Parameter(Mandatory, Position = 0, ParameterSetName = 'Hash', ValueFromPipeline, ValueFromPipelineByPropertyName)]
    [ValidatePattern('^([0-9A-Fa-f]{64}|[0-9A-Fa-f]{128})$', ErrorMessage = "'{0}' is not a SHA-256 or SHA-512 hash in hexadecimal form.")]
    [string] $Hash,

    [Parameter(ParameterSetName = 'Hash', ValueFromPipelineByPropertyName)]
    [string] $Name,

    [Parameter(Mandatory, ParameterSetName = 'File')]
    [ValidateScript({ Test-Path -LiteralPath $_ -PathType Leaf }, ErrorMessage = "There is no file '{0}'.")]
    [string] $ChecksumFile,

    [Parameter()]
    [ValidateScript({ Test-Path -LiteralPath $_ -PathType Container }, ErrorMessage = "There is no directory '{0}'.")]
    [string] $Destination = '.',

    [Parameter()]
    [ValidateNotNullOrEmpty()]
    [ShakenFist.Blobs.SfSession[]] $Session,

    [Parameter()]
    [ValidateScript({ $_ -match '^https?://' -or (Test-Path -LiteralPath $_ -PathType Container) },
        ErrorMessage = "'{0}' is neither an http or https address nor a directory.")]
    [string[]] $Source = @(),

    [Parameter()]
    [switch] $Force
)

begin {
    Set-StrictMode -Version 3.0
    $ErrorActionPreference = 'Stop'
    $folder = Convert-Path -LiteralPath $Destination
    $mayReplace = $Force.IsPresent
    $script:isComplete = $true
    $places = @($Session ? $Session.ForEach({ @{ Name = "$($_.ApiUrl)"; Connection = @{ Session = $_ } } }) : @{ Name = 'the cluster'; Connection = @{} })
    $places += @($Source.ForEach({ @{ Name = $_; Connection = $null } }))

    # Returns the hashes and names of a checksum file.
    function Get-WantedFile {
        param([string] $Path)

        $hex = '(?<hash>[0-9A-Fa-f]{128}|[0-9A-Fa-f]{64})'
        switch -Regex -File $Path {
            "^$hex [ *](?:\./)?(?<name>.+?)\s*$" { @{ Hash = $Matches.hash; Name = $Matches.name }; continue }
            "^SHA(?:256|512) \((?:\./)?(?<name>.+)\) = $hex\s*$" { @{ Hash = $Matches.hash; Name = $Matches.name }; continue }
            "^$hex\s*$" { @{ Hash = $Matches.hash; Name = '' }; continue }
            '^\s*(#.*)?$' { continue }
            default { Write-Warning "'$Path': this line contains no SHA-256 or SHA-512 hash and was skipped: $_" }
        }
    }

    # Names come from other sources. A name must not lead to another directory.
    function Test-FileName {
        param([string] $Name)

        $Name -match '^[^/\\:*?"<>|\x00-\x1f]+$' -and $Name -notin '.', '..'
    }

    # Returns true if a cluster has the file. Save-SfBlobData verifies it by the requested hash before the file gets its name.
    function Save-FromCluster {
        param([psobject] $Wanted, [hashtable] $Connection)

        $blob = Find-SfBlobByHash -Hash $Wanted.Hash -Algorithm $Wanted.Algorithm @Connection
        if ($blob) {
            # -Force, because Get-LocalState has already decided whether to replace the file. Partial data from another cluster is discarded.
            $options = @{ LiteralPath = $Wanted.Path; Algorithm = $Wanted.Algorithm; Verification = 'Required'; Force = $true; PassThru = $true }
            $saved = $blob | Save-SfBlobData @options @Connection -Confirm:$false
            $saved.Hash -eq $Wanted.Hash
        }
        else {
            $false
        }
    }

    # Returns true if the source has the file and its hash matches. Until then, the file has a temporary name.
    function Save-FromSource {
        param([psobject] $Wanted, [string] $From)

        $unverified = Join-Path $folder ".$([IO.Path]::GetRandomFileName())"
        try {
            if ($From -match '^https?://') {
                $address = [uri]::new([uri]"$($From.TrimEnd('/'))/", [uri]::EscapeDataString($Wanted.Name))
                $limits = @{ ConnectionTimeoutSeconds = 30; OperationTimeoutSeconds = 60; MaximumRedirection = 5 }
                try {
                    Invoke-WebRequest -Uri $address -OutFile $unverified @limits
                }
                catch [Microsoft.PowerShell.Commands.HttpResponseException] {
                    if ($_.Exception.Response.StatusCode -eq 'NotFound') {
                        return $false
                    }

                    throw
                }
            }
            else {
                $file = Join-Path (Convert-Path -LiteralPath $From) $Wanted.Name
                if (-not (Test-Path -LiteralPath $file -PathType Leaf)) {
                    return $false
                }

                [IO.File]::Copy($file, $unverified)
            }

            $actual = (Get-FileHash -LiteralPath $unverified -Algorithm $Wanted.Algorithm).Hash
            if ($actual -ne $Wanted.Hash) {
                throw "the $($Wanted.Algorithm) hash of its file is $($actual.ToLowerInvariant())"
            }

            [IO.File]::Move($unverified, $Wanted.Path, $true)
            $true
        }
        finally {
            [IO.File]::Delete($unverified)
        }
    }

    # Returns Present or Differs if a file has the name. Returns nothing if the file must be fetched.
    function Get-LocalState {
        param([psobject] $Wanted)

        if (Test-Path -LiteralPath $Wanted.Path) {
            $isFile = Test-Path -LiteralPath $Wanted.Path -PathType Leaf
            if ($isFile -and (Get-FileHash -LiteralPath $Wanted.Path -Algorithm $Wanted.Algorithm).Hash -eq $Wanted.Hash) {
                'Present'
            }
            elseif (-not $isFile -or -not $mayReplace) {
                'Differs'
            }
        }
    }

    # Gets the file from the first source that has it, and records why the others failed.
    function Get-FirstOf {
        param([psobject] $Wanted)

        $status = 'NotFound'
        $tried = [Collections.Generic.List[string]]::new()
        foreach ($place in $places) {
            try {
                if ($place.Connection ? (Save-FromCluster $Wanted $place.Connection) : (Save-FromSource $Wanted $place.Name)) {
                    return ConvertTo-Outcome $Wanted -Status Fetched -Place $place.Name -Tried $tried
                }

                $tried.Add("$($place.Name): has no such file")
            }
            catch {
                $status = 'Failed'
                $tried.Add("$($place.Name): $_")
            }
        }

        ConvertTo-Outcome $Wanted -Status $status -Tried $tried
    }

    function ConvertTo-Outcome {
        param([psobject] $Wanted, [string] $Status, [string] $Place, [string[]] $Tried = @())

        if ($Status -notin 'Present', 'Fetched', 'Skipped') {
            $script:isComplete = $false
        }

        [pscustomobject]@{
            PSTypeName = 'SfFileByHash'
            Hash       = $Wanted.Hash
            Algorithm  = $Wanted.Algorithm
            Name       = $Wanted.Name
            Path       = $Wanted.Path
            Status     = $Status
            Source     = $Place
            Size       = $Status -in 'Present', 'Fetched' ? (Get-Item -LiteralPath $Wanted.Path -Force).Length : $null
            Tried      = $Tried
        }
    }
}

process {
    foreach ($line in $ChecksumFile ? (Get-WantedFile (Convert-Path -LiteralPath $ChecksumFile)) : @{ Hash = $Hash; Name = $Name }) {
        $wanted = [pscustomobject]@{
            Hash      = $line.Hash.ToLowerInvariant()
            Algorithm = $line.Hash.Length -eq 128 ? 'SHA512' : 'SHA256'
            Name      = $line.Name ? $line.Name : $line.Hash.ToLowerInvariant()
            Path      = $null
        }
        if (-not (Test-FileName $wanted.Name)) {
            ConvertTo-Outcome $wanted -Status Invalid
            continue
        }

        $wanted.Path = Join-Path $folder $wanted.Name
        try {
            $state = Get-LocalState $wanted
        }
        catch {
            ConvertTo-Outcome $wanted -Status Failed -Tried "${folder}: $_"
            continue
        }

        if ($state) {
            ConvertTo-Outcome $wanted -Status $state -Place ($state -eq 'Present' ? $folder : '')
        }
        elseif ($PSCmdlet.ShouldProcess($wanted.Path, "Fetch by $($wanted.Algorithm) $($wanted.Hash.Substring(0, 16))")) {
            Get-FirstOf $wanted
        }
        else {
            ConvertTo-Outcome $wanted -Status Skipped
        }
    }
}

end {
    exit ($script:isComplete ? 0 : 1)
}
