using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Conventions;

/// <summary>Checks conventions of the source files that the compiler does not check.</summary>
public sealed class SourceConventions
{

    private static readonly string[] Files =
    [
        .. ((string[])["src", "tests"]).SelectMany(folder => Directory.EnumerateFiles(Path.Combine(ModuleUnderTest.Root, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin")),
    ];

    [Fact]
    public void No_file_contains_open_tasks_or_skipped_tests()
    {
        // The words are split, so that this file does not match.
        string[] words = ["TO" + "DO", "FIX" + "ME", "NotImplemented" + "Exception", "Skip" + " = \"", "Thread" + ".Sleep"];
        Assert.All(Files, file => Assert.All(words, word => Assert.False(File.ReadAllText(file).Contains(word, StringComparison.Ordinal), $"{file}: {word}")));
    }
}
