using System.Diagnostics;

namespace ShakenFist.Blobs.Packager;

/// <summary>Builds the module in the Release configuration into a separate directory, because out/ contains the last build of any configuration.</summary>
internal static class ReleaseBuild
{
    /// <summary>Builds the module and returns the layout directory.</summary>
    /// <exception cref="IOException">The build failed.</exception>
    public static string LayOut()
    {
        string layout = Repository.PathOf("artifacts", "layout", "ShakenFist.Blobs");
        if (Directory.Exists(layout))
        {
            // The package must not contain files of an earlier build.
            Directory.Delete(layout, recursive: true);
        }

        // A build server that keeps running would keep the output stream of the calling process open.
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
