using System.Management.Automation;

namespace ShakenFist.Blobs.Tests.Hosting;

/// <summary>The forms in which an object can be piped to a command.</summary>
public enum Shape
{
    /// <summary>The output object.</summary>
    Live,

    /// <summary>Deserialized from a job, a remote session, or Import-Clixml.</summary>
    Deserialized,

    /// <summary>From ConvertTo-Json and ConvertFrom-Json.</summary>
    Json,

    /// <summary>From Export-Csv and Import-Csv. All properties are text.</summary>
    Csv,
}

/// <summary>Converts an object to another form.</summary>
internal static class Shapes
{
    public static PSObject Of(PSObject live, Shape shape)
    {
        string script = shape switch
        {
            Shape.Deserialized => "[Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($live, 4))",
            Shape.Json => "$live | ConvertTo-Json -Depth 8 | ConvertFrom-Json",
            Shape.Csv => "$live | ConvertTo-Csv | ConvertFrom-Csv",
            _ => "$live",
        };
        using Engine engine = new();
        engine["live"] = live;
        return engine.Run(script).Only;
    }
}
