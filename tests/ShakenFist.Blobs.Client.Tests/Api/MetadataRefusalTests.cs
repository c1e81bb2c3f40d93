using System.Collections;
using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using ShakenFist.Blobs.Client.Tests.Properties;
using ShakenFist.Blobs.Emulator;
using ShakenFist.Blobs.Http;
using ShakenFist.Blobs.Json;

namespace ShakenFist.Blobs.Client.Tests;

/// <summary>The client rejects exactly the values that the server would reject. Also tests which keys are sent in the path.</summary>
public sealed class MetadataRefusalTests
{
    private static readonly Guid Uuid = Guid.Parse("5f000001-0000-4000-8000-000000000001");
    private static readonly Routes Base = new(new Uri("http://h/api"));

    private static readonly object?[] Values =
    [
        null, "", "0", " ", "false", "\0", false, true, 0, 1, -1, 0L, (byte)0, (sbyte)0, (short)0, (ushort)0, 0u, 0ul, (byte)1, 0.0, -0.0, double.Epsilon, double.NaN, double.PositiveInfinity,
        0f, -0f, float.Epsilon, 0m, 0.00m, 0.1m, 0.0000000000000000000000000001m, BigInteger.Zero, BigInteger.Pow(10, 40), new List<object?>(), Array.Empty<int>(), new Hashtable(),
        new Dictionary<string, object?>(), Enumerable.Range(0, 3).Where(n => n > 5), Enumerable.Range(0, 3).Where(n => n > 1), new object?[] { null }, new[] { 0 }, new[] { Array.Empty<int>() },
        new Hashtable { [""] = null }, Nested(62), BigInteger.Pow(10, 4300) - 1,
    ];

    private static object Nested(int levels)
    {
        object value = new List<object?> { "x" };
        for (int i = 1; i < levels; i++)
        {
            value = new List<object?> { value };
        }

        return value;
    }

    [Theory]
    [InlineData(ServerGeneration.A)]
    [InlineData(ServerGeneration.B)]
    [InlineData(ServerGeneration.C)]
    [InlineData(ServerGeneration.D)]
    public async Task A_value_is_rejected_before_the_request_if_and_only_if_the_server_rejects_it(ServerGeneration generation)
    {
        await using Cluster cluster = await Cluster.StartAsync(generation);
        EmulatedBlob blob = cluster.State.AddBlob(EmulatedBlob.FromBytes([1]));
        SfSession session = await cluster.ConnectAsync();
        foreach (object? value in Values)
        {
            ApiRequest request = new(HttpMethod.Put, session.Routes.BlobMetadataKey(blob.Uuid, "k")) { Body = JsonWriter.Write(new Dictionary<string, object?> { ["value"] = value }) };
            string? refusal = BlobMetadataApi.GetRefusalReason("k", value);
            Exception? answer = await Record.ExceptionAsync(() => session.ReadAsync(request, JsonTree.Parse, cluster.Log, Limit.Token));
            Assert.True((refusal is null) == (answer is null), $"{value ?? "null"} ({value?.GetType().Name}): we say {refusal ?? "yes"}, the server says {answer?.Message ?? "yes"}");
            Assert.Equal(answer is null ? null : SfErrors.RequestRefused, (answer as SfException)?.Error);

            int before = cluster.Count("PUT", "/k");
            if (refusal is not null)
            {
                SfException e = await SfAssert.ThrowsAsync(SfErrors.MetadataValueRefused, () => session.SetBlobMetadataAsync(blob.Uuid, "k", value, create: false, cluster.Log, Limit.Token));
                Assert.Contains("'k'", e.Message, StringComparison.Ordinal);
                Assert.Equal(before, cluster.Count("PUT", "/k"));
            }
        }
    }

    [Fact]
    public async Task An_empty_key_is_rejected_by_the_client_and_the_server()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedBlob blob = cluster.State.AddBlob(EmulatedBlob.FromBytes([1]));
        SfSession session = await cluster.ConnectAsync();
        ApiRequest request = new(HttpMethod.Post, session.Routes.BlobMetadata(blob.Uuid)) { Body = JsonWriter.Write(new Dictionary<string, object?> { ["key"] = "", ["value"] = 1 }) };
        await SfAssert.ThrowsAsync(SfErrors.RequestRefused, () => session.ReadAsync(request, JsonTree.Parse, cluster.Log, Limit.Token));
        int before = cluster.Emulator.Requests.Count;
        await SfAssert.ThrowsAsync(SfErrors.MetadataValueRefused, () => session.SetBlobMetadataAsync(blob.Uuid, "", 1, create: true, cluster.Log, Limit.Token));
        Assert.Equal(before, cluster.Emulator.Requests.Count);
    }

    [Fact]
    public void A_value_that_cannot_be_written_or_read_back_is_rejected_with_the_reason()
    {
        Assert.Contains("nested", BlobMetadataApi.GetRefusalReason("k", Nested(63)), StringComparison.Ordinal);
        Assert.Contains("4300 digits", BlobMetadataApi.GetRefusalReason("k", BigInteger.Pow(10, 4300)), StringComparison.Ordinal);
        Assert.Contains("DateTime", BlobMetadataApi.GetRefusalReason("k", new object[] { DateTime.UnixEpoch }), StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', BlobMetadataApi.GetRefusalReason("\u001b[31m", "")!);
    }

    [Fact]
    public async Task A_value_of_the_maximum_depth_leaves_the_blob_readable_by_every_call()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        EmulatedBlob blob = cluster.State.AddBlob(EmulatedBlob.FromBytes([1]));
        SfSession session = await cluster.ConnectAsync();
        await session.SetBlobMetadataAsync(blob.Uuid, "deep", Nested(62), create: false, cluster.Log, Limit.Token);
        Assert.Single((await session.GetBlobAsync(blob.Uuid, cluster.Log, Limit.Token)).Metadata);
        Assert.Single(await session.GetBlobMetadataAsync(blob.Uuid, cluster.Log, Limit.Token));
        Assert.Single(await session.ListBlobsAsync(cluster.Log, Limit.Token).ToListAsync(Limit.Token));
    }

    private static Gen<string> Key => Gen.OneOf(
        WrittenJsonProperties.Text,
        Gen.Elements('.', '/', '%', '2', 'e', 'E', 'F', '\\', '?', '#', ' ', 'é', '\0', ';').ListOf().Select(cs => new string([.. cs])));

    [Cases(1_000)]
    public Property A_key_in_a_path_reaches_the_server_unchanged() =>
        Prop.ForAll(Key.ToArbitrary(), key =>
        {
            if (key.Length == 0 || !Routes.IsPathKey(key))
            {
                return true;
            }

            Uri url = Base.BlobMetadataKey(Uuid, key);
            string prefix = $"/api/blobs/{Uuid:D}/metadata/";
            return url.Query.Length == 0 && url.Fragment.Length == 0 && url.PathAndQuery.StartsWith(prefix, StringComparison.Ordinal)
                && url.PathAndQuery.All(char.IsAscii) && Uri.UnescapeDataString(url.PathAndQuery[prefix.Length..]) == key && !url.PathAndQuery[prefix.Length..].Contains('/', StringComparison.Ordinal);
        });

    // An attribute argument cannot contain an unpaired surrogate.
    public static TheoryData<string> BodyKeys => ["a/b", ".", "..", "a\0", "\ud800", "\udc00\ud800", "a\ud83d", new string('k', 2001)];

    [Theory]
    [MemberData(nameof(BodyKeys))]
    public void A_key_that_cannot_be_in_a_path_is_sent_in_the_body(string key) => Assert.False(Routes.IsPathKey(key));

    [Theory]
    [InlineData("...")]
    [InlineData("%2F")]
    [InlineData("\\")]
    [InlineData("😀")]
    [InlineData("a b")]
    public void A_key_that_can_be_in_a_path_is_sent_in_the_path(string key) => Assert.True(Routes.IsPathKey(key));
}
