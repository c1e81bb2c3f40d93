# Address and key of the cluster are where sf-client would look for them, too.
Get-SfBlob

# The cluster is told to cut the next connection after 3 MiB of data.
$cut = @{ Kind = 'CutAfter'; AfterBytes = 3MB; Path = '*/data' }
[void]$emulator.Faults.Add($cut)
$disk = Get-SfBlob d3a00004-7a1e-4c52-9c0b-6f1f5e0a0004
$saved = $disk | Save-SfBlobData -Path disk.raw -PassThru
$saved
"cuts: $($saved.ResumeCount), bytes fetched twice: $($saved.BytesRepeated)"

# Which blob is this file?
Find-SfBlobByHash -Path disk.raw

# What cannot be done says why, and what to do.
Save-SfBlobData d3a00007-7a1e-4c52-9c0b-6f1f5e0a0007 -Path nothing.raw
