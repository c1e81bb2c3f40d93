using System.Management.Automation;

namespace ShakenFist.Blobs.Tests.Hosting;

/// <summary>What became of a script: its output and all its streams.</summary>
internal sealed record EngineResult
{
    public required IReadOnlyList<PSObject> Output { get; init; }

    /// <summary>The error that ended the script, if one did; it is among the errors, too.</summary>
    public required ErrorRecord? Ended { get; init; }

    public required IReadOnlyList<ErrorRecord> Errors { get; init; }

    public required IReadOnlyList<string> Verbose { get; init; }

    public required IReadOnlyList<string> Warnings { get; init; }

    public required IReadOnlyList<string> Debug { get; init; }

    public required IReadOnlyList<ProgressRecord> Progress { get; init; }

    public required bool HadErrors { get; init; }

    /// <summary>What the host was shown during the script.</summary>
    public required string Shown { get; init; }

    public IReadOnlyList<string> ShownLines => Shown.ReplaceLineEndings("\n").Split('\n');

    /// <summary>The one object of the output; nothing may have failed.</summary>
    public PSObject Only => Assert.Single(Good.Output);

    /// <summary>The one error.</summary>
    public ErrorRecord OnlyError => Assert.Single(Errors);

    /// <summary>This, if nothing failed.</summary>
    public EngineResult Good
    {
        get
        {
            Assert.True(Errors.Count == 0, string.Join((char)10, Errors.Select(e => $"{e.FullyQualifiedErrorId}: {e} {e.Exception.StackTrace}")));
            return this;
        }
    }

    /// <summary>The values of a property of each object.</summary>
    public IReadOnlyList<T> Each<T>(string property) => [.. Output.Select(item => item.Get<T>(property))];

    /// <summary>Everything that could be read by someone, as one text.</summary>
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

    /// <summary>The property as text, whatever its type.</summary>
    public static string Text(this PSObject item, string property) => item.Properties[property].Value?.ToString() ?? string.Empty;
}
