using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace ShakenFist.Blobs.Sessions;

/// <summary>The default session of each runspace. It goes with the runspace.</summary>
internal static class RunspaceSessions
{
    private static readonly ConditionalWeakTable<Runspace, SfSession> Table = [];

    /// <summary>The default session of the runspace this thread works for, or null.</summary>
    public static SfSession? Current
    {
        get => Runspace.DefaultRunspace is { } runspace && Table.TryGetValue(runspace, out SfSession? session) ? session : null;
        set
        {
            if (Runspace.DefaultRunspace is { } runspace)
            {
                Table.Remove(runspace);
                if (value is not null)
                {
                    Table.Add(runspace, value);
                }
            }
        }
    }
}
