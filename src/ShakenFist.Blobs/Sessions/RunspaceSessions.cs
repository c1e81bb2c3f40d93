using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace ShakenFist.Blobs.Sessions;

/// <summary>Contains the default session of each runspace. It is released with the runspace.</summary>
internal static class RunspaceSessions
{
    private static readonly ConditionalWeakTable<Runspace, SfSession> Table = [];

    /// <summary>Gets or sets the default session of the runspace of this thread, or null.</summary>
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
