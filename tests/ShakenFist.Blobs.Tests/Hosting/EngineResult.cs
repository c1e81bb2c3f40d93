using System.Management.Automation;

namespace ShakenFist.Blobs.Tests.Hosting;

/// <summary>The result of a script: its output and all its streams.</summary>
internal sealed record EngineResult
{
    public required IReadOnlyList<PSObject> Output { get; init; }

    /// <summary>The error that ended the script, or null. It is also in the errors.</summary>
    public required ErrorRecord? Ended { get; init; }

    public required IReadOnlyList<ErrorRecord> Errors { get; init; }

    public required IReadOnlyList<string> Verbose { get; init; }

    public required IReadOnlyList<string> Warnings { get; init; }

    public required IReadOnlyList<string> Debug { get; init; }

    public required IReadOnlyList<ProgressRecord> Progress { get; init; }

    public required bool HadErrors { get; init; }

    /// <summary>The text that the host displayed during the script.</summary>
    public required string Shown { get; init; }

    public IReadOnlyList<string> ShownLines => Shown.ReplaceLineEndings("\n").Split('\n');

    /// <summary>The only output object. Fails if there are errors.</summary>
    public PSObject Only => Assert.Single(Good.Output);

    /// <summary>The only error.</summary>
    public ErrorRecord OnlyError => Assert.Single(Errors);

    /// <summary>This result. Fails if there are errors.</summary>
    public EngineResult Good
    {
        get
        {
            Assert.True(Errors.Count == 0, string.Join((char)10, Errors.Select(e => $"{e.FullyQualifiedErrorId}: {e} {e.Exception.StackTrace}")));
            return this;
        }
    }

    /// <summary>Returns the values of a property of each object.</summary>
    public IReadOnlyList<T> Each<T>(string property) => [.. Output.Select(item => item.Get<T>(property))];

    /// <summary>Returns all text of all streams.</summary>
    public string Everything => string.Join('\n',
        [.. Verbose, .. Warnings, .. Debug, .. Errors.Select(e => $"{e} {e.Exception} {e.ErrorDetails?.RecommendedAction}"), Shown, .. Output.Select(o => o?.ToString())]);
}

internal static class PSObjectReading
{
    public static T Get<T>(this PSObject item, string property)
    {
        object? value = (item.Properties[property] ?? throw new InvalidOperationException($"There is no property {property}.")).Value;
        return (T)(value is PSObject wrapped && typeof(T) != typeof(PSObject) ? wrapped.BaseObject : value)!;
    }

    /// <summary>Returns a property as text.</summary>
    public static string Text(this PSObject item, string property) => item.Properties[property].Value?.ToString() ?? string.Empty;
}
