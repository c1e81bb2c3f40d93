using System.Collections;
using System.Management.Automation;
using System.Reflection;
using ShakenFist.Blobs.Tests.Hosting;

namespace ShakenFist.Blobs.Tests.Conventions;

/// <summary>Checks the conventions for every command of the module.</summary>
public sealed class CommandConventions
{
    private static readonly string[] WritingVerbs = ["Save", "Set", "Remove", "Clear", "Copy", "Export", "Update", "Add", "New", "Send", "Publish"];

    public static TheoryData<string> Names() => [.. ModuleUnderTest.Commands().Select(c => ModuleUnderTest.NameOf(c.Cmdlet))];

    [Fact]
    public void The_manifest_exports_exactly_the_cmdlet_classes()
    {
        using Engine engine = new(import: false);
        Hashtable manifest = (Hashtable)engine.Run("$ExecutionContext.SessionState.PSVariable.Set('text', [IO.File]::ReadAllText($manifest)); & ([scriptblock]::Create($text))").Only.BaseObject;
        string[] exported = [.. ((object[])manifest["CmdletsToExport"]!).Select(o => o.ToString()!)];
        Assert.Equal(Names().Select(row => row.Data).Order(StringComparer.Ordinal), exported.Order(StringComparer.Ordinal));
        Assert.All((string[])["FunctionsToExport", "VariablesToExport", "AliasesToExport"], key => Assert.Empty((object[])manifest[key]!));
        Assert.Equal(exported.Order(StringComparer.OrdinalIgnoreCase), exported);
    }

    [Fact]
    public void The_engine_finds_the_same_commands_and_no_alias_or_function()
    {
        using Engine engine = new();
        EngineResult result = engine.Run("Get-Command -Module ShakenFist.Blobs").Good;
        Assert.Equal(Names().Select(row => row.Data).Order(StringComparer.Ordinal), result.Output.Select(o => o.Text("Name")).Order(StringComparer.Ordinal));
        Assert.All(result.Output, o => Assert.Equal("Cmdlet", o.Text("CommandType")));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_name_is_an_approved_verb_and_Sf_with_a_singular_noun(string name)
    {
        (Type type, CmdletAttribute cmdlet) = Command(name);
        IEnumerable<string> approved = typeof(VerbsCommon).Assembly.GetTypes()
            .Where(t => t is { IsPublic: true, Namespace: "System.Management.Automation" } && t.Name.StartsWith("Verbs", StringComparison.Ordinal))
            .SelectMany(t => t.GetFields(BindingFlags.Public | BindingFlags.Static))
            .Select(f => (string)f.GetRawConstantValue()!);
        Assert.Contains(cmdlet.VerbName, approved);
        Assert.Matches("^(Sf[A-Z][A-Za-z]*|ShakenFist)$", cmdlet.NounName);
        Assert.False(cmdlet.NounName.EndsWith('s') && !cmdlet.NounName.EndsWith("ss", StringComparison.Ordinal), "The noun is singular.");
        Assert.Equal($"{cmdlet.VerbName}{cmdlet.NounName}Command", type.Name);
        Assert.True(type.IsSealed);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_cmdlet_declares_its_output_types(string name) => Assert.NotEmpty(Command(name).Type.GetCustomAttributes<OutputTypeAttribute>().SelectMany(a => a.Type));

    [Theory]
    [MemberData(nameof(Names))]
    public void No_cmdlet_prompts_by_default_and_each_that_changes_something_supports_ShouldProcess(string name)
    {
        CmdletAttribute cmdlet = Command(name).Cmdlet;
        Assert.NotEqual(ConfirmImpact.High, cmdlet.ConfirmImpact);
        Assert.True(!WritingVerbs.Contains(cmdlet.VerbName) || cmdlet.SupportsShouldProcess);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Parameters_have_singular_names_and_Path_has_a_LiteralPath(string name)
    {
        (PropertyInfo Property, ParameterAttribute[] Sets)[] parameters = [.. Parameters(name)];
        Assert.DoesNotContain(parameters, p => p.Property.PropertyType.IsArray && p.Property.Name.EndsWith('s'));
        if (parameters.FirstOrDefault(p => p.Property.Name == "Path").Property is not { } path)
        {
            Assert.DoesNotContain(parameters, p => p.Property.Name == "LiteralPath");
            return;
        }

        Assert.NotNull(path.GetCustomAttribute<SupportsWildcardsAttribute>());
        PropertyInfo literal = parameters.Single(p => p.Property.Name == "LiteralPath").Property;
        Assert.Equal(["LP", "PSPath"], literal.GetCustomAttribute<AliasAttribute>()!.AliasNames.Order(StringComparer.Ordinal));
        Assert.Null(literal.GetCustomAttribute<SupportsWildcardsAttribute>());
        Assert.Equal(path.PropertyType, literal.PropertyType);
        Assert.Empty(parameters.Single(p => p.Property.Name == "Path").Sets.Select(s => s.ParameterSetName)
            .Intersect(parameters.Single(p => p.Property.Name == "LiteralPath").Sets.Select(s => s.ParameterSetName)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_command_that_connects_to_a_cluster_has_a_Session_parameter(string name)
    {
        bool hasOwnWay = name is "Connect-ShakenFist" or "Get-SfSession" or "Get-SfBlobTransfer" or "Remove-SfBlobTransfer";
        Assert.Equal(!hasOwnWay, Parameters(name).Any(p => p.Property.Name == "Session"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_default_parameter_set_of_every_cmdlet_exists(string name)
    {
        (Type _, CmdletAttribute cmdlet) = Command(name);
        if (cmdlet.DefaultParameterSetName is { } set)
        {
            Assert.Contains(set, Parameters(name).SelectMany(p => p.Sets).Select(s => s.ParameterSetName));
        }
    }

    private static (Type Type, CmdletAttribute Cmdlet) Command(string name) => ModuleUnderTest.Commands().Single(c => ModuleUnderTest.NameOf(c.Cmdlet) == name);

    private static IEnumerable<(PropertyInfo Property, ParameterAttribute[] Sets)> Parameters(string name) => Command(name).Type
        .GetProperties()
        .Select(p => (p, p.GetCustomAttributes<ParameterAttribute>().ToArray()))
        .Where(p => p.Item2.Length > 0);
}
