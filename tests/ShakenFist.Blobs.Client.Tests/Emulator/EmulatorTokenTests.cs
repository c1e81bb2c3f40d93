using System.Net;
using Microsoft.Extensions.Time.Testing;
using ShakenFist.Blobs.Emulator;

namespace ShakenFist.Blobs.Tests;

public sealed class EmulatorTokenTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_expires_after_its_lifetime()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var options = new EmulatorOptions { Time = clock, TokenLifetime = TimeSpan.FromMinutes(5) };
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync(options);
        EmulatedBlob blob = emulator.AddBlob();
        string token = await emulator.LoginAsync();

        clock.Advance(TimeSpan.FromMinutes(4));
        HttpResponseMessage before = await emulator.SendAsync(HttpMethod.Get, $"/blobs/{blob.Uuid}", token);
        clock.Advance(TimeSpan.FromMinutes(2));
        HttpResponseMessage after = await emulator.SendAsync(HttpMethod.Get, $"/blobs/{blob.Uuid}", token);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (before.StatusCode, after.StatusCode));
    }

    [Fact]
    public async Task ExpireTokens_expires_all_issued_tokens()
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync();
        EmulatedBlob blob = emulator.AddBlob();
        string old = await emulator.LoginAsync();

        emulator.Server.ExpireTokens();

        Assert.Equal(HttpStatusCode.Unauthorized, (await emulator.SendAsync(HttpMethod.Get, $"/blobs/{blob.Uuid}", old)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await emulator.GetAsync($"/blobs/{blob.Uuid}")).StatusCode);
    }

    [Fact]
    public async Task Tokens_of_a_replaced_key_are_rejected()
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync();
        EmulatedBlob blob = emulator.AddBlob();
        string token = await emulator.LoginAsync();

        emulator.State.SetKey("banana", "another");

        HttpResponseMessage answer = await emulator.SendAsync(HttpMethod.Get, $"/blobs/{blob.Uuid}", token);
        Assert.Equal("""{"error": "", "status": 401}""", await answer.Content.ReadAsStringAsync(Ct));
        Assert.Equal(HttpStatusCode.Unauthorized, (await emulator.LoginRawAsync("banana", "banana-key")).StatusCode);
        Assert.NotEmpty(await emulator.LoginAsync("banana", "another"));
    }

    [Fact]
    public async Task A_removed_namespace_is_not_found()
    {
        await using EmulatorHarness emulator = await EmulatorHarness.StartAsync();

        emulator.State.RemoveNamespace("banana");

        Assert.Equal(HttpStatusCode.NotFound, (await emulator.LoginRawAsync("banana", "banana-key")).StatusCode);
    }
}
