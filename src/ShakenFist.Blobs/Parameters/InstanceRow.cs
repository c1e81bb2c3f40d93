using System.Management.Automation;

namespace ShakenFist.Blobs.Parameters;

/// <summary>Recognizes instances that were passed as objects of another type, for example from a JSON file, a job, or a remote session.</summary>
internal static class InstanceRow
{
    /// <summary>Returns whether an object is an instance or has the properties of one.</summary>
    public static bool Is(PSObject row) => row.BaseObject is SfInstance || (row.Properties["Disks"] is not null && row.Properties["PowerState"] is not null && row.Properties["Uuid"] is not null);
}
