# The cluster's URL and key come from the places where sf-client finds them.
Get-SfBlob

# The emulated cluster cuts the next connection after 3 MiB of data.
$cut = @{ kind = 'CutAfter'; afterBytes = 3MB; path = '*/data' }
$faults = "${env:SHAKENFIST_API_URL}emulator/faults"
$null = Invoke-RestMethod $faults -Method Post -Body ($cut | ConvertTo-Json)
$disk = Get-SfBlob d3a00004-7a1e-4c52-9c0b-6f1f5e0a0004
$saved = $disk | Save-SfBlobData -Path disk.raw -PassThru
$saved
"cuts: $($saved.ResumeCount), bytes fetched twice: $($saved.BytesRepeated)"

# Find the blob that a file holds.
Find-SfBlobByHash -Path disk.raw

# An error names its cause and what to do.
Save-SfBlobData d3a00007-7a1e-4c52-9c0b-6f1f5e0a0007 -Path nothing.raw
