# Connect to the cluster. Its URL, namespace and key are in the environment
# variables that sf-client also reads.
Connect-ShakenFist
Get-ChildItem env:SHAKENFIST_* | Select-Object Name

# List the blobs of the cluster. The system namespace can see all of them.
Get-SfBlob
Get-SfBlob | Measure-Object Size -Sum | Select-Object Count, Sum

# List the images and snapshots. Blobs are found by their names.
Get-SfArtifact

# List the instances, and get the blobs that a disk was made from.
Get-SfInstance
Get-SfBlob -Instance web-1

# Look at the newest version of an image.
$disk = Get-SfBlob -Artifact database
$disk.Metadata
"on $($disk.Locations -join ' and '), $($disk.ReferenceCount) reference"

# List what uses a blob and what it uses. Read the header of a disk image.
Get-SfBlobReference d3a00001-7a1e-4c52-9c0b-6f1f5e0a0001
Get-SfImageInfo d3a00002-7a1e-4c52-9c0b-6f1f5e0a0002

# Save its data as a file. The file gets its name when its length and its hash
# match those that the cluster published.
$disk | Save-SfBlobData -Path database.raw -PassThru

# Save it again. The file is verified, and no data is fetched.
$disk | Save-SfBlobData -Path database.raw -PassThru

# Let the cluster cut the next connection after 3 MiB of data.
$cut = @{ kind = 'CutAfter'; afterBytes = 3MB; path = '*/data' }
$cut = $cut | ConvertTo-Json
$faults = "${env:SHAKENFIST_API_URL}emulator/faults"
$null = Invoke-RestMethod $faults -Method Post -Body $cut
$scratch = Get-SfBlob d3a00004-7a1e-4c52-9c0b-6f1f5e0a0004
$saved = $scratch | Save-SfBlobData -Path resumed.raw -PassThru
$saved
"cuts: $($saved.ResumeCount), bytes fetched twice: $($saved.BytesRepeated)"

# Let the cluster send an error of another node instead of the data, with
# status 200.
$wrong = @{ kind = 'WrongBody'; path = '*/data' }
$wrong.body = '{"error": "Signature has expired", "status": 401}'
$wrong = $wrong | ConvertTo-Json
$null = Invoke-RestMethod $faults -Method Post -Body $wrong
$saved = $scratch | Save-SfBlobData -Path repaired.raw -PassThru
"$($saved.Status), $($saved.Verification), $($saved.RequestCount) requests"

# Compare the file's hash with the one that the cluster published.
(Get-FileHash $saved.Path -Algorithm SHA256).Hash.ToLower()
$scratch.Checksums.sha256

# Let the module compare, and find the blob that a file holds.
$saved | Test-SfBlobData
Find-SfBlobByHash -Path repaired.raw

# Write metadata. A value can be any JSON.
$note = @{ keep = $true; owner = 'ada' }
$scratch | Set-SfBlobMetadata -Metadata $note -PassThru

# Save a snapshot whose checksums are not computed yet. Only its length can be
# compared, and a warning says so.
Save-SfBlobData d3a00006-7a1e-4c52-9c0b-6f1f5e0a0006 -Path snapshot.raw

# An error has an id for scripts, and a recommendation for people.
Save-SfBlobData d3a00007-7a1e-4c52-9c0b-6f1f5e0a0007 -Path nothing.raw
$Error[0].FullyQualifiedErrorId
