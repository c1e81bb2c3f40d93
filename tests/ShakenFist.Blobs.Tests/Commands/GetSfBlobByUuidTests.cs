using System.Management.Automation;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

public sealed class GetSfBlobByUuidTests
{
    [Theory]
    [InlineData("Get-SfBlob $raw")]
    [InlineData("Get-SfBlob -Uuid $raw")]
    [InlineData("Get-SfBlob -BlobUuid $raw")]
    [InlineData("Get-SfBlob $raw -Session $session")]
    [InlineData("Get-SfBlob $raw.ToString()")]
    [InlineData("Get-SfBlob $raw.ToString('B').ToUpperInvariant()")]
    [InlineData("Get-SfBlob \" $raw \"")]
    [InlineData("$raw | Get-SfBlob")]
    [InlineData("\"$raw\" | Get-SfBlob")]
    [InlineData("[PSCustomObject]@{ Uuid = $raw } | Get-SfBlob")]
    [InlineData("[PSCustomObject]@{ BlobUuid = \"$raw\" } | Get-SfBlob")]
    [InlineData("Get-SfBlob ([PSCustomObject]@{ Uuid = $raw })")]
    [InlineData("Get-SfBlob $raw | Get-SfBlob")]
    [InlineData("Get-SfBlob -Uuid (Get-SfBlob $raw)")]
    [InlineData("[ShakenFist.Blobs.SfBlobSaveResult]@{ BlobUuid = $raw } | Get-SfBlob")]
    [InlineData("[Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize((Get-SfBlob $raw))) | Get-SfBlob")]
    public async Task A_blob_is_found_by_its_UUID_in_every_form(string script)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        PSObject blob = cluster.Run(script).Only;
        Assert.Equal("ShakenFist.Blobs.SfBlob", blob.TypeNames[0]);
        Assert.Equal(DemoCluster.RawDisk, blob.Get<Guid>("Uuid"));
    }

    [Theory]
    [InlineData("Get-SfBlob $raw, $qcow2, $iso")]
    [InlineData("$raw, $qcow2, $iso | Get-SfBlob")]
    [InlineData("$raw, \"$qcow2\", [PSCustomObject]@{ Uuid = $iso } | Get-SfBlob")]
    [InlineData("Get-SfBlob -Uuid @($raw, \"$qcow2\", (Get-SfBlob $iso))")]
    public async Task Several_blobs_are_output_in_input_order(string script)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Assert.Equal([DemoCluster.RawDisk, DemoCluster.BaseImage, DemoCluster.InstallMedium], cluster.Run(script).Good.Each<Guid>("Uuid"));
    }

    [Fact]
    public async Task The_record_has_typed_properties()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        PSObject blob = cluster.Run("Get-SfBlob $qcow2").Only;
        Assert.IsType<Guid>(blob.Get<object>("Uuid"));
        Assert.IsType<long>(blob.Get<object>("Size"));
        Assert.Equal("created", blob.Get<string>("State"));
        Assert.Equal("qcow2", blob.Get<string>("FileFormat"));
        Assert.Equal(512L << 20, blob.Get<long>("VirtualSize"));
        Assert.Equal(DateTimeKind.Local, blob.Get<DateTime>("Modified").Kind);
        Assert.Equal("debian-13", cluster.Run("(Get-SfBlob $qcow2).Metadata.name").Only.ToString());
        Assert.Equal("True", cluster.Run("(Get-SfBlob $qcow2).Metadata['verified']").Only.ToString());
        Assert.Equal("golden", cluster.Run("(Get-SfBlob $qcow2).Metadata.tags[1]").Only.ToString());
        Assert.Equal(DemoCluster.Transcode.ToString(), cluster.Run("(Get-SfBlob $qcow2).Transcodes['zlib;qcow2;cluster_size']").Only.ToString());
        Assert.Equal(128, cluster.Run("(Get-SfBlob $qcow2).Checksums.sha512.Length").Only.BaseObject);
    }

    [Fact]
    public async Task The_error_for_an_unknown_blob_contains_its_UUID_and_the_request_id()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        ErrorRecord error = cluster.Run("Get-SfBlob $unknown").OnlyError;
        Assert.Equal("BlobNotFound,ShakenFist.Blobs.Commands.GetSfBlobCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ObjectNotFound, error.CategoryInfo.Category);
        Assert.Equal(Cluster.Unknown, Assert.IsType<Guid>(error.TargetObject is PSObject wrapped ? wrapped.BaseObject : error.TargetObject));
        Assert.Contains(Cluster.Unknown.ToString(), error.ToString(), StringComparison.Ordinal);
        Assert.Contains(Assert.Single(cluster.Emulator.Requests).RequestId, error.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(".", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal("ShakenFist.Blobs.SfException", error.Exception.GetType().FullName);
    }

    [Fact]
    public async Task After_a_failed_input_the_others_are_processed()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run("$raw, $unknown, $iso | Get-SfBlob");
        Assert.Equal([DemoCluster.RawDisk, DemoCluster.InstallMedium], result.Each<Guid>("Uuid"));
        Assert.StartsWith("BlobNotFound,", result.OnlyError.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(2, cluster.Run("Get-SfBlob $raw, $unknown, $iso -ErrorAction SilentlyContinue").Output.Count);
    }

    [Theory]
    [InlineData("Get-SfBlob 'not-a-uuid'", "BlobUuidInvalid", "'not-a-uuid' is not the UUID of a blob")]
    [InlineData("Get-SfBlob 42", "CannotConvertArgumentNoMessage", "Int32 has no Uuid")]
    [InlineData("Get-SfBlob $null", "ParameterArgumentValidationErrorNullNotAllowed", "because it is null")]
    [InlineData("'x' | Get-SfBlob", "BlobUuidInvalid", "'x' is not the UUID of a blob")]
    [InlineData("[PSCustomObject]@{ Uuid = 'x' } | Get-SfBlob", "BlobUuidInvalid", "'x' is not the UUID of a blob")]
    public async Task An_invalid_UUID_is_rejected_with_the_reason(string script, string id, string reason)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run(script);
        Assert.StartsWith(id + ",ShakenFist.Blobs.Commands.GetSfBlobCommand", result.OnlyError.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(reason, result.OnlyError.ToString(), StringComparison.Ordinal);
        Assert.Empty(result.Output);
        Assert.Empty(cluster.Emulator.Requests);
    }

    [Fact]
    public async Task After_an_invalid_UUID_in_the_pipeline_the_others_are_processed()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run("$raw, 'x', $iso | Get-SfBlob");
        Assert.Equal(2, result.Output.Count);
        Assert.Single(result.Errors);
    }

    [Fact]
    public async Task An_empty_pipeline_sends_no_request()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Assert.Empty(cluster.Run("@() | Get-SfBlob").Good.Output);
        Assert.Empty(cluster.Emulator.Requests);
    }

    [Fact]
    public async Task Each_request_is_one_verbose_message_with_its_status_and_id()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run("Get-SfBlob $raw -Verbose").Good;
        string line = Assert.Single(result.Verbose);
        RequestRecord request = Assert.Single(cluster.Emulator.Requests);
        Assert.Contains($"GET {request.Path}", line, StringComparison.Ordinal);
        Assert.Contains("200", line, StringComparison.Ordinal);
        Assert.Contains(request.RequestId, line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(503, "ServerUnavailable", ErrorCategory.ResourceUnavailable)]
    [InlineData(403, "AccessForbidden", ErrorCategory.PermissionDenied)]
    [InlineData(409, "StateConflict", ErrorCategory.ResourceExists)]
    [InlineData(418, "UnexpectedStatus", ErrorCategory.ProtocolError)]
    public async Task A_permanent_status_is_reported_with_its_error(int status, string id, ErrorCategory category)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.Emulator.Faults.Add(new Fault { Path = "/blobs/*", Kind = FaultKind.Status, Status = status, Body = "{\"error\": \"says who\"}", Times = int.MaxValue });
        ErrorRecord error = cluster.Run("Get-SfBlob $raw").OnlyError;
        Assert.Equal(id + ",ShakenFist.Blobs.Commands.GetSfBlobCommand", error.FullyQualifiedErrorId);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.Contains("says who", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_short_outage_is_retried_with_a_verbose_message()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        cluster.Emulator.Faults.Add(new Fault { Path = "/blobs/*", Kind = FaultKind.Status, Status = 503, Times = 2 });
        EngineResult result = cluster.Run("Get-SfBlob $raw -Verbose").Good;
        Assert.Single(result.Output);
        Assert.Equal(3, cluster.Emulator.Requests.Count);
        Assert.Contains(result.Verbose, v => v.Contains("Retry 1 of", StringComparison.Ordinal));
        Assert.Contains(result.Verbose, v => v.Contains("Retry 2 of", StringComparison.Ordinal));
    }
}
