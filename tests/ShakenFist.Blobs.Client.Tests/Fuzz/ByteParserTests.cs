using System.Globalization;
using System.Text;
using System.Text.Json;
using ShakenFist.Blobs.Client.Tests.Images;
using ShakenFist.Blobs.Client.Tests.Properties;
using ShakenFist.Blobs.Http;
using ShakenFist.Blobs.Json;
using ShakenFist.Blobs.Model;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests.Fuzz;

/// <summary>
/// Tests that each parser either parses any bytes or reports an error. The inputs are a committed corpus and random mutations of it. Bytes that once caused a failure
/// are files of the corpus.
/// </summary>
public sealed class ByteParserTests
{
    private const int Changes = 1500;

    private static readonly Dictionary<string, Action<byte[]>> Parsers = new()
    {
        ["page"] = bytes => Assert.All(SfCapabilities.Parse(Encoding.UTF8.GetString(bytes)).Families, f => Assert.True(IsFit(f.Key) && f.Value.All(IsFit))),
        ["json"] = Json,
        ["list"] = List,
        ["blob"] = bytes => Reads(() => BlobReader.Read(bytes), blob => Assert.True(IsFit(blob.State) && IsFit(blob.FileFormat) && IsFit(blob.MimeType) && IsFit(blob.BackingFile))),
        ["error"] = bytes => Assert.True(AnswerErrors.ReasonIn(bytes) is not { } text || (text.Length <= ServerText.DefaultLength + 1 && IsFit(text))),
        ["journal"] = Journal,
        ["image"] = bytes => HostileImageTests.Describe(SparseImage.Of(bytes)),
    };

    public static TheoryData<string> Names => [.. Parsers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_file_of_the_corpus_is_parsed_or_rejected(string parser)
    {
        byte[][] corpus = Corpus.Of(parser);
        Assert.True(corpus.Length >= 3, $"{corpus.Length} texts.");
        Array.ForEach(corpus, Parsers[parser]);
    }

    [Theory]
    [Trait("Runs", "Cases")]
    [MemberData(nameof(Names))]
    public void Mutated_files_of_the_corpus_are_parsed_or_rejected(string parser)
    {
        Action<byte[]> parse = Parsers[parser];
        int seed = CasesAttribute.Number;
        Mutator mutator = new(new Random(seed), Corpus.Of(parser));
        int count = (parser == "image" ? Changes / 5 : Changes) * CasesAttribute.Scale;
        for (int i = 0; i < count; i++)
        {
            byte[] bytes = mutator.Next();
            if (Record.Exception(() => parse(bytes)) is { } failure)
            {
                byte[] few = Mutator.Reduce(bytes, b => Record.Exception(() => parse(b))?.GetType() == failure.GetType());
                Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"Change {i} of seed {seed}, in base64: {Convert.ToBase64String(few)}\n{failure}"));
            }
        }
    }

    private static void Json(byte[] bytes) => Reads(() => JsonTree.Parse(bytes), value =>
    {
        byte[] written;
        try
        {
            written = JsonWriter.Write(value);
        }
        catch (JsonException)
        {
            // Parsing accepts one more level than writing.
            return;
        }

        Assert.True(WrittenJsonProperties.Same(value, JsonTree.Parse(written)), "It is not the same when written and read again.");
    });

    /// <summary>A list is split into its elements. If the splitter reports no error, the elements are JSON, or the text was not a list.</summary>
    private static void List(byte[] bytes)
    {
        object? whole = null;
        Reads(() => JsonTree.Parse(bytes), value => whole = value);
        List<string>? elements = null;
        Reads(() => JsonArraySplitterTests.SplitAsync(bytes, 1000, 7).GetAwaiter().GetResult(), found => elements = found);
        if (whole is List<object?> items)
        {
            Assert.Equal(items.Count, elements?.Count);
            Assert.All(items.Zip(elements!), pair => Assert.True(WrittenJsonProperties.Same(pair.First, JsonTree.Parse(Encoding.UTF8.GetBytes(pair.Second)))));
        }
    }

    /// <summary>Every parsed block is in a journal of the corpus with the same first line.</summary>
    private static void Journal(byte[] bytes)
    {
        JournalContent content = JournalFormat.Parse(bytes);
        Assert.Equal(content.Problem is null, content.Header is not null);
        if (content.Header is not null)
        {
            JournalContent[] known = [.. Corpus.Of("journal").Select(b => JournalFormat.Parse(b)).Where(j => j.HeaderCheck.SequenceEqual(content.HeaderCheck))];
            Assert.NotEmpty(known);
            Assert.All(content.Blocks, p => Assert.Contains(known, j => Corpus.EverRecorded(j.HeaderCheck, p.Key, p.Value.Hash)));
        }
    }

    private static void Reads<T>(Func<T> read, Action<T> check)
    {
        T value;
        try
        {
            value = read();
        }
        catch (JsonException)
        {
            return;
        }

        check(value);
    }

    private static bool IsFit(string? text) => text is null || text.EnumerateRunes().All(r => Rune.GetUnicodeCategory(r) is not (UnicodeCategory.Control or UnicodeCategory.Format));
}
