namespace ShakenFist.Blobs.Client.Tests;

/// <summary>The time limit that every test has.</summary>
internal static class Limit
{
    /// <summary>Ends a test that hangs.</summary>
    public static CancellationToken Token => For(TimeSpan.FromSeconds(30));

    public static CancellationToken For(TimeSpan time)
    {
        CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(time);
        return limit.Token;
    }
}
