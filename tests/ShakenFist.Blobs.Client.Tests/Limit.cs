namespace ShakenFist.Blobs.Client.Tests;

/// <summary>The time limit of every test.</summary>
internal static class Limit
{
    /// <summary>A token that is canceled if a test hangs.</summary>
    public static CancellationToken Token => For(TimeSpan.FromSeconds(30));

    public static CancellationToken For(TimeSpan time)
    {
        CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(time);
        return limit.Token;
    }
}
