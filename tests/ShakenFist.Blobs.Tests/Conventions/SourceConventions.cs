using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Conventions;

/// <summary>What the source files keep to, beyond what the compiler checks.</summary>
public sealed class SourceConventions
{

    private static readonly string[] Files =
    [
        .. ((string[])["src", "tests"]).SelectMany(folder => Directory.EnumerateFiles(Path.Combine(ModuleUnderTest.Root, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin")),
    ];

    [Fact]
    public void Nothing_is_left_to_be_done_later_and_no_test_is_skipped()
    {
        // Spelled in pieces, so that this file does not find itself.
        string[] words = ["TO" + "DO", "FIX" + "ME", "NotImplemented" + "Exception", "Skip" + " = \"", "Thread" + ".Sleep"];
        Assert.All(Files, file => Assert.All(words, word => Assert.False(File.ReadAllText(file).Contains(word, StringComparison.Ordinal), $"{file}: {word}")));
    }
}
