using System.IO.Enumeration;
using System.Text.Json;

namespace ShakenFist.Blobs.Tests;

/// <summary>An entry in the list of recorded exchanges that the emulator deliberately does not reproduce.</summary>
internal sealed record NotImitated(string Group, string Note, string Reason)
{
    public static IReadOnlyList<NotImitated> All { get; } =
        Recording.Open("not-imitated.json").Deserialize<NotImitated[]>(JsonSerializerOptions.Web)!;

    public bool Covers(Recording recording) =>
        recording.Group == Group && FileSystemName.MatchesSimpleExpression(Note, recording.Note, ignoreCase: false);
}
