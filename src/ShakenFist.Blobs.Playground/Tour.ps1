# Connect. The address and the key of this cluster are in the environment, where
# sf-client would look for them too.
Connect-SfCluster

# Every blob of the cluster: the system namespace may see them all.
Get-SfBlob

# One of them, and some of what is known about it.
$disk = Get-SfBlob d3a00009-7a1e-4c52-9c0b-6f1f5e0a0009
$disk.Metadata
"on $($disk.Locations -join ' and '), $($disk.ReferenceCount) reference"

# Save it. The data comes in windows, is hashed on the way, and gets its name
# only when length and hash are proven.
$disk | Save-SfBlobData -Path database.raw -PassThru

# The same again: the file is there and right, so nothing is fetched.
$disk | Save-SfBlobData -Path database.raw -PassThru

# Now the cluster is told to cut the next connection after 3 MiB of data.
$cut = @{ Kind = 'CutAfter'; AfterBytes = 3MB; Path = '*/data' }
[void]$emulator.Faults.Add($cut)
$scratch = Get-SfBlob d3a00004-7a1e-4c52-9c0b-6f1f5e0a0004
$scratch | Save-SfBlobData -Path resumed.raw -PassThru -Verbose

# Worse: another node's error, sent with status 200 in place of the data.
$lie = @{ Kind = 'WrongBody'; Path = '*/data' }
$lie.Body = '{"error": "Signature has expired", "status": 401}'
[void]$emulator.Faults.Add($lie)
$saved = $scratch | Save-SfBlobData -Path repaired.raw -PassThru
"$($saved.Status), $($saved.Verification), $($saved.RequestCount) requests"

# Take nobody's word for it: the file's hash, and the one that was published.
$bytes = [IO.File]::ReadAllBytes($saved.Path)
$hash = [Security.Cryptography.SHA256]::HashData($bytes)
[Convert]::ToHexStringLower($hash)
$scratch.Checksums.sha256

# A snapshot waits up to a day for its first checksum. Until then its length is
# all there is to go by, and that is said.
Save-SfBlobData d3a00006-7a1e-4c52-9c0b-6f1f5e0a0006 -Path snapshot.raw

# What cannot be done is an error with an id for scripts and advice for people.
Save-SfBlobData d3a00007-7a1e-4c52-9c0b-6f1f5e0a0007 -Path nothing.raw
$Error[0].FullyQualifiedErrorId
