namespace ShakenFist.Blobs.Client.Tests;

/// <summary>Assertions about errors.</summary>
internal static class SfAssert
{
    /// <summary>Checks that the operation fails with this error, and that its text contains neither the key nor control characters.</summary>
    public static async Task<SfException> ThrowsAsync(SfError error, Func<Task> work)
    {
        SfException e = await Assert.ThrowsAsync<SfException>(work);
        Check(error, e);
        return e;
    }

    public static SfException Throws(SfError error, Action work)
    {
        SfException e = Assert.Throws<SfException>(work);
        Check(error, e);
        return e;
    }

    private static void Check(SfError error, SfException e)
    {
        Assert.True(error == e.Error, $"{e.Error.Id} where {error.Id} was expected: {e}");
        Assert.DoesNotContain(Cluster.Key, e.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(e.Message, char.IsControl);
    }
}
