using System.Globalization;
using ShakenFist.Blobs.Packager;

PackagerOptions options;
try
{
    options = PackagerOptions.Parse(args);
}
catch (FormatException e)
{
    Console.Error.WriteLine(e.Message + " Use --help to list the options.");
    return 2;
}

if (options.Help)
{
    Console.WriteLine(PackagerOptions.Usage);
    return 0;
}

try
{
    string layout = options.Layout ?? ReleaseBuild.LayOut();
    ModulePackage package = ModulePackage.Of(
        layout, File.ReadAllText(Repository.PathOf("CHANGELOG.md")), Repository.PathOf("docs", "images", "icon.png"));
    string lockFile = File.ReadAllText(Repository.PathOf("src", "ShakenFist.Blobs.Resilience", "packages.lock.json"));
    string bill = BillOfMaterials.Of(package, LockFile.Read(lockFile));

    string output = Directory.CreateDirectory(options.Output ?? Repository.PathOf("artifacts", "package", "release")).FullName;
    string path = Path.Combine(output, package.FileName);
    File.WriteAllBytes(path, package.Archive);

    // The format that sha256sum --check reads.
    File.WriteAllText(path + ".sha256", $"{ModulePackage.Sha256(package.Archive)}  {package.FileName}\n");
    File.WriteAllText(Path.ChangeExtension(path, ".cdx.json"), bill);

    Console.WriteLine(path);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{package.Archive.Length / 1024.0:F0} KiB, {package.Files.Count} files of {package.Files.Sum(f => (long)f.Content.Length) / 1024.0:F0} KiB"));
    Console.WriteLine($"SHA-256 {ModulePackage.Sha256(package.Archive)}");
    return 0;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
