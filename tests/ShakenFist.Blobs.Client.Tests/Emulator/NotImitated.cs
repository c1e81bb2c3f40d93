using System.IO.Enumeration;
using System.Text.Json;

namespace ShakenFist.Blobs.Tests;

/// <summary>
/// An entry in the list of recorded exchanges that the emulator deliberately does not reproduce: those with a note, or a range of exchanges in which later ones depend
/// on earlier ones.
/// </summary>
internal sealed record NotImitated(string Group, string? Note, string Reason, int From = 0, int To = int.MaxValue)
{
    public static IReadOnlyList<NotImitated> All { get; } =
        Recording.Open("not-imitated.json").Deserialize<NotImitated[]>(JsonSerializerOptions.Web)!;

    public bool Covers(Recording recording) =>
        recording.Group == Group && recording.Index >= From && recording.Index <= To
        && (Note is null || FileSystemName.MatchesSimpleExpression(Note, recording.Note, ignoreCase: false));
}
