using System.Text.RegularExpressions;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Conventions;

/// <summary>Checks the conventions for about topics.</summary>
public sealed partial class TopicConventions
{
    private const string Start = "about_ShakenFist_Blobs";
    private const string Suffix = ".help.txt";

    private static readonly string[] Topics = [.. Directory.GetFiles(HelpPage.Folder, "about_*" + Suffix).Select(file => Path.GetFileName(file)[..^Suffix.Length]).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Names() => [.. Topics];

    [Theory]
    [MemberData(nameof(Names))]
    public void Get_Help_shows_the_topic_after_the_module_is_imported(string name)
    {
        using Engine engine = new();
        engine["name"] = name;
        Assert.Equal(TextOf(name).Trim(), engine.Run("Get-Help $name").Only.ToString().ReplaceLineEndings("\n").Trim());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_topic_has_its_sections_in_order_and_fits_into_80_columns(string name)
    {
        string text = TextOf(name);
        Assert.StartsWith($"TOPIC\n    {name}\n\nSHORT DESCRIPTION\n    ", text, StringComparison.Ordinal);
        Assert.Contains("\n\nLONG DESCRIPTION\n    ", text, StringComparison.Ordinal);
        Assert.Equal("SEE ALSO", Heading().Matches(text)[^1].Value);
        Assert.All(text.Split('\n'), line => Assert.InRange(line.Length, 0, 78));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_reference_of_the_topic_exists(string name)
    {
        string[] references = [.. SeeAlso(name)];
        Assert.NotEmpty(references);
        Assert.DoesNotContain(name, references);
        using Engine engine = new();
        Assert.All(references, reference => Assert.True(
            Topics.Contains(reference) || ModuleUnderTest.Names.Contains(reference) || (reference.StartsWith("about_", StringComparison.Ordinal) && !reference.Contains("ShakenFist", StringComparison.Ordinal)),
            reference));
        Assert.Empty(Mentions.Unknown(Code().Replace(TextOf(name), string.Empty)));
        Assert.All(Topic().Matches(TextOf(name)), topic => Assert.Contains(topic.Value, Topics));
    }

    [Fact]
    public void The_first_topic_refers_to_all_others_and_to_every_command() => Assert.Equal(
        Topics.Where(topic => topic != Start).Concat(ModuleUnderTest.Names).Order(StringComparer.Ordinal),
        SeeAlso(Start).Order(StringComparer.Ordinal));

    [Fact]
    public void Each_error_id_in_a_topic_or_page_exists()
    {
        string[] ids = [.. ErrorTableConventions.Ids()];
        IEnumerable<string> texts = Topics.Select(TextOf).Concat(ModuleUnderTest.Names.Select(HelpPage.TextOf));
        string[] named = [.. texts.SelectMany(text => ErrorMention().Matches(text).Select(m => m.Groups["id"].Value)).Distinct()];
        Assert.True(named.Length > 20);
        Assert.Empty(named.Except(ids));
    }

    [Fact]
    public void Each_warning_is_explained_in_the_topic()
    {
        string[] explained = [.. WarningEntry().Matches(TextOf(Start + "_Errors")).Select(entry => entry.Groups["words"].Value)];
        string[] sources = [.. ((string[])["ShakenFist.Blobs", "ShakenFist.Blobs.Client"]).SelectMany(project =>
            Directory.EnumerateFiles(Path.Combine(ModuleUnderTest.Root, "src", project), "*.cs", SearchOption.AllDirectories)).Select(File.ReadAllText)];
        Assert.All(explained, words => Assert.Contains(sources, source => source.Contains(words, StringComparison.Ordinal)));
        Assert.Equal(sources.Sum(source => WarningCall().Count(source)), explained.Length);
    }

    [Fact]
    public void The_retry_table_lists_each_error_once_and_agrees_with_what_the_module_retries()
    {
        (string Id, string Retry)[] rows = [.. RetryRow().Matches(TextOf(Start + "_Errors")).Select(row => (row.Groups["id"].Value, row.Groups["retry"].Value))];
        Assert.Equal(ErrorTableConventions.Ids().Order(StringComparer.Ordinal), rows.Select(row => row.Id).Order(StringComparer.Ordinal));
        Assert.All(rows.Where(row => ErrorTableConventions.IsTransient(row.Id)), row => Assert.NotEqual("never", row.Retry));
    }

    [Theory]
    [InlineData("Get-SfBlobData (New-Guid) -Encoding nonsense", "ParameterArgumentTransformationError")]
    [InlineData("Save-SfBlobData (New-Guid) -StopAt soon", "CannotConvertArgumentNoMessage")]
    [InlineData("Test-SfBlobData (New-Guid) ./x -Algorithm MD5", "CannotConvertArgumentNoMessage")]
    [InlineData("Wait-SfBlob (New-Guid) -TimeoutSeconds -1", "ParameterArgumentValidationError")]
    [InlineData("Test-SfBlobData -Uuid $null ./x", "ParameterArgumentValidationErrorNullNotAllowed")]
    [InlineData("Remove-SfBlobTransfer -InputObject @()", "ParameterArgumentValidationErrorEmptyArrayNotAllowed")]
    [InlineData("Save-SfBlobData (New-Guid) -Path", "MissingArgument")]
    [InlineData("Save-SfBlobData (New-Guid) -Nope 1", "NamedParameterNotFound")]
    [InlineData("Get-SfBlob (New-Guid) a b", "PositionalParameterNotFound")]
    [InlineData("Save-SfBlobData (New-Guid) -ThrottleLimit 4 -ThrottleLimit 5", "ParameterAlreadyBound")]
    [InlineData("Save-SfBlobData (New-Guid) -S Auto", "AmbiguousParameter")]
    [InlineData("Save-SfBlobData (New-Guid) -Path ./a -LiteralPath ./b", "AmbiguousParameterSet")]
    [InlineData("'x' | Resume-SfBlobTransfer", "InputObjectNotBound")]
    [InlineData("[pscustomobject]@{ Uuid = New-Guid; Key = 'k' } | New-SfBlobMetadata", "InputObjectMissingMandatory")]
    public void Each_error_of_the_engine_that_the_topic_lists_has_this_id(string script, string id)
    {
        using Engine engine = new();
        string full = engine.Run(script.Replace("New-Guid", "[guid]::NewGuid()", StringComparison.Ordinal)).OnlyError.FullyQualifiedErrorId;
        Assert.StartsWith(id + ",ShakenFist.Blobs.Commands.", full, StringComparison.Ordinal);
        Assert.Contains($"\n    {id},*\n        ", TextOf(Start + "_Errors"), StringComparison.Ordinal);
    }

    [Fact]
    public void No_sentence_is_in_two_topics()
    {
        // A line that ends with the type of a property is not a sentence.
        IEnumerable<(string Line, string Topic)> lines = Topics.SelectMany(topic => Code().Replace(TextOf(topic), string.Empty).Split('\n').Where(line => line.Length > 50 && !line.EndsWith(']')).Select(line => (line, topic)));
        Assert.Empty(lines.GroupBy(line => line.Line).Where(group => group.Count() > 1).Select(group => group.Key));
    }

    private static IEnumerable<string> SeeAlso(string name) => TextOf(name).Split("\nSEE ALSO\n")[1].Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string TextOf(string name) => File.ReadAllText(Path.Combine(HelpPage.Folder, name + Suffix)).ReplaceLineEndings("\n");

    [GeneratedRegex("^[A-Z][A-Z0-9 ]+$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    // Code is indented by eight columns, after an empty line.
    [GeneratedRegex(@"(?<=\n\n)(?: {8}[^\n]+\n)+")]
    private static partial Regex Code();

    [GeneratedRegex(@"^    ""(?<words>[^""\n]+)""\n {8}\S", RegexOptions.Multiline)]
    private static partial Regex WarningEntry();

    [GeneratedRegex(@"^    (?<id>[A-Z][A-Za-z]+) +(?<retry>now|later|never)\b", RegexOptions.Multiline)]
    private static partial Regex RetryRow();

    [GeneratedRegex(@"\b(?:log|output|sink)\.Warning\(")]
    private static partial Regex WarningCall();

    [GeneratedRegex(@"about_ShakenFist_\w+")]
    private static partial Regex Topic();

    [GeneratedRegex(@"(?:\berror (?:is |still )?|\()(?<id>[A-Z][a-z]+(?:[A-Z][a-z]+)+)\b(?!-)")]
    private static partial Regex ErrorMention();
}
