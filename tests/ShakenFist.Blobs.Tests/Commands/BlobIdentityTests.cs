using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Commands;

/// <summary>The forms in which a parameter accepts a blob.</summary>
public sealed class BlobIdentityTests
{
    private const string Text = "d3a00004-7a1e-4c52-9c0b-6f1f5e0a0004";
    private const string Type = "[ShakenFist.Blobs.SfBlobIdentity]";

    [Theory]
    [InlineData($"'{Text}'")]
    [InlineData($"[guid] '{Text}'")]
    [InlineData($"' {Text} '.ToUpperInvariant()")]
    [InlineData($"'{{{Text}}}'")]
    [InlineData($"([guid] '{Text}').ToString('N')")]
    [InlineData($"[ShakenFist.Blobs.SfBlob] @{{ Uuid = '{Text}' }}")]
    [InlineData($"[ShakenFist.Blobs.SfBlobMetadata] @{{ BlobUuid = '{Text}' }}")]
    [InlineData($"[ShakenFist.Blobs.SfBlobSaveResult] @{{ BlobUuid = '{Text}' }}")]
    [InlineData($"@{{ uuid = '{Text}' }}")]
    [InlineData($"[pscustomobject] @{{ Uuid = '{Text}' }}")]
    [InlineData($"[pscustomobject] @{{ BlobUuid = [guid] '{Text}'; Uuid = New-Guid }}")]
    [InlineData($"[pscustomobject] @{{ BlobUuid = ''; Uuid = '{Text}' }}")]
    [InlineData($"[pscustomobject] @{{ BlobUuid = '{Text}'; Uuid = '' }}")]
    [InlineData($"[ShakenFist.Blobs.SfBlobReference] @{{ Direction = 'Uses'; TargetObjectType = 'blob'; TargetUuid = '{Text}'; BlobUuid = New-Guid }}")]
    [InlineData($"[pscustomobject] @{{ OtherType = 'blob'; OtherUuid = '{Text}'; BlobUuid = New-Guid }}")]
    public async Task Every_form_identifies_the_blob(string form)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Assert.Equal(
            ["d3a00004-7a1e-4c52-9c0b-6f1f5e0a0004", Text, "True"],
            cluster.Run($"$blob = {Type} ({form}); $blob.Uuid; \"$blob\"; $blob -eq {Type} '{Text}'").Good.Output.Select(o => o.ToString()));
        Assert.Equal(DemoCluster.RawDisk, cluster.Run($"Get-SfBlob ({form})").Only.Get<Guid>("Uuid"));
        Assert.Equal(DemoCluster.RawDisk, cluster.Run($"$input = {form}; , $input | Get-SfBlob").Only.Get<Guid>("Uuid"));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("d3a00004-7a1e-4c52-9c0b-6f1f5e0a000")]
    public async Task Other_text_is_kept_for_the_message(string text)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Assert.Equal($"True {text} True", cluster.Run($"$blob = {Type} '{text}'; \"$($null -eq $blob.Uuid) $blob $($blob -eq '{text}')\"").Only.ToString());
        Assert.StartsWith("BlobUuidInvalid,", cluster.Run($"Get-SfBlob {text}").OnlyError.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_filter_of_a_mock_compares_it_with_text_and_with_a_uuid()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Assert.Equal("True True True False", cluster.Run($"$blob = {Type} '{Text}'; \"$($blob -eq '{Text}') $($blob -eq [guid] '{Text}') $(@($blob) -contains '{Text}') $($blob -eq (New-Guid))\"").Only.ToString());
    }

    [Fact]
    public async Task Text_that_is_not_a_uuid_is_an_error_of_its_own_and_the_others_are_processed()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EngineResult result = cluster.Run("$raw, 'nonsense', $iso | Get-SfBlob");
        Assert.Equal(2, result.Output.Count);
        Assert.Equal("BlobUuidInvalid,ShakenFist.Blobs.Commands.GetSfBlobCommand", result.OnlyError.FullyQualifiedErrorId);
        Assert.Equal("nonsense", result.OnlyError.TargetObject);
    }

    [Theory]
    [InlineData("Get-SfBlob (Get-Item $dir)", "CannotConvertArgumentNoMessage")]
    [InlineData("Get-Item $dir | Get-SfBlob", "InputObjectNotBound")]
    [InlineData("Get-SfBlob $null", "ParameterArgumentValidationErrorNullNotAllowed")]
    [InlineData("Get-SfBlob $raw, $null", "ParameterArgumentValidationErrorNullNotAllowed")]
    public async Task An_object_without_a_uuid_is_reported(string script, string id)
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Assert.StartsWith(id + ",", cluster.Run(script).OnlyError.FullyQualifiedErrorId, StringComparison.Ordinal);
    }
}
