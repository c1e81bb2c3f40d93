using System.Management.Automation;
using System.Reflection;
using System.Text.RegularExpressions;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Conventions;

/// <summary>Checks that the topic about objects lists each property of each output type, with its type.</summary>
public sealed partial class ObjectTopicConventions
{
    private const string Prefix = "\n    Type: ";

    private static readonly Dictionary<string, string> Accelerators = new()
    {
        ["Boolean"] = "bool",
        ["DateTime"] = "datetime",
        ["Double"] = "double",
        ["Guid"] = "guid",
        ["Int32"] = "int",
        ["Int64"] = "long",
        ["Object"] = "object",
        ["String"] = "string",
        ["TimeSpan"] = "timespan",
        ["Uri"] = "uri",
    };

    // Types that are only used in properties of other types.
    private static readonly string[] Parts =
    [
        "ShakenFist.Blobs.SfArtifactVersion", "ShakenFist.Blobs.SfImagePartition", "ShakenFist.Blobs.SfInstanceDisk", "ShakenFist.Blobs.SfRepairedRange",
    ];

    private static readonly Dictionary<string, string> Sections = HelpPage.Split(
        File.ReadAllText(Path.Combine(HelpPage.Folder, "about_ShakenFist_Blobs_Objects.help.txt")).ReplaceLineEndings("\n"), Prefix[1..])
        .ToDictionary(section => section.Title, section => NextHeading().Split(section.Body)[0]);

    public static TheoryData<string> Names() =>
    [
        .. ModuleUnderTest.Commands()
            .SelectMany(command => command.Type.GetCustomAttributes<OutputTypeAttribute>())
            .SelectMany(output => output.Type.Select(type => type.Type))
            .Where(type => type.Assembly == ModuleUnderTest.ClientAssembly)
            .Select(type => type.FullName!)
            .Concat(Parts)
            .Distinct()
            .Order(StringComparer.Ordinal),
    ];

    [Fact]
    public void The_topic_has_exactly_one_section_for_each_type() =>
        Assert.Equal(Names().Select(row => row.Data), Sections.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_property_is_listed_with_its_type(string name)
    {
        IEnumerable<string> live = Properties(name).Select(property => $"{property.Name} [{NameOf(property.PropertyType)}]");
        Assert.Equal(live.Order(StringComparer.Ordinal), Entry().Matches(Sections[name]).Select(entry => entry.Groups["entry"].Value).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_value_of_an_enumeration_is_explained(string name)
    {
        IEnumerable<string> values = Properties(name)
            .Select(property => Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType)
            .Where(type => type.IsEnum)
            .SelectMany(Enum.GetNames)
            .Where(value => value != "None");
        Assert.All(values, value => Assert.Matches($@"\b{value}\b", Sections[name]));
    }

    private static PropertyInfo[] Properties(string type) =>
        ModuleUnderTest.ClientAssembly.GetType(type, throwOnError: true)!.GetProperties(BindingFlags.Public | BindingFlags.Instance);

    private static string NameOf(Type type)
    {
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain switch
        {
            { IsArray: true } => NameOf(plain.GetElementType()!) + "[]",
            { IsGenericType: true } => $"{plain.Name.Split('`')[0]}[{string.Join(',', plain.GetGenericArguments().Select(NameOf))}]",
            _ => Accelerators.GetValueOrDefault(plain.Name, plain.Name),
        };
    }

    [GeneratedRegex(@"^    (?<entry>[A-Z]\w* \[.+\])$", RegexOptions.Multiline)]
    private static partial Regex Entry();

    [GeneratedRegex(@"^(?=[A-Z][A-Z ]+$)", RegexOptions.Multiline)]
    private static partial Regex NextHeading();
}
