using System.Net;
using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Tests;

public sealed class EmulatorLockTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_writer_waits_for_the_lock_of_the_blob()
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync(
            new EmulatorOptions { LockPollInterval = TimeSpan.FromMilliseconds(5) });
        EmulatedBlob blob = emulator.AddBlob();
        string token = await emulator.LoginAsync();
        IDisposable hold = emulator.State.HoldMetadataLock(blob.Uuid);

        string path = $"/blobs/{blob.Uuid}/metadata/k";
        Task<HttpResponseMessage> writing = emulator.SendAsync(HttpMethod.Put, path, token, new { value = "v" });
        await Eventually.TrueAsync(() => emulator.Server.Requests[^1].Method == "PUT");
        Assert.False(writing.IsCompleted);
        hold.Dispose();

        Assert.Equal(HttpStatusCode.OK, (await writing).StatusCode);
        Assert.Equal("v", (string?)blob.Metadata["k"]);
    }

    [Fact]
    public async Task A_writer_that_waits_too_long_receives_a_LockException()
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync(
            new EmulatorOptions { LockPollInterval = TimeSpan.FromMilliseconds(5), LockTimeout = TimeSpan.FromMilliseconds(30) });
        EmulatedBlob blob = emulator.AddBlob();
        using IDisposable hold = emulator.State.HoldMetadataLock(blob.Uuid);

        string token = await emulator.LoginAsync();
        HttpResponseMessage answer = await emulator.SendAsync(HttpMethod.Delete, $"/blobs/{blob.Uuid}/metadata/k", token);

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Contains("LockException", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parallel_writers_of_different_keys_all_succeed()
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync(
            new EmulatorOptions { LockPollInterval = TimeSpan.FromMilliseconds(1) });
        EmulatedBlob blob = emulator.AddBlob();
        string token = await emulator.LoginAsync();

        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(i =>
            emulator.SendAsync(HttpMethod.Put, $"/blobs/{blob.Uuid}/metadata/k{i}", token, new { value = i + 1 })));

        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.StatusCode));
        Assert.Equal(32, blob.Metadata.Count);
    }
}
