#Requires -Version 7.4
#Requires -Modules ShakenFist.Blobs

<#
.SYNOPSIS
    Brings files that are named by their hashes to a directory, from the first place that has them.
.DESCRIPTION
    For each hash these places are tried, in this order:

    1. -Destination itself. A file that is there and has the hash is left alone.
    2. The clusters of -Session, one after the other; without it, the default one.
    3. The places of -Source: directories, or addresses of a web server, below which the files lie by their names.

    Whatever a place delivers gets the file's name only when its hash is the one that was asked for. So no place has to be trusted, nor the way
    to it. A place that cannot be reached, has not got it, or delivers something else is noted, and the next one is tried.

    Without -Session, the session that is there is used, or one that the first command makes from SHAKENFIST_API_URL, SHAKENFIST_NAMESPACE
    and SHAKENFIST_KEY. With -Source and no cluster at all, the script works, too.

    Exit code: 0, all files are in place; 1, not all.
.PARAMETER Hash
    SHA-512 or SHA-256 in hex; from the pipeline also as property Hash, as Get-FileHash and Import-Csv give it.
.PARAMETER Name
    The name of the file, without a directory. Without it, the hash is its name.
.PARAMETER ChecksumFile
    A file with a hash and a name on each line, as sha512sum and sha256sum write it, with or without --tag; or with a hash on each line.
.PARAMETER Destination
    The directory for the files. The current location if it is not given.
.PARAMETER Session
    The clusters to ask, as Connect-SfCluster gives them, in this order.
.PARAMETER Source
    Where else to look: directories, or addresses that begin with https or http.
.PARAMETER Force
    Replace a file of that name that has another hash. It stays as it is until the right one is there.
.OUTPUTS
    One object for each hash: Hash, Algorithm, Name, Path, Status, Source, Size, Tried.

    Status is Present (it was there), Fetched, Differs (another file has the name, and -Force was not given), NotFound (no place has it),
    Failed (a place could not be asked, or what it delivered was wrong), Invalid (the name is no file name), or Skipped (-WhatIf).
    Tried tells of each place that did not do why it did not.
.EXAMPLE
    ./Get-SfBlobByHash.ps1 -ChecksumFile ./SHA512SUMS -Destination ./images -Source 'https://images.example.com/debian/'

    Takes from the cluster what it has, and the rest from a web server.
.EXAMPLE
    $north = Connect-SfCluster 'https://north.example.com/api' (Get-Credential)
    $south = Connect-SfCluster 'https://south.example.com/api' (Get-Credential)
    Import-Csv ./wanted.csv | ./Get-SfBlobByHash.ps1 -Session $north, $south -Destination ./images

    Asks two clusters. The table has the columns Hash and Name.
.EXAMPLE
    ./Get-SfBlobByHash.ps1 -ChecksumFile ./SHA512SUMS | Where-Object Status -NotIn Present, Fetched | Format-List

    Shows what is not there and why.
#>
[CmdletBinding(DefaultParameterSetName = 'Hash', SupportsShouldProcess)]
[OutputType([pscustomobject])]
param(
    [Parameter(Mandatory, Position = 0, ParameterSetName = 'Hash', ValueFromPipeline, ValueFromPipelineByPropertyName)]
    [ValidatePattern('^([0-9A-Fa-f]{64}|[0-9A-Fa-f]{128})$', ErrorMessage = "'{0}' is no SHA-256 and no SHA-512 in hex.")]
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
        ErrorMessage = "'{0}' is neither an http address nor a directory.")]
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

    # The hashes and names of a checksum file.
    function Get-WantedFile {
        param([string] $Path)

        $hex = '(?<hash>[0-9A-Fa-f]{128}|[0-9A-Fa-f]{64})'
        switch -Regex -File $Path {
            "^$hex [ *](?:\./)?(?<name>.+?)\s*$" { @{ Hash = $Matches.hash; Name = $Matches.name }; continue }
            "^SHA(?:256|512) \((?:\./)?(?<name>.+)\) = $hex\s*$" { @{ Hash = $Matches.hash; Name = $Matches.name }; continue }
            "^$hex\s*$" { @{ Hash = $Matches.hash; Name = '' }; continue }
            '^\s*(#.*)?$' { continue }
            default { Write-Warning "'$Path': this line names no SHA-256 or SHA-512 and was passed over: $_" }
        }
    }

    # Names come from elsewhere: none may lead out of the directory.
    function Test-FileName {
        param([string] $Name)

        $Name -match '^[^/\\:*?"<>|\x00-\x1f]+$' -and $Name -notin '.', '..'
    }

    # True if a cluster had it. Save-SfBlobData proves it by the hash that was asked for before the file gets its name.
    function Save-FromCluster {
        param([psobject] $Wanted, [hashtable] $Connection)

        $blob = Find-SfBlobByHash -Hash $Wanted.Hash -Algorithm $Wanted.Algorithm @Connection
        if ($blob) {
            # -Force: what is to be replaced was decided on before, and what another cluster has begun is given up.
            $options = @{ LiteralPath = $Wanted.Path; Algorithm = $Wanted.Algorithm; Verification = 'Required'; Force = $true; PassThru = $true }
            $saved = $blob | Save-SfBlobData @options @Connection -Confirm:$false
            $saved.Hash -eq $Wanted.Hash
        }
        else {
            $false
        }
    }

    # True if it came, and with the right hash; until then it has another name.
    function Save-FromSource {
        param([psobject] $Wanted, [string] $From)

        $unproven = Join-Path $folder ".$([IO.Path]::GetRandomFileName())"
        try {
            if ($From -match '^https?://') {
                $address = [uri]::new([uri]"$($From.TrimEnd('/'))/", [uri]::EscapeDataString($Wanted.Name))
                $limits = @{ ConnectionTimeoutSeconds = 30; OperationTimeoutSeconds = 60; MaximumRedirection = 5 }
                try {
                    Invoke-WebRequest -Uri $address -OutFile $unproven @limits
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

                [IO.File]::Copy($file, $unproven)
            }

            $actual = (Get-FileHash -LiteralPath $unproven -Algorithm $Wanted.Algorithm).Hash
            if ($actual -ne $Wanted.Hash) {
                throw "what it delivers has the $($Wanted.Algorithm) $($actual.ToLowerInvariant())"
            }

            [IO.File]::Move($unproven, $Wanted.Path, $true)
            $true
        }
        finally {
            [IO.File]::Delete($unproven)
        }
    }

    # Present or Differs, if a file has the name; nothing, if it is to be fetched.
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

    # From the first place that has it; what the others said is kept.
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
