using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Trust;

/// <summary>Scripts for tests that run all commands: for each command, a call that succeeds without faults, and a call that fails.</summary>
internal static class CommandScripts
{
    // All streams are enabled, so that all possible output is included.
    public const string Prepare =
        """
        $VerbosePreference = 'Continue'; $DebugPreference = 'Continue'; $WarningPreference = 'Continue'; $ProgressPreference = 'Continue'
        $ErrorActionPreference = 'Continue'; $Error.Clear()
        """;

    public static readonly Dictionary<string, string> Of = new()
    {
        ["Checkpoint-SfInstance"] = "Checkpoint-SfInstance web-1 -TimeoutSeconds 2; Checkpoint-SfInstance none; Checkpoint-SfInstance web-1 -Disk none",
        ["Connect-ShakenFist"] = "Connect-ShakenFist $url $canary; Connect-ShakenFist $url -Namespace canary -Key $canary.Password; Connect-ShakenFist $url $wrong; "
            + "Connect-ShakenFist $url $canary -CertificateAuthorityPath \"$dir/none.pem\"; Connect-ShakenFist \"${url}?x\" $canary",
        ["Disconnect-ShakenFist"] = "$other = Connect-ShakenFist $url $canary; Disconnect-ShakenFist $other; Get-SfBlob $raw -Session $other; $null = Connect-ShakenFist $url $canary",
        ["Export-SfBlobGraph"] = "Export-SfBlobGraph $qcow2; Export-SfBlobGraph $unknown; Export-SfBlobGraph $qcow2 \"$dir/graph.html\" -Force -PassThru; Export-SfBlobGraph $qcow2 \"$dir/none/graph.html\"",
        ["Find-SfBlobByHash"] = "Find-SfBlobByHash ('a' * 40) -Algorithm SHA1 -Required; Find-SfBlobByHash (Get-SfBlob $raw).Sha512; Find-SfBlobByHash -Path \"$dir/none\"",
        ["Get-SfArtifact"] = "Get-SfArtifact; Get-SfArtifact debian-13, d*, none; Get-SfArtifact -Uuid $unknown",
        ["Get-SfBlob"] = "Get-SfBlob; Get-SfBlob $raw, $unknown; Get-SfBlob x; Get-SfBlob -Artifact debian-13, none; Get-SfBlob -Instance db-1, none -Snapshot; Get-SfBlob -AgentOperation $unknown",
        ["Get-SfBlobChecksum"] = "Get-SfBlobChecksum $raw, $unknown",
        ["Get-SfBlobData"] = "Get-SfBlobData $raw -First 100; Get-SfBlobData $unknown; Get-SfBlobData $initial",
        ["Get-SfBlobEvent"] = "Get-SfBlobEvent $raw, $unknown",
        ["Get-SfImageInfo"] = "Get-SfImageInfo $qcow2, $unknown; Get-SfImageInfo -Path \"$dir/none\"",
        ["Get-SfBlobMetadata"] = "Get-SfBlobMetadata $qcow2, $unknown; Get-SfBlobMetadata $qcow2 -Key none",
        ["Get-SfBlobReference"] = "Get-SfBlobReference $qcow2 -Recurse; Get-SfBlobReference $unknown",
        ["Get-SfBlobTransfer"] = "Get-SfBlobTransfer $dir; Get-SfBlobTransfer \"$dir/none\"",
        ["Get-SfCapability"] = "Get-SfCapability; Get-SfCapability none",
        ["Get-SfInstance"] = "Get-SfInstance; Get-SfInstance web-1, none; Get-SfInstance -Uuid $unknown",
        ["Get-SfSession"] = "Get-SfSession",
        ["New-SfBlobMetadata"] = "New-SfBlobMetadata $raw made by -Force -PassThru; New-SfBlobMetadata $qcow2 name x; New-SfBlobMetadata $unknown a b; New-SfBlobMetadata $raw a ''",
        ["Remove-SfArtifact"] = "Remove-SfArtifact database -Version 1; Remove-SfArtifact none, database; Remove-SfArtifact database -Version 9",
        ["Remove-SfBlobMetadata"] = "Remove-SfBlobMetadata $raw made; Remove-SfBlobMetadata $raw none; Remove-SfBlobMetadata $unknown a",
        ["Remove-SfBlobTransfer"] = "Remove-SfBlobTransfer \"$dir/none\"; Get-SfBlobTransfer $dir | Remove-SfBlobTransfer -WhatIf",
        ["Resume-SfBlobTransfer"] = "Resume-SfBlobTransfer $dir -PassThru; Resume-SfBlobTransfer \"$dir/none\"",
        ["Save-SfBlobData"] = "Save-SfBlobData $raw $dir -Force -PassThru; Save-SfBlobData $unknown $dir; Save-SfBlobData $initial $dir; Save-SfBlobData $raw \"$dir/none/x\"; "
            + "$job = Save-SfBlobData $raw $dir -Force -AsJob; if ($job) { $null = $job.Finished.WaitOne(20000); $job }",
        ["Set-SfArtifact"] = "Set-SfArtifact database -MaxVersions 4 -PassThru; Set-SfArtifact none -MaxVersions 1",
        ["Set-SfBlobMetadata"] = "Set-SfBlobMetadata $raw owner ada -PassThru; Set-SfBlobMetadata $unknown a b; Set-SfBlobMetadata $raw -Metadata @{ a = 1; b = 0 }",
        ["Test-SfBlobData"] = "Test-SfBlobData $raw \"$dir/some\" -Detailed; Test-SfBlobData $raw \"$dir/none\"; Test-SfBlobData $unknown \"$dir/some\"",
        ["Test-SfCapability"] = "Test-SfCapability blob-data-limit; Test-SfCapability none",
        ["Wait-SfBlob"] = "Wait-SfBlob $raw; Wait-SfBlob $unknown",
    };

    /// <summary>All commands of the module, from their classes. A convention compares these with the manifest.</summary>
    public static TheoryData<string> Names => [.. ModuleUnderTest.Commands().Select(c => ModuleUnderTest.NameOf(c.Cmdlet))];
}
