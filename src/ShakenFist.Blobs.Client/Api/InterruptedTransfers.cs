namespace ShakenFist.Blobs;

/// <summary>The transfers that lie interrupted in a directory.</summary>
public static class InterruptedTransfers
{
    /// <summary>Lists those under a directory, by their temporary files and journals.</summary>
    /// <exception cref="SfException">The directory cannot be read.</exception>
    public static IEnumerable<SfInterruptedTransfer> Under(string directory, bool recurse) => throw new NotSupportedException();

    /// <summary>The one whose target is this path, or null.</summary>
    public static SfInterruptedTransfer? Of(string target) => throw new NotSupportedException();

    /// <summary>Removes the temporary file and the journal. The target stays as it is.</summary>
    /// <exception cref="SfException"><see cref="SfErrors.TargetBusy"/> if it is being worked on.</exception>
    public static void Remove(SfInterruptedTransfer transfer) => throw new NotSupportedException();
}
