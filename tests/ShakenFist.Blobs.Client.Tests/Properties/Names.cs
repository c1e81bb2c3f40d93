using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using ShakenFist.Blobs.Files;
using ShakenFist.Blobs.Transfer;

namespace ShakenFist.Blobs.Client.Tests.Properties;

/// <summary>Tests file names and hashes that are derived from server text: no name refers to another directory, and no text is misinterpreted.</summary>
public sealed class NameProperties
{
    private static Gen<string> Word => Gen.OneOf(
        WrittenJsonProperties.Text,
        Gen.Elements("..", ".", "/", "\\", "a", "disk", ".qcow2", ":", "con", "NUL", "aux", "COM1", "lpt9", " ", ".sfpart", ".SFJOURNAL", "~", "$HOME", "*", "\0", "é", "\u202e").ListOf().Select(parts => string.Concat(parts)),
        Gen.Elements("raw", "qcow2", "qcow", "qed", "vmdk", "vdi", "vhdx", "vpc", "RAW", "raw/../..", "application/x-iso9660-image"));

    private static Gen<string> Hex => Gen.Elements("0123456789abcdefABCDEF".ToCharArray()).ArrayOf().Select(c => new string(c));

    [Cases(1000)]
    public Property A_default_file_name_is_in_the_directory_regardless_of_the_format_text() =>
        Prop.ForAll(ArbMap.Default.ArbFor<Guid>(), Word.ToArbitrary(), Word.ToArbitrary(), (uuid, format, type) =>
        {
            string directory = Path.GetFullPath("/data/images");
            string name = BlobFileName.Of(new SfBlob { Uuid = uuid, FileFormat = format, MimeType = type });
            return Path.GetDirectoryName(Path.GetFullPath(Path.Combine(directory, name))) == directory
                && name.StartsWith($"{uuid:D}", StringComparison.Ordinal) && (name.Length == 36 || name[36] == '.') && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.');
        });

    [Cases(2000)]
    public Property A_file_name_from_the_name_of_an_artifact_is_plain_on_every_system() =>
        Prop.ForAll(Word.ToArbitrary(), Word.ToArbitrary(), ArbMap.Default.ArbFor<bool>(), (name, disk, isInstance) =>
        {
            SfBlob blob = isInstance ? new SfBlob { Instance = name, Disk = disk } : new SfBlob { Artifact = name, Version = 7 };
            string stem = BlobFileName.StemOf(blob)!;
            string directory = Path.GetFullPath("/data/images");
            return Path.GetDirectoryName(Path.GetFullPath(Path.Combine(directory, stem))) == directory
                && stem.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_') && stem[0] is not ('.' or '-') && stem[^1] != '.'
                && stem.Length <= 203 && TargetNameRules.Windows.FindProblem(stem) is null && TargetNameRules.Windows.FindProblem(stem + ".qcow2") is null;
        });

    [Theory]
    [InlineData("debian-13", "debian-13-7")]
    [InlineData("debian 13/größe", "debian_13_gr__e-7")]
    [InlineData("..", "_.-7")]
    [InlineData("-rf", "_rf-7")]
    [InlineData(".hidden", "_hidden-7")]
    [InlineData("con", "con-7")]
    [InlineData("CON.x", "_CON_x-7")]
    [InlineData("", "_-7")]
    public void The_name_of_an_artifact_becomes_a_plain_file_name(string name, string expected) => Assert.Equal(expected, BlobFileName.StemOf(new SfBlob { Artifact = name, Version = 7 }));

    [Fact]
    public void The_name_of_a_file_is_that_of_the_instance_and_the_disk_before_that_of_the_artifact()
    {
        Assert.Equal("web-1-vda", BlobFileName.StemOf(new SfBlob { Instance = "web-1", Disk = "vda" }));
        Assert.Equal("web-1-vda-3", BlobFileName.StemOf(new SfBlob { Instance = "web-1", Disk = "vda", Artifact = "x/vda", Version = 3 }));
        Assert.Equal(new string('a', 100) + "-12", BlobFileName.StemOf(new SfBlob { Artifact = new string('a', 300), Version = 12 }));
        Assert.Null(BlobFileName.StemOf(new SfBlob { Uuid = Guid.NewGuid() }));
    }

    [Cases(2000)]
    public Property A_name_from_an_image_is_used_only_if_it_is_a_plain_name_on_every_system() =>
        Prop.ForAll(Word.ToArbitrary(), name =>
        {
            if (!BlobFileName.IsPlain(name))
            {
                return true;
            }

            string directory = Path.GetFullPath("/data/images");
            string stem = name.Split('.')[0].Trim().ToUpperInvariant();
            return Path.GetFullPath(Path.Combine(directory, name)) == Path.Combine(directory, name)
                && Path.GetFileName(name) == name && !Path.IsPathRooted(name) && name.IndexOfAny(['/', '\\', ':', '*', '?', '"', '<', '>', '|', '\0']) < 0
                && name.Trim().TrimEnd('.') == name && name.All(c => c is >= ' ' and <= '~')
                && stem is not ("CON" or "PRN" or "AUX" or "NUL") && !(stem.Length == 4 && stem[..3] is "COM" or "LPT" && char.IsDigit(stem[3]))
                && !name.EndsWith(".sfpart", StringComparison.OrdinalIgnoreCase) && !name.EndsWith(".sfjournal", StringComparison.OrdinalIgnoreCase);
        });

    [Theory]
    [InlineData("disk.qcow2")]
    [InlineData("debian 13-base_2.img")]
    [InlineData("a")]
    [InlineData("console.raw")]
    [InlineData("COM10")]
    public void An_ordinary_name_is_used(string name) => Assert.True(BlobFileName.IsPlain(name));

    [Cases(1000)]
    public Property A_hash_is_recognized_by_its_length_and_digits_in_upper_or_lower_case() =>
        Prop.ForAll(Gen.OneOf(Hex, Word, from digits in Gen.Elements(32, 40, 64, 128) from hex in Gen.Elements("0123456789abcdefABCDEF".ToCharArray()).ArrayOf(digits) select new string(hex)).ToArbitrary(), text =>
        {
            CultureInfo before = CultureInfo.CurrentCulture;
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("tr-TR");
            try
            {
                foreach (SfHashAlgorithm algorithm in Enum.GetValues<SfHashAlgorithm>())
                {
                    bool isHash = text.Length == algorithm.Digits() && text.All("0123456789abcdefABCDEF".Contains);
                    Assert.Equal(isHash, algorithm.IsHash(text));
                    Assert.Equal(text.Length == algorithm.Digits() && algorithm != SfHashAlgorithm.XXH128, HashAlgorithms.ByLength(text.Length) == algorithm);
                    PublishedHash? published = PublishedHash.Of(new SfBlob { Checksums = new() { [algorithm.ServerName()] = text } }, algorithm);
                    Assert.Equal(isHash, published is not null);
                    Assert.True(published is null || (published.Hex.All("0123456789abcdef".Contains) && published.Matches(Convert.FromHexString(text)) && !published.Matches([.. Convert.FromHexString(text), 0])));
                }

                return true;
            }
            finally
            {
                CultureInfo.CurrentCulture = before;
            }
        });

    [Cases(500)]
    public Property The_chosen_hash_is_valid_and_is_XXH128_only_if_specified() =>
        Prop.ForAll(Given.List(Gen.Elements("sha512", "sha256", "sha1", "xxh128", "md5").Zip(Gen.OneOf(Hex, Gen.Elements(new string('a', 128), new string('B', 64), new string('c', 40), new string('d', 32), "")))), published =>
        {
            SfDictionary<string> sums = new(StringComparer.OrdinalIgnoreCase);
            foreach ((string name, string value) in published)
            {
                sums[name] = value;
            }

            PublishedHash? chosen = PublishedHash.Of(new SfBlob { Checksums = sums });
            bool any = PublishedHash.Preferred.Any(a => sums.TryGetValue(a.ServerName(), out string? hex) && a.IsHash(hex));
            return any == chosen is not null
                && (chosen is null || (chosen.Algorithm != SfHashAlgorithm.XXH128 && string.Equals(sums[chosen.Algorithm.ServerName()], chosen.Hex, StringComparison.OrdinalIgnoreCase)));
        });
}
