using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace ShakenFist.Blobs.Tests.Hosting;

/// <summary>The ways in which an object comes back to a pipeline.</summary>
public enum Shape
{
    /// <summary>As the command put it out.</summary>
    Live,

    /// <summary>From a job, a remote session or Import-Clixml.</summary>
    Deserialized,

    /// <summary>From ConvertTo-Json and ConvertFrom-Json.</summary>
    Json,

    /// <summary>From Export-Csv and Import-Csv: text, and nothing but text.</summary>
    Csv,
}

/// <summary>Makes of an object what is left of it elsewhere. The engine alone has none of the commands that do it.</summary>
internal static class Shapes
{
    public static PSObject Of(PSObject live, Shape shape) => shape switch
    {
        Shape.Deserialized => PSObject.AsPSObject(PSSerializer.Deserialize(PSSerializer.Serialize(live, 4))),
        Shape.Json => (PSObject)Json(live)!,
        Shape.Csv => Custom(Stored(live).Select(p => (p.Name, (object?)Convert.ToString(Unwrap(p.Value), CultureInfo.InvariantCulture)))),
        _ => live,
    };

    private static object? Json(object? value) => Unwrap(value) switch
    {
        null => null,
        Guid or Uri or Version or TimeSpan => Unwrap(value)!.ToString(),
        Enum number => Convert.ToInt64(number, CultureInfo.InvariantCulture),
        IConvertible plain => plain,
        IDictionary map => Custom(map.Keys.Cast<object>().Select(key => (key.ToString()!, Json(map[key])))),
        IEnumerable items => items.Cast<object?>().Select(Json).ToArray(),
        _ => Custom(Stored(PSObject.AsPSObject(value!)).Select(p => (p.Name, Json(p.Value)))),
    };

    private static PSObject Custom(IEnumerable<(string Name, object? Value)> properties)
    {
        PSObject custom = new();
        foreach ((string name, object? value) in properties)
        {
            custom.Properties.Add(new PSNoteProperty(name, value));
        }

        return custom;
    }

    // What types.ps1xml adds by script needs a runspace to be read.
    private static IEnumerable<PSPropertyInfo> Stored(PSObject item) => item.Properties.Where(p => p is not PSScriptProperty);

    private static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
