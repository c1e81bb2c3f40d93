using System.Diagnostics;

namespace ShakenFist.Blobs.Packager;

/// <summary>The module, built in Release and laid out by itself: what is in out/ is the last build's, of whatever configuration.</summary>
internal static class ReleaseBuild
{
    /// <summary>Returns the layout.</summary>
    /// <exception cref="IOException">It could not be built.</exception>
    public static string LayOut()
    {
        string layout = Repository.PathOf("artifacts", "layout", "ShakenFist.Blobs");
        if (Directory.Exists(layout))
        {
            // Nothing of an earlier build may find its way into the package.
            Directory.Delete(layout, recursive: true);
        }

        // No build server is left behind, which would hold on to the output of whoever has started this.
        string[] arguments =
        [
            "build", Repository.PathOf("src", "ShakenFist.Blobs"), "--configuration", "Release", "--verbosity", "quiet", "--nologo",
            $"-property:ModuleLayoutPath={layout}{Path.DirectorySeparatorChar}", "-property:UseSharedCompilation=false", "-nodeReuse:false",
        ];
        using Process build = Process.Start(new ProcessStartInfo("dotnet", arguments) { UseShellExecute = false })!;
        build.WaitForExit();
        return build.ExitCode == 0 ? layout : throw new IOException($"dotnet {string.Join(' ', arguments)} failed with exit code {build.ExitCode}.");
    }
}
